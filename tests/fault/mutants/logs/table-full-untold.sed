# daemon/base/log_repeat.c: what makes room for another trouble is not told
s/^\tif (best->used && best->count > 0)$/\tif (best == NULL)/
