# daemon/pipe/move.c: temporary redirects count as permanent
s/if (r->redirects\[i\].status != 301 \&\& r->redirects\[i\].status != 308)/if (false)/
