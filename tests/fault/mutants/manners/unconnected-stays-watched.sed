# daemon/net/multi.c: a socket that was never connected stays watched when libcurl has closed it
s/bool open = is_open(s, fd);/bool open = fd >= 0;/
