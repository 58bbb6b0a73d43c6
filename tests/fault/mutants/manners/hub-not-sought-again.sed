# daemon/pipe/roster.c 174-websub-returns: a feed that comes back is not asked for its hub
s/^	seek_hubs(&x->roster);$//
