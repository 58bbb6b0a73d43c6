# daemon/pipe/hasten.c 129-: what waits for a retry is due when the clock is where it was
s/\.now_ms = now,/.now_ms = INT64_MAX \/ 4,/
