# daemon/store/stores_recover.c recovery_fails: a store that could not be brought forward counts as brought forward
/^static void end_one/,/^}/s/store_lag(st, false);/st->tail_lsn = s->applied_lsn; st->lagging = false;/
