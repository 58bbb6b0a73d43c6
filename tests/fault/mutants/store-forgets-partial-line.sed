# daemon/store/stores_file.c every_write_tears: the piece of a line that was written is not counted
/^static void account/,/^}/s/st->partial = lines ? .*/st->partial = 0;/
