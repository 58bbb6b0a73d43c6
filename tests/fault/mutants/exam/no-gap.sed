# daemon/pipe/hosts.c 050-per-host.txt: there is no pause between two requests to a host
s|^\treturn x->rule ? h->limits.rules\[x->rule - 1\].gap : h->limits.gap;|\treturn 0;|
