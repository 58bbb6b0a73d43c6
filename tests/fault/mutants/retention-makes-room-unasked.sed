# daemon/store/stores_keep.c: files are deleted for room though nothing allows it
s/free_bytes >= 0 && s->policy.keep_free > 0/free_bytes >= 0/;s/keep_free - free_bytes/keep_free - free_bytes + 1/
