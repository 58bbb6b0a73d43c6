# daemon/pipe/commit.c 186-address-of-a-held-one: an entry that was being asked elsewhere forgets what its new address asked for
s#p->after.due_at = f->state.due_at;#p->after.due_at = 0;#
