# daemon/pipe/hosts.c 054-slow-feeds: a request that turns out to be slow keeps its place
s#turn->since + patience(h) <= now) {#false) {#
