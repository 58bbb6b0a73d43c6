# daemon/store/stores_match.c power_is_cut_after_a_failure: a torn line is written again behind its torn piece
/^static bool put_line/,/^}/s/line.p + have, line.n - have, m->pos + (int64_t)have/line.p, line.n, m->pos + (int64_t)have/
