# daemon/net/fetch.c: a form is posted over a kept connection, and again when that was dead
s/^	x->fresh = x->posts;$/	x->fresh = false;/
