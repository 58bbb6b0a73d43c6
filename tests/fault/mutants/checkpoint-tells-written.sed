# daemon/store/stores_checkpoint.c: the checkpoint tells what was written, not what was synced
/^static void record_encode/,/^}/s/st->synced.lsn/st->tail_lsn/
