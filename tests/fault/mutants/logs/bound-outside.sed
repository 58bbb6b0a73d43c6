# daemon/pipe/measure.c: what falls on a bound is counted above it
s/ms > kinds\[k\].le\[i\]/ms >= kinds[k].le[i]/
