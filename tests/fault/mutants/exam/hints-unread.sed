# daemon/pipe/rhythm.c 046-hints: ttl, skipped hours and days say nothing
s/return r->hints \&\& r->fetch->obey_hints;/return false;/; s/return hints \&\& f->obey_hints ? .*;/return 0;/
