# daemon/store/stores_file.c every_write_tears: what a short write left over is forgotten
/^static void account/,/^}/s/buf_shift(&st->pending, done);/buf_clear(\&st->pending);/
