# daemon/pipe/hub.c 190-websub-hub-held-on: a 429 of a host that a hub redirects to does not hold there
s/hold(x, speaker, ms);/(void)speaker;/
