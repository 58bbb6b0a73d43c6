# daemon/net/multi.c: a socket that was never connected stays watched when libcurl has closed it
s/return state == SOCKET_USED ? SOCKET_IDLE : SOCKET_FOREIGN;/return SOCKET_IDLE;/
