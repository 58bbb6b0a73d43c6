# daemon/pipe/move.c: a permanent redirect is believed when it is answered for the second time
s/(\*m)->count < (uint64_t)c->fetch->move_confirm ||/(*m)->count < 2)/
s/^\t    now - (\*m)->since < c->fetch->move_span)$//
