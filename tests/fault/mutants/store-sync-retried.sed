# daemon/store/stores_file.c power_is_cut_after_a_failure: a failed sync is simply tried again
/^bool store_sync/,/^}/{s/store_detach(s, st);//;s/store_lag(st, true);//;s/st->rewrite = true;//}
