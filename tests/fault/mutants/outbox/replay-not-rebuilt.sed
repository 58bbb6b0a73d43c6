# daemon/pipe/rebuild.c 137-replay: a state that is made again does not know what was replayed
s/return replays_remember(r->x, seq,/return replays_remember(r->x, seq + 1,/
