# daemon/pipe/apply.c 140-event-alert: what the entry of an event owes is not read
s/^	return owe(a, &(struct owed){ true.*$/	return true;/
