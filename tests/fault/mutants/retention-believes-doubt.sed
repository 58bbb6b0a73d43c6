# daemon/store/stores_keep.c: the files of a store that does not know where it stands are deleted
s/return st && st->lagging.*/return false;/
