# daemon/store/stores_keep.c: what could not be compressed is never deleted
s/ && !names_among(&s->uncompressible, f)//
