# daemon/net/hop.c: a connection serves one request
s/wanted \&\& room ? 0L : 1L/1L/
