# daemon/store/stores_file.c power_is_cut_after_a_failure: a failed sync is simply tried again
/^bool store_sync(/,/^}/s/store_sync_failed(s, st);//
