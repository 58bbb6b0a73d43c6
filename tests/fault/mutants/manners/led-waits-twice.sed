# daemon/pipe/twins.c 166-one-address-archive-waits: a feed that waited for its archive when its leader went stands in two queues
s/host_leave(x->hosts, &f->turn); .*/(void)0;/
