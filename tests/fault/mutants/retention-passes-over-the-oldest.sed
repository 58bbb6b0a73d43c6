# daemon/store/stores_keep.c: a younger file goes in the place of the oldest, which waits for its seal
/k->out->held++;/{n;s/return true;/continue;/}
