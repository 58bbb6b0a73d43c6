# daemon/pipe/commit.c 186-address-of-a-held-one: an entry that was being asked elsewhere forgets what its new address asked for
s#p->delay = f->state.due_at > wall(x) ? f->state.due_at - wall(x) : 0;#p->delay = 0;#
