# daemon/store/stores_compress.c recovery_is_believed: the original goes before its copy is on the disk
/^static bool compress_all/,/^}/s/c->fs->sync(c->fs, c->to) < 0/false/
