# daemon/pipe/engine.c every_call_fails_for_a_while: a group that could not be written is taken for durable
s/commit_done(x, failure)/commit_done(x, NULL)/
