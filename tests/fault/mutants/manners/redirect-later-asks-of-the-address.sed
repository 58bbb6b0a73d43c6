# daemon/pipe/address.c 165-redirect-waits-briefly: what is found after the wait is taken for an answer without redirects
s,if (!p->resumed && ,if (,
