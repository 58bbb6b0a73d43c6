# daemon/store/stores_file.c recovery_is_believed: a checkpoint without a sync of the file
/^bool store_sync/,/^}/s/st->dirty && s->fs->sync/false \&\& s->fs->sync/
