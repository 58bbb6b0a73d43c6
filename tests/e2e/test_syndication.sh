#!/bin/sh
# What other programs read of the page: feeds of a topic, the list of feeds, metrics, and what monitors ask. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

get() { # PATH [CURL OPTIONS…]: into $T/got, headers into $T/head
	path=$1
	shift
	rm -f "$T/got"
	curl -sS -D "$T/head" -o "$T/got" "$@" "$page$path"
}

status_is() { # N
	head -n 1 "$T/head" | grep -q " $1"
}

header() { # NAME
	tr -d '\r' <"$T/head" | sed -n "s/^$1: //p"
}

loop_turns() {
	get /metrics
	grep -q '^gazetted_loop_turns_total [1-9]' "$T/got"
}

feed_with 3
start_publisher --static "$T/www"
write_topic wolf "wolf"
echo 'page: {listen: "127.0.0.1:0"}' >"$T/conf.extra"
write_conf
add_feed alarms "$url/alarms.rss"
start_daemon
wait_check "three records match" has_lines "$T/log/wolf.jsonl" 3
page=$(sed -n 's|.* info page address=[^ ]* port=\([0-9]*\).*|http://127.0.0.1:\1|p' "$T/daemon.log" | head -n 1)
wait_check "the daemon tells how it is" test -s "$T/state/status.json"

get /topics/wolf/atom.xml
check "an Atom feed" status_is 200
is "by its type" "$(header Content-Type)" "application/atom+xml; charset=utf-8"
is "which our own reader takes" "$("$build/gazettectl" parse "$T/got" | grep -o '"title":"Alarm [0-9]: wolf"' | wc -l | tr -d ' ')" 3
if command -v xmllint >/dev/null; then check "and a strict one" xmllint --noout "$T/got"; fi
tag=$(header ETag) modified=$(header Last-Modified)
get /topics/wolf/atom.xml -H "If-None-Match: $tag"
check "known by its tag" status_is 304
is "without a body" "$(lines "$T/got")" 0
get /topics/wolf/atom.xml -H "If-Modified-Since: $modified"
check "or by its date" status_is 304
get /topics/wolf/feed.json
check "a JSON Feed" status_is 200
is "with the same items" "$(grep -o '"title":"Alarm [0-9]: wolf"' "$T/got" | wc -l | tr -d ' ')" 3
get "/items?topic=wolf"
check "the page of the topic names its feed" grep -q 'application/atom+xml" href="/topics/wolf/atom.xml"' "$T/got"
get /topics/sheep/atom.xml
check "no feed of what is no topic" status_is 404
get /feeds.opml
check "our feeds as OPML" grep -q "xmlUrl=\"$url/alarms.rss\"" "$T/got"

get /metrics
check "metrics" grep -q '^gazetted_feeds 1$' "$T/got"
wait_check "the loop is watched" loop_turns
histogram() { # NAME: one that has measured, whose last bucket holds all of it
	sed -n "s/^$1_bucket{le=\"+Inf\"} //p" "$T/got" >"$T/all"
	sed -n "s/^$1_count //p" "$T/got" | cmp -s - "$T/all" && [ "$(cat "$T/all")" -ge 1 ] && grep -q "^$1_sum [0-9]" "$T/got"
}
check "how long requests take" histogram gazetted_fetch_duration_seconds
check "and news until they are durable" histogram gazetted_commit_delay_seconds
if command -v promtool >/dev/null; then
	is "as Prometheus wants them" "$(promtool check metrics <"$T/got" 2>&1)" ""
else
	echo "# promtool is missing: the metrics are not linted"
fi
get /healthz
check "alive" status_is 200
get /readyz
check "and ready" status_is 200
plan
