# daemon/pipe/websub.c 190-websub-hub-held-on: a 429 of a hub is forgotten with the subscription that heard it
s/if (heir \&\& heir->held_until < s->held_until)/if (heir \&\& !heir)/
