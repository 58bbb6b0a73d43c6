# daemon/store/stores_keep.c: a closed file is deleted before it is compressed
s/return s->policy.compress \&\& plain_name(f).*/return false;/
