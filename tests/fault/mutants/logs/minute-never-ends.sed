# daemon/base/log_repeat.c: what is counted is told when the daemon ends, and not before
s/r->written_at >= WINDOW_MS/r->written_at >= WINDOW_MS * 1000/
