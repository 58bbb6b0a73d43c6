# daemon/store/stores_match.c: a hole is passed over
/^static bool put_line/,/^}/s/m->rewrite || same == HOLED/m->rewrite/
