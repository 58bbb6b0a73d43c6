# daemon/pipe/address.c 158-not-moved: a feed is found to have moved to an empty document
s/p->after.empty ? TIE_EMPTY : p->tie/p->tie/
