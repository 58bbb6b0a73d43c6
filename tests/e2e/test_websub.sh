#!/bin/sh
# WebSub with the real daemon and a hub in Python: subscribing, pushes, signatures, what hubs may not do, restarts, the end. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"

python3 "$root/tests/e2e/websub_hub.py" "$T" >"$T/hub.log" 2>&1 &
started="$started $!"
wait_for test -s "$T/url" || { echo "Bail out! the hub does not start"; exit 99; }
url=$(cat "$T/url")

hub() { # PATH
	curl -sS "$url/-/$1"
}

begin_daemon() {
	: >"$T/daemon.log"
	start_daemon
	wait_for logged "listening address=" || { echo "Bail out! the daemon does not listen"; exit 99; }
	sed -n 's/.*listening address=.* port=\([0-9]*\).*/\1/p' "$T/daemon.log" >"$T/port"
}

hub_has() { # LINE [AT-LEAST]
	[ "$(hub requests | grep -c "^$1\$")" -ge "${2:-1}" ]
}

pushed_is() { # ITEMS STATUS
	[ "$(hub "push?items=$1")" = "$2" ]
}

links() {
	item_links | sed 's|.*/||' | tr '\n' ' '
}

own() { # STATUS of a request to the daemon itself
	curl -sS -o /dev/null -w '%{http_code}' "$@"
}

interval=200ms
write_settings() { # LEASE
	{
		echo 'http: {listen: "127.0.0.1:0", timeout: 5s}'
		echo "websub: {public_url: \"http://us.invalid/gazetted\", lease: $1, verify_for: 2s, retry_min: 1s, retry_max: 2s${2:-}}"
	} >"$T/conf.extra"
	write_conf
}
write_settings 1h
write_topic t word
add_feed pushed "$url/feed" "websub: true" "websub_interval: 1h"
echo one >"$T/items"
begin_daemon
wait_check "subscribed, and the hub had its challenge back" hub_has "subscribe True 3600"
wait_check "alive" logged "websub-alive feed=pushed"
sleep 1
before=$(hub polls)
sleep 2
is "then polled slowly" "$(hub polls)" "$before"

is "a push is accepted when it is durable" "$(hub 'push?items=two,three')" 204
is "its items are there" "$(links)" "one three two "
is "again" "$(hub 'push?items=three,two')" 204
is "each once" "$(links)" "one three two "
is "sha384" "$(hub 'push?items=four&sign=sha384')" 204
is "sha512" "$(hub 'push?items=five&sign=sha512')" 204
is "sha1 is not taken unless it is configured" "$(hub 'push?items=bad1&sign=sha1')" 403
is "a wrong signature" "$(hub 'push?items=bad2&sign=wrong')" 403
is "none" "$(hub 'push?items=bad3&sign=none')" 403
nobody=http://us.invalid/gazetted/websub/00000000000000000000000000000000
is "an unknown callback" "$(hub "push?items=bad4&callback=$nobody")" 404
is "another topic" "$(hub 'ask?hub.mode=subscribe&hub.topic=http://other.example/')" "404 "
is "a verification that nobody asked for" "$(hub 'ask?hub.mode=subscribe')" "404 "
is "an end that nobody asked for" "$(hub 'ask?hub.mode=unsubscribe')" "404 "
is "other paths" "$(own "http://127.0.0.1:$(cat "$T/port")/")" 404
is "other methods" "$(own -X PUT "http://127.0.0.1:$(cat "$T/port")/websub/x")" 405
is "nothing that was refused is there" "$(links)" "five four one three two "
is "a refusal is said, the same ones that follow within a minute are counted" "$(grep -c 'push-refused' "$T/daemon.log")" 1
is "callbacks and secrets are not" "$(grep -c '[0-9a-f]\{32\}' "$T/daemon.log")" 0

stop_daemon
is "their count is told at the end" "$(grep -c 'warn push-refused feed=pushed .* repeated=2 since=20' "$T/daemon.log")" 1
begin_daemon
is "after a restart, at another port of ours, the callback is the same" "$(hub 'push?items=six')" 204
kill_daemon
is "nobody answers" "$(hub 'push?items=seven')" 0
begin_daemon
is "after a crash, too" "$(hub 'push?items=seven')" 204
is "each once" "$(links)" "five four one seven six three two "
is "asked for once in all that time" "$(hub requests | grep -c '^subscribe')" 1

pids=
for n in 1 2 3 4 5 6 7 8; do
	wait_for pushed_is "m$n" 204 &
	pids="$pids $!"
done
# shellcheck disable=SC2086 # words
wait $pids
is "pushes at the same time are all there" "$(item_links | grep -c '/m[1-8]$')" 8
is "none twice" "$(repeated_links)" 0

write_settings 1h ", sha1: true"
kill -HUP "$daemon"
wait_for logged "reloaded feeds="
is "sha1 when it is configured" "$(hub 'push?items=old&sign=sha1')" 204

is "a hub may say no" "$(hub 'ask?hub.mode=denied&hub.reason=quota')" "200 "
is "then its pushes are not taken" "$(hub 'push?items=bad5')" 410
wait_check "it is asked again" hub_has "subscribe True 3600" 2

touch "$T/mute"
add_feed pushed "$url/feed" "websub: false"
kill -HUP "$daemon"
wait_check "switched off: the hub is told" hub_has "unsubscribe .*"
is "and pushes are not taken" "$(hub 'push?items=bad6')" 410
stop_daemon
rm "$T/mute"
write_settings 3s
begin_daemon
wait_check "told until it asks back, also after a restart" hub_has "unsubscribe True .*"
wait_check "then the callback is unknown" pushed_is bad7 404
add_feed pushed "$url/feed" "websub: true" "websub_interval: 1h"
kill -HUP "$daemon"
wait_check "switched on again" hub_has "subscribe True 3"
wait_check "renewed before its end" hub_has "subscribe True 3" 3
touch "$T/mute"
wait_check "a lease that nobody renews ends" logged "websub-expired feed=pushed"
is "its pushes are not taken" "$(hub 'push?items=bad8')" 410
echo one eight >"$T/items"
wait_check "and polling goes on" grep -q e.example/eight "$items"
rm "$T/mute"
wait_check "alive again" pushed_is nine 204
left=$(hub requests | grep -c '^unsubscribe True')
add_feed other "http://127.0.0.1:1/feed"
rm "$T/feeds.d/pushed.yaml"
kill -HUP "$daemon"
wait_check "a feed that is removed is unsubscribed" hub_has "unsubscribe True .*" $((left + 1))
stop_daemon
is "a clean end" "$status" 0
is "nothing that was refused ever got in" "$(item_links | grep -c /bad)" 0
check "the ledger knows pushes" grep -q '"pushed":true' "$polls"
"$build/gazettectl" verify -d "$T/log" >"$T/verified" 2>&1
is "the stores are whole" $? 0
plan
