# daemon/pipe/sub.c 179-websub-one-hub: a 429 of a hub is forgotten with a restart
s/buf_le64(out, (uint64_t)s->held_until);/buf_le64(out, 0);/
