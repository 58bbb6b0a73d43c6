# daemon/pipe/move.c: a move is believed however little time passed
s/now - (\*m)->since < c->fetch->move_span/false/
