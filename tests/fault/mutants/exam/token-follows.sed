# daemon/net/hop.c: a token follows to another origin
s/return line != LINE_AUTHORIZATION || x->credentials;/return true;/
