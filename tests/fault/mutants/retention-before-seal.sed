# daemon/store/stores_keep.c: a closed file is deleted before it is sealed
s/is_chained(s, f) \&\& seal_is_due/false \&\& seal_is_due/
