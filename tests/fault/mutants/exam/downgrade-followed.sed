# daemon/net/fetch.c: a redirect from https to http is followed
s/if (move.downgrade)/if (false)/
