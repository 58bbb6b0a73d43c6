# daemon/net/fetch.c: no compression is asked for
s/"Accept-Encoding", DECODE_ACCEPTED, e/"Accept-Encoding", NULL, e/
