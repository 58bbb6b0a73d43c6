# daemon/pipe/hub.c 175-websub-hub-waits-for-each: a feed's own bound of what a hub may ask for is not read
s/most = hub_manners(x, s)->retry_after_max/most = x->conf->fetch.retry_after_max/
