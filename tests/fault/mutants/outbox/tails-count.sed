# daemon/pipe/work.c 141-tails: what recurs at the end of a feed's items counts
s/w->again ? tails_end(&w->tails, text) : text.n/text.n/
