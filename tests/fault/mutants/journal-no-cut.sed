# daemon/store/journal.c failure_then_kill: a segment is not cut at the first number of its successor: a failed copy comes back
/^static uint64_t slot_below/,/^}/s/i + 1 < tail ?/i + 1 < tail \&\& false ?/
