# daemon/pipe/poll.c 165-redirect-waits-briefly: a redirect that asks for a few seconds makes its feed one that fails
s/return !p->archive && !p->resumed && p->after.failures == 0;/return false;/
