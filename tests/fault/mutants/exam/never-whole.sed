# daemon/pipe/trust.c 154-false-304: 304s are believed for ever
s/return now < t->whole_at || now - t->whole_at >= c->probe_gap;/return false;/
