# daemon/store/state_transaction.c: a group goes on although one before it was lost
/^bool state_go_on/,/^}/s/if (state_has_lost(s))/if (0)/
