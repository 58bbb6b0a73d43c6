# daemon/pipe/poll.c 030-conditional: with an ETag the Last-Modified is not sent
s/\.last_modified = p->whole ? NULL/.last_modified = p->whole || feedtext(s->texts, FEEDTEXT_ETAG) ? NULL/
