# daemon/pipe/owe.c 130-confirmed: what waits for a person does not wait
s/d\.status = DELIVERY_HELD;/d.status = DELIVERY_PENDING;/
