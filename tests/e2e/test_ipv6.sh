#!/bin/sh
# A feed at a literal IPv6 address: asked where the configuration allows its network, refused where it does not. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"

echo "1 news" | write_feed news
python3 -u -m http.server 0 --bind ::1 --directory "$T/www" >"$T/served" 2>"$T/server.log" &
server=$!
started="$started $server"
wait_for sh -c 'grep -q "^Serving" "$1" || ! kill -0 "$2" 2>/dev/null' sh "$T/served" "$server"
port=$(sed -n 's/.*\[::1\]:\([0-9]*\).*/\1/p' "$T/served")
[ -n "$port" ] || skip_all "the loopback interface has no IPv6 address: $(tail -n 1 "$T/server.log")"

write_conf
add_feed allowed "http://[::1]:$port/news.rss" "allow_networks: [\"::1/128\"]"
add_feed elsewhere "http://[0:0::1]:$port/news.rss" "allow_networks: [\"fd00::/8\"]"
add_feed mapped "http://[::ffff:10.0.0.1]:$port/news.rss" "allow_networks: [\"::1/128\"]"
poll_once
check "a feed at [::1] is read" has_poll allowed '"result":"ok","items":1,"new":1'
is "its item is stored" "$(lines "$items")" 1
check "another spelling, not allowed there: refused" has_poll elsewhere 'is a private address'
check "an IPv4 address written as IPv6: refused" has_poll mapped '10.0.0.1 is a private address'
is "the server was asked by one of them" "$(grep -c 'GET /news.rss' "$T/server.log")" 1

plan
