# daemon/net/redirect.c: a password follows to another origin
s/x->credentials = x->credentials \&\& move.same_origin;/x->credentials = true;/
