# daemon/pipe/apply.c: the state says that it has applied one entry more than it has
s/state_commit(s, a->last_lsn, /state_commit(s, a->last_lsn + 1, /
