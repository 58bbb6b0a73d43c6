# daemon/pipe/hosts.c 054-slow-feeds: a request that turns out to be slow keeps its place
s/while (gives_way_at(h) <= now) {/while (false) {/
