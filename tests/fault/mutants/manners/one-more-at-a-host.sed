# daemon/pipe/hosts.c 053-slow-host: a host is asked for one thing more at a time than is allowed
s/x->per_host = (uint32_t)(\(.*\));/x->per_host = (uint32_t)(\1) + 1;/
