# daemon/pipe/gather.c 126-burst: a burst is said to be one, and nothing is gathered
s/^	return state_delivery_gather(x->parts.*$/	return true;/
