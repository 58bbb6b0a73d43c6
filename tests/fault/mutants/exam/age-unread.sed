# daemon/pipe/reaction.c: Age is not counted against max-age
s/return ms > spent ? ms - spent : 0;/return ms;/
