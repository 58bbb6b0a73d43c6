# daemon/pipe/move.c: a move is believed after the time alone, however few answers there were
s/(\*m)->count < (uint64_t)c->fetch->move_confirm ||/false ||/
