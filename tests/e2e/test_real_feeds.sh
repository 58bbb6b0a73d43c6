#!/bin/sh
# Hundreds of captured real feeds over loopback: every item of every parsable one is in `items` once; a second poll adds none; a
# kill -9 in the middle loses and repeats none. They are not ours to give away: without ../shared there is nothing to do.
# $1: build folder.
. "$(dirname "$0")/lib.sh"
real=$root/../shared/feeds/suites/real/files
[ -d "$real" ] || skip_all "the captured feeds are not here"
begin "$1"
interval=1h body_max=64MiB timeout=60s

compare() {
	python3 "$root/tests/e2e/compare_items.py" "$build/gazettectl" "$real" "$items" "$url"
}

start_publisher --static "$real"
write_topic test-topic "police"
write_conf
for file in "$real"/*; do
	file=${file##*/}
	name=$(printf '%s' "$file" | tr 'A-Z_' 'a-z-')
	printf '  - {name: "%s", url: "%s/%s"}\n' "$name" "$url" "$file"
done | { echo "feeds:"; cat; } >"$T/feeds.d/real.yaml"
count=$(ls "$real" | wc -l | tr -d ' ')

poll_once
is "every feed was polled" "$(lines "$polls")" "$count"
check "every item of every parsable feed is there, once" compare
first=$(lines "$items")
check "the ledger counts what the store has" \
	[ "$(sed -n 's/.*"new":\([0-9]*\).*/\1/p' "$polls" | awk '{ n += $1 } END { print n }')" -eq "$first" ]

poll_once
is "a second poll asks all again" "$(lines "$polls")" $((count * 2))
is "and adds none" "$(lines "$items")" "$first"

rm -rf "$T/log" "$T/state"
interval=5s # the first polls are spread over it
write_conf
start_daemon
wait_for has_lines "$items" $((first / 3))
kill_daemon
check "killed in the middle" [ "$(lines "$items")" -lt "$first" ]
start_daemon
wait_check "after kill -9 the rest is added" has_lines "$items" "$first"
stop_daemon
is "TERM ends with 0" "$status" 0
check "and none is lost or repeated" compare

plan
