# daemon/store/stores_file.c: the folder is not synced after a rotation
/^bool store_sync/,/^}/s/if (st->folder_dirty && /if (false \&\& /
