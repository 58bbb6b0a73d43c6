# daemon/store/stores_file.c: the piece of a line that was written is not counted
/^static void account/,/^}/s/st->partial = lines ? .*/st->partial = 0;/
