# daemon/pipe/housekeep.c power_is_cut_at_every_step: who was told of a record does not find it in the stores after a power cut
s/x->house.sync_at = now;/x->house.sync_at = soon;/
