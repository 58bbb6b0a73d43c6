# daemon/pipe/apply.c 137-replay: a record that was replayed is not remembered: asked again, it is written again
s/!replays_remember(a->x, item\.replays, item\.topic, a->e)/false/
