# daemon/net/multi.c: the next address of a host is connected to, and nobody hears of it
s/bool watched = s->state == SOCKET_CONNECTING;/bool watched = false;/
