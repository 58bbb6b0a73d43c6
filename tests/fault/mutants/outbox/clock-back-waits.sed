# daemon/pipe/hasten.c 129-: what waits for a retry is due when the clock is where it was
s/h.due_ms = now + delivery_step(a, i);/h.due_ms = INT64_MAX;/
