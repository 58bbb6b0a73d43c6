#!/bin/sh
# demo.sh BUILD: a publisher on loopback brings out a release every second, the daemon polls it, classified lines scroll by and a script
# prints the alerts. Nothing but loopback is touched. Ctrl-C ends all of it. With DEMO_SECONDS=N it ends by itself, and with 0 only
# when lines, matches and alerts were seen.
set -u
build=$(cd "$1" && pwd) || exit 1
root=$(cd "$(dirname "$0")/../.." && pwd)
T=$(mktemp -d "${TMPDIR:-/tmp}/gazetted-demo.XXXXXX") || exit 1
pids=
bold='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') red=$(printf '\033[1;31m') plain=$(printf '\033[0m')
fi

# In the order in which they were started: who reads goes last.
stop_all() {
	trap '' INT TERM
	reversed=
	for pid in $pids; do reversed="$pid $reversed"; done
	for pid in $reversed; do
		kill -TERM "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	pids=
}

trap 'stop_all' EXIT
trap 'printf "\n%s\n" "Stopping."; stop_all; farewell; trap - EXIT; exit 0' INT TERM

farewell() {
	echo "${bold}The logs are in $T/log${plain} (the daemon's own words: $T/gazetted.log). Try:"
	echo "  $build/gazettectl search --directory $T/log ransomware"
	echo "  $build/gazettectl verify --directory $T/log"
	echo "  rm -r $T"
}

fail() {
	echo "demo: $*" >&2
	tail -n 20 "$T/gazetted.log" >&2 2>/dev/null
	exit 1
}

wait_until() { # SECONDS COMMAND…
	turns=$(($1 * 10))
	shift
	until "$@" 2>/dev/null; do
		[ $turns -gt 0 ] || return 1
		turns=$((turns - 1))
		sleep 0.1
	done
}

start_publisher() {
	"$build/tests/demo/publisher" --every "${DEMO_EVERY:-1000}" --releases "$root/tests/demo/releases.jsonl" \
		--url-file "$T/url" >/dev/null &
	pids="$pids $!"
	wait_until 10 test -s "$T/url" || fail "the publisher does not start"
	url=$(cat "$T/url")
}

write_script() {
	mkdir -p "$T/alerts.d"
	cat >"$T/alerts.d/print.sh" <<-EOF
		#!/bin/sh
		# The record is on standard input; its main points are in the environment.
		printf '%s%s %s (%s)%s  %s\n' '$red' 'ALERT' "\$GAZETTED_TOPICS" "\$GAZETTED_SCORE" '$plain' "\$GAZETTED_TITLE" >>'$T/alerts.txt'
	EOF
	chmod 755 "$T/alerts.d/print.sh"
}

write_configuration() {
	cat >"$T/gazetted.yaml" <<-EOF
		contact: demo@gazetted.example
		shipped_topics: false
		topics_files: ["$root/classifiers/topics/*.yaml"]
		storage:
		  directory: $T/log
		  state_directory: $T/state
		fetch:
		  interval: 2s
		  interval_min: 1s
		  allow_networks: [127.0.0.0/8]
		hosts: {gap: 0, per_host: 8}
		page: {listen: "127.0.0.1:0"}
		alerts:
		  - name: print
		    exec: ["$T/alerts.d/print.sh"]
		feeds:
	EOF
	curl -sS "$url/" >"$T/feeds"
	while IFS="$(printf '\t')" read -r name language address; do
		printf '  - {name: %s, url: "%s", language: %s}\n' "$name" "$address" "$language" >>"$T/gazetted.yaml"
	done <"$T/feeds"
}

# A session of its own: Ctrl-C reaches this script alone, which then ends everybody in good order.
start_daemon() {
	setsid "$build/gazetted" -c "$T/gazetted.yaml" 2>"$T/gazetted.log" &
	daemon=$!
	pids="$pids $daemon"
	wait_until 20 test -s "$T/log/items.jsonl" || fail "the daemon writes nothing"
}

page_address() {
	sed -n 's|.* page address=[^ ]* port=\([0-9]*\).*|http://127.0.0.1:\1/|p' "$T/gazetted.log" | head -n 1
}

follow() {
	: >>"$T/alerts.txt"
	tail -n +1 -f "$T/alerts.txt" &
	pids="$pids $!"
	"$build/gazettectl" tail -f -n 5 --directory "$T/log" ${DEMO_TAIL:-} &
	pids="$pids $!"
}

count() { # FILE
	if [ -f "$1" ]; then wc -l <"$1" | tr -d ' '; else echo 0; fi
}

# What the demo is there to show.
check() {
	matches=$(grep -c '"decision":"match"' "$T/log/items.jsonl")
	echo "demo: $(count "$T/log/items.jsonl") lines, $matches matches, $(count "$T/alerts.txt") alerts"
	[ "$(count "$T/log/items.jsonl")" -gt 12 ] || fail "no new lines"
	[ "$matches" -gt 0 ] || fail "no matches"
	[ "$(count "$T/alerts.txt")" -gt 0 ] || fail "no alerts"
}

start_publisher
write_script
write_configuration
start_daemon
echo "${bold}$(count "$T/feeds") feeds at $url, polled every two seconds; a new release every second or so. Ctrl-C ends.${plain}"
echo "${bold}The page: $(page_address)${plain}"
echo "The stores: $T/log/items.jsonl and one for each topic beside it."
follow

if [ -z "${DEMO_SECONDS:-}" ]; then
	wait "$daemon"
	fail "the daemon has ended"
fi
wait_until "$DEMO_SECONDS" false
check
stop_all
trap - EXIT
rm -rf "$T"
exit 0
