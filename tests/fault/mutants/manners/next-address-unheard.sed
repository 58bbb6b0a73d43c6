# daemon/net/multi.c: the next address of a host is connected to, and nobody hears of it
s/if (before == SOCKET_CONNECTING) {/if (before == SOCKET_CONNECTING \&\& fd < 0) {/
