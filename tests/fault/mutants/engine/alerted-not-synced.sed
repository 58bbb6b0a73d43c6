# daemon/pipe/delivery.c: a script is started and the record that it is told of stays in memory
/x->house\.sync_at = mono(x);/d
