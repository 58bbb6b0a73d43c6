#!/bin/sh
# The daemon from outside: polls, restarts, signals, bad input, alerts. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

# --- the command line and the configuration ---------------------------------------------------------------

start_publisher --hold --initial 24 --window 1000
write_topic test-topic "police"
write_conf
add_publisher_feeds

out=$("$build/gazetted" -c "$T/gazetted.yaml" -t 2>&1)
is "-t ends 0 with a good configuration" $? 0
is "-t says what it has" "$out" "Valid: 13 feeds, 1 topics, 0 alerts"

printf 'feeds:\n  - name: broken\n    ulr: http://a.example/\n' >"$T/feeds.d/zz-broken.yaml"
out=$("$build/gazetted" -c "$T/gazetted.yaml" -t 2>&1)
is "-t ends 78 with a broken one" $? 78
check "it names file, line and the likely key" sh -c 'echo "$1" | grep -q "zz-broken.yaml:3:.*ulr.*url"' - "$out"
"$build/gazetted" -c "$T/gazetted.yaml" >/dev/null 2>&1
is "the daemon does not start with it" $? 78
rm "$T/feeds.d/zz-broken.yaml"

"$build/gazetted" -c "$T/missing.yaml" -t >/dev/null 2>&1
is "a configuration that is not there: 78" $? 78
"$build/gazetted" --bogus >/dev/null 2>&1
is "an unknown option: 64" $? 64

# --- polling once -----------------------------------------------------------------------------------------

"$build/gazetted" -c "$T/gazetted.yaml" -1 <&- >&- 2>&-
is "-1 ends 0 without standard input, output and error" $? 0
check "and no file takes their place" sh -c '! grep -qa " info " "$@"' - "$T"/state/journal/* "$T"/log/*
rm -r "$T/log" "$T/state"
: >"$T/requests"

poll_once
is "-1 ends 0" "$status" 0
is "the first poll writes every item" "$(lines "$items")" 24
check "and they are the published ones" all_published_are_there
is "every feed is in the ledger" "$(lines "$polls")" 13

poll_once
is "the second -1 ends 0" "$status" 0
is "the second poll adds none" "$(lines "$items")" 24
is "it was answered 304" "$(grep -c ' "' "$T/requests")" "$(grep -c '^304 ' "$T/requests")"
check "every feed was asked with its validators" [ "$(grep -c '^304 ' "$T/requests")" -ge 13 ]

publish 30
poll_once
is "new items are added" "$(lines "$items")" 30
is "none is repeated" "$(repeated_links)" 0

rm -r "$T/state"
poll_once
is "state and journal are gone: the next poll ends 0" "$status" 0
is "no item is written again" "$(lines "$items")" 30
check "and the chains go on" sh -c '"$1" verify -d "$2" >/dev/null' - "$build/gazettectl" "$T/log"

# --- the service: kill -9, reload, rotation, the end ------------------------------------------------------

poll_once
printf 'this is no database' | dd of="$T/state/state.db" conv=notrunc status=none
poll_once
is "a damaged state: the next poll ends 0" "$status" 0
check "it is said and set aside" logged "state-set-aside"
is "no item is written again" "$(lines "$items")" 30

publish 60
start_daemon
wait_check "the service picks up what is new" all_published_are_there
n=60
for round in 1 2 3 4 5; do
	n=$((n + 40))
	publish $n
	wait_for has_lines "$items" $((n - 40 + round * 6))
	kill_daemon
	start_daemon
done
wait_check "after five times kill -9 everything is there" all_published_are_there
is "and nothing is repeated" "$(repeated_links)" 0
is "not a line more" "$(lines "$items")" $n

add_feed extra "$url/esterland-press.rss?extra"
kill -HUP "$daemon"
wait_check "HUP takes a new feed" has_poll extra '"result":"ok"'
echo 'feeds: [{name: BAD NAME}]' >"$T/feeds.d/zz-broken.yaml"
kill -HUP "$daemon"
wait_check "a broken reload is refused" logged "refused"
check "the log names the file" logged "zz-broken.yaml"
rm "$T/feeds.d/zz-broken.yaml"
mv "$T/feeds.d" "$T/feeds.away"
kill -HUP "$daemon"
wait_check "one without any feed is, too" logged "it has no feeds any more"
mv "$T/feeds.away" "$T/feeds.d"
publish $((n + 10))
wait_check "and the old configuration goes on" all_published_are_there
check "the daemon still runs" running
rm "$T/feeds.d/extra.yaml"
kill -HUP "$daemon"
wait_check "a feed that was taken out is no longer polled" logged "reloaded" 2

# A connection to the publisher stands between two polls, or never does.
connected() { awk -v port=":$(printf %04X "${url##*:}")" '$3 ~ port "$" && $4 == "01" { found = 1 } END { exit !found }' /proc/net/tcp; }
stays_connected() { for _ in 1 2 3 4 5; do connected && sleep 0.05 || return 1; done; }
stays_apart() { for _ in 1 2 3 4 5; do connected && return 1 || sleep 0.05; done; }
wait_check "connections are kept" stays_connected
sed -i 's/^hosts: {/hosts: {idle_for: 0, /' "$T/gazetted.yaml"
kill -HUP "$daemon"
wait_check "until a reload says otherwise" stays_apart

mv "$items" "$T/moved.jsonl"
kill -USR1 "$daemon"
wait_check "USR1 opens the stores anew" test -f "$items"
moved=$(lines "$T/moved.jsonl")
publish $((n + 20))
wait_check "and writing goes on there" sh -c 'grep -q "release/'$((n + 19))'" "$0"' "$items"
is "nothing was written to the moved file any more" "$(lines "$T/moved.jsonl")" "$moved"

sed "s|state_directory: .*|state_directory: $T/other|" "$T/gazetted.yaml" >"$T/other.yaml"
said=$("$build/gazetted" -c "$T/other.yaml" -1 2>&1)
is "a second daemon with a state of its own and the same stores ends with 75" "$?" 75
check "and says why" sh -c 'printf "%s" "$1" | grep -q "another daemon writes to this folder"' - "$said"

before=$(date +%s)
stop_daemon
is "TERM ends with 0" "$status" 0
check "within ten seconds" [ $(($(date +%s) - before)) -le 10 ]
check "every line is whole" sh -c 'cat "$@" | grep -vc "^{.*}$" | grep -qx 0' - "$T/moved.jsonl" "$items" "$polls"

# Signals that come before the daemon is ready for them: here, before it is even loaded.
start_signalled() { # SIGNAL
	python3 -c 'import os, signal, sys
number = getattr(signal, "SIG" + sys.argv[1])
signal.pthread_sigmask(signal.SIG_BLOCK, [number])
os.kill(os.getpid(), number)
os.execv(sys.argv[2], sys.argv[2:])' "$1" "$build/gazetted" -c "$T/gazetted.yaml" >>"$T/daemon.out" 2>>"$T/daemon.log" &
	daemon=$!
	started="$started $daemon"
}
reloads=$(grep -c " info reloaded " "$T/daemon.log")
start_signalled HUP
wait_check "a HUP that came too early is a reload" logged " info reloaded " $((reloads + 1))
check "and not the end" running
stop_daemon
is "which TERM still is" "$status" 0
start_signalled TERM
wait_check "a TERM that came too early ends the daemon" gone "$daemon"
gone "$daemon" || kill_daemon
wait "$daemon"
is "with 0" "$?" 0

mv "$T/moved.jsonl" "$T/log/items-20200101T000000Z-1.jsonl"
"$build/gazettectl" verify -c "$T/gazetted.yaml" >"$T/verified"
is "verify: with the moved file the stores are whole" "$? $(tail -n 1 "$T/verified")" "0 whole"
sed -i '$d' "$items"
"$build/gazettectl" verify -c "$T/gazetted.yaml" >"$T/verified"
is "verify: a last line that was taken away is missed" "$? $(grep -c "items.jsonl:.*ends with seq" "$T/verified")" "1 1"
end_pid "$publisher"

plan
