# daemon/pipe/poll.c 191-pin-elsewhere: where a feed was led to is not held to its pin
s/secrets || !p->archive ? c->fetch->pin/secrets ? c->fetch->pin/
