# daemon/pipe/poll.c 058: a server that closes instead of answering is asked twice each time
s/: s->failures > 0 \&\& s->status == 0/: s->failures > 99/
