# daemon/store/stores.c every_step_fails_for_ever: the journal is released up to the fastest store
/^bool stores_checkpoint/,/^}/s/if (s->list\[i\]->synced.lsn < \*lsn)/if (false)/
