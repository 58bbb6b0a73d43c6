# daemon/pipe/websub.c 175-websub-hub-waits: a hub's Retry-After is not obeyed
s/(pause > asked ? pause : asked)/pause/
