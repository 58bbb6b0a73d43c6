# daemon/store/stores_takeover.c: the original goes before the name of its copy is on the disk
s/ && t->fs->sync_dir(t->fs, directory) == 0//
