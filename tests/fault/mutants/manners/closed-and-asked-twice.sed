# daemon/pipe/poll.c 058: a server that closes instead of answering is asked twice each time
s/\.fresh_connection = s->failures > 0/.fresh_connection = s->failures > 99/
