# daemon/pipe/poll.c 165-redirect-waits-briefly: the time until a redirect was followed is no part of the interval
s/ + hold_before(p) : 0,/ : 0,/
