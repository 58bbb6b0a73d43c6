# daemon/net/multi.c: the next address of a host is tried only when its time is over
s/f->gave_up = s->opener->gave_up = true;/f->gave_up = s->opener->gave_up = false;/
