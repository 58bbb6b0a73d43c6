# daemon/net/fetch.c: a form is posted over a kept connection, and again when that was dead
s/^	x->fresh = x->posts || req->fresh_connection;$/	x->fresh = req->fresh_connection;/
