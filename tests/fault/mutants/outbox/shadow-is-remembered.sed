# daemon/pipe/rebuild.c 140-shadow: a state made again takes what a shadow said for what was told
s/if (!json_is_true(json_object_get(t, "shadow")))/if (t)/
