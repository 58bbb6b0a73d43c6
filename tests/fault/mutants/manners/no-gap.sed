# daemon/pipe/hosts.c 050-per-host.txt: there is no pause between two requests to a host
s/x->gap = rule ? rule->gap : limits->gap;/x->gap = 0;/
