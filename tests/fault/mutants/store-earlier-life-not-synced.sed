# daemon/store/stores_file.c recovery_is_believed: bytes of an earlier life are believed to be on the disk
/^bool store_attach/,/^}/s/st->dirty = info.size > 0;/st->dirty = false;/
