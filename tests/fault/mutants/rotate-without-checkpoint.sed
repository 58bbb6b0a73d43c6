# daemon/store/stores_file.c power_is_cut_at_every_change: the old file is renamed before it is written down as complete
/^bool store_rotate/,/^}/s/store_sync(s, st, e) && checkpoint_write(s, e) && //
