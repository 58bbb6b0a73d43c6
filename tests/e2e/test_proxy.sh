#!/bin/sh
# A proxy that asks who comes: the password is read from its file, a wrong one is named and slows the feed down, a corrected one is taken without
# a reload, and none of them is ever written anywhere. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"

python3 "$root/tests/e2e/asking_proxy.py" "$T/url" watch:s3cr3t >"$T/proxied" 2>"$T/proxy.log" &
started="$started $!"
wait_for test -s "$T/url" || { echo "Bail out! the proxy does not start"; exit 99; }
proxy=$(cat "$T/url")
(umask 077 && echo 'wr0ng' >"$T/password")
write_conf
add_feed plain http://feeds.example/f "proxy: $proxy" "proxy_username: watch" "proxy_password_file: $T/password"
add_feed tunnel https://feeds.example/f "proxy: $proxy" "proxy_username: watch" "proxy_password_file: $T/password"
start_daemon

proxied() { # TEXT [AT-LEAST]
	[ "$(grep -cF -- "$1" "$T/proxied")" -ge "${2:-1}" ]
}


wait_check "a wrong password: the poll says so" has_poll plain 'the proxy refused: status 407'
wait_check "also where a tunnel was asked for" has_poll tunnel 'the proxy refused: status 407'
check "and which keys to look at" has_poll plain proxy_password_file
wait_check "it is tried again" has_poll plain 'status 407' 3
pauses=$(grep -F '"feed":"plain"' "$polls" | value next | head -n 3)
grows=$(echo "$pauses" | python3 -c 'import datetime, sys
at = [datetime.datetime.fromisoformat(line.strip()[:-1]) for line in sys.stdin]
print(at[2] - at[1] > (at[1] - at[0]) * 1.2)')
is "after longer and longer pauses" "$grows" True
check "nothing is taken from a proxy that refuses" [ ! -s "$items" ]

echo 's3cr3t' >"$T/password"
wait_check "the right one is taken from the file by the next poll" proxied 'passed http://feeds.example/f'
wait_check "and the feed is read" has_lines "$items" 1
wait_check "the tunnel's failure is another one now" has_poll tunnel 'the proxy refused: status 502'

rm "$T/password"
wait_check "a file that is gone: nothing is asked without it" has_poll plain 'holds no secret'
stop_daemon
is "TERM ends with 0" "$status" 0
check "no password was written anywhere" sh -c '! grep -rqE "s3cr3t|wr0ng|d2F0Y2g6" "$@"' sh "$T/log" "$T/state" "$T/daemon.log"

rm "$T"/feeds.d/*
echo 's3cr3t' >"$T/password"
sed -i "s|^fetch:|&\n  proxy: $proxy\n  proxy_username: watch\n  proxy_password_file: $T/password|" "$T/gazetted.yaml"
"$build/gazettectl" feeds discover -c "$T/gazetted.yaml" http://feeds.example/found >"$T/out" 2>"$T/err"
check "discover goes by it too" proxied 'passed http://feeds.example/found'

plan
