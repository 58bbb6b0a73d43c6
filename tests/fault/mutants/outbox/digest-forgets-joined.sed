# daemon/pipe/gather.c 120-digest: members of a digest are not marked: they are delivered again with every one
/return state_delivery_put(s, &j->d, e) &&/,/;/c\	return state_delivery_put(s, \&j->d, e);
