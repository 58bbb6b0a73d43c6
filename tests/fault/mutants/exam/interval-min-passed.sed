# daemon/pipe/rhythm.c 149-slow-least: an interval below interval_min is kept
s/larger(f->interval_min, usual(r, why) >> halvings)/usual(r, why) >> halvings/; s/if (delay < r->fetch->interval_min)/if (false)/
