# daemon/store/journal.c recovery_fails: the number is given out before the group is written
/^bool journal_commit/,/^}/s/total = group_seal/atomic_store(\&j->next_lsn, g->first_lsn + g->count); total = group_seal/
