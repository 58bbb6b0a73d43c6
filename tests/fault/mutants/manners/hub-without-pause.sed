# daemon/pipe/hub.c 179-websub-one-hub: subscriptions at one hub are asked for all at once
s/host_asked(x->hosts, host, mono(x));/;/
