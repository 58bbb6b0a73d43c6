# daemon/store/stores_checkpoint.c recovery_is_believed: the checkpoint tells what was written, not what was synced
/^static void record_encode/,/^}/s/synced->lsn/st->tail_lsn/
