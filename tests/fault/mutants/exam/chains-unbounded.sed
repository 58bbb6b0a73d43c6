# daemon/net/redirect.c: a chain is followed as far as there is room
s/if (x->hop > x->redirects_max)/if (x->hop > NET_REDIRECTS_MAX)/
