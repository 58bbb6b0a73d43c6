# daemon/pipe/validators.c 030-conditional: a 304 without validators drops those that we have
s/adopt_validators(p, true)/adopt_validators(p, false)/
