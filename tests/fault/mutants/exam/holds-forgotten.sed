# daemon/pipe/hold.c 041-retry-after-host: a host that asked to be left alone is asked after a restart by feeds that did not hear it
s/if (host \&\& s->holds_host \&\& left > 0)/if (!host)/
