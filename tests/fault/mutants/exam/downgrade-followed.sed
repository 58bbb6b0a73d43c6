# daemon/net/redirect.c: a redirect from https to http is followed
s/if (move.downgrade)/if (false)/
