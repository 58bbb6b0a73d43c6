# daemon/pipe/owe.c 146-event-alert-state-lost: the key of an event's delivery is another one when its entry is applied again
s/^	buf_str(key, o->key);/&buf_u64(key, (uint64_t)wall(x));/
