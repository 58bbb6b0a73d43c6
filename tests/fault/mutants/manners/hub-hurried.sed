# daemon/pipe/hub.c 175-websub-hub-waits: a hub's Retry-After is not obeyed
s/return pause > asked ? pause : asked;/return pause;/
