# daemon/store/stores_match.c power_is_cut_at_every_change: a hole is passed over
/^static bool put_line/,/^}/s/m->rewrite || same == HOLED/m->rewrite/
