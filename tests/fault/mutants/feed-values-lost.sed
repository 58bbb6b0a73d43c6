# daemon/feed/sax.c: attributes that had no memory are left out
s/ || x->values.failed || x->run.failed//
