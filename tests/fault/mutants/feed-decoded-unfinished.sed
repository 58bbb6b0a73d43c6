# daemon/feed/charset.c: a text that could not be decoded for want of memory is taken as it was
s/if (found.nomem || out->failed)/if (found.nomem)/
