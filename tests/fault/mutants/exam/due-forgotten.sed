# daemon/pipe/feedstate.c 150-hold-killed: when a feed is due is forgotten over a restart, a Retry-After with it
s/out->due_at = (int64_t)rd_le64(&r);/(void)rd_le64(\&r);/; s/out->hold_until = (int64_t)rd_le64(&r);/(void)rd_le64(\&r);/
