# daemon/pipe/gate.c 089-alert-stream-turns: lines that wait for their stream are not seen by the rate, which lets many more in
s/most ? queued_of(x, a) : 0/most ? 0 * queued_of(x, a) : 0/
