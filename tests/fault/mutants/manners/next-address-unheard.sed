# daemon/net/multi.c: the next address of a host is connected to, and nobody hears of it
s/bool watched = state_of(f, fd) == SOCKET_CONNECTING;/bool watched = false;/
