# daemon/net/multi.c: a socket that was never connected stays watched when libcurl has closed it
s/return s->cookie == cookie_of(fd) ?/return fd >= 0 ?/
