# daemon/pipe/validators.c 030-conditional: a validator that the server dropped is kept
s/adopt_validators(p, false)/adopt_validators(p, true)/
