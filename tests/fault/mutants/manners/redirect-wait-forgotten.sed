# daemon/pipe/feedstate.c 164-redirect-waits: where a redirect pointed is forgotten over a restart
s/put_text(out, f->resume);/put_text(out, NULL);/
