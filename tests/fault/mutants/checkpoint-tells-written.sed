# daemon/store/stores_checkpoint.c recovery_is_believed: the checkpoint tells what was written, not what was synced
/^static void record_encode/,/^}/s/st->synced.lsn/st->tail_lsn/
