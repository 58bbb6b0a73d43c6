# daemon/pipe/hold.c 186-address-of-a-held-one: the hold of an entry that left goes to new ones alone
s#f->state.url != s->url || f->state.due_at ||#f->state.url != s->url || !f->is_new || f->state.due_at ||#
