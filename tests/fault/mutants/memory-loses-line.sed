# daemon/store/stores_file.c every_allocation_fails: a line for which there was no memory is forgotten
/^void store_take/,/^}/s/st->pending.failed || st->marks.failed/false/
