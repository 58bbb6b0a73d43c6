# daemon/store/stores_match.c every_change_is_the_last: a start goes on at the end of the file without looking at what stands there
/^static bool begin_doubtful/,/^}/s/m->pos = st->synced.offset;/m->pos = info.size;/
