# daemon/store/stores_keep.c: at the hard bound a file still waits for its seal
s/if (why != STORES_HARD && awaits_job/if (awaits_job/
