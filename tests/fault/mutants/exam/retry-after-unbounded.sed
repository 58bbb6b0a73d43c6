# daemon/pipe/rhythm.c 152-hold-bounded: an absurd Retry-After is obeyed without a bound
s/smaller(r->retry_after, r->fetch->retry_after_max)/r->retry_after/
