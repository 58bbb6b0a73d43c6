# daemon/pipe/feedstate.c 164-redirect-waits: where a redirect pointed is forgotten over a restart
s/put_text(f, FEEDTEXT_RESUME, out);/buf_le32(out, 0);/
