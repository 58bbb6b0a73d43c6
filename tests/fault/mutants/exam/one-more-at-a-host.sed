# daemon/pipe/hosts.c 053-slow-host: a host is asked for one thing more at a time than is allowed
s|^\treturn \(x->rule ? h->limits.rules\[x->rule - 1\].per_host : h->limits.per_host\);|\treturn (\1) + 1;|
