# lib.sh: for end-to-end tests: a folder that is thrown away, the publisher, the daemon, waiting for conditions, TAP.
# Use: . "$(dirname "$0")/lib.sh"; begin "$1". Everything that was started is ended, and every path lies below $T.

PATIENCE=${PATIENCE:-30} # seconds until a condition counts as never met
test_number=0
test_failed=0
started=
daemon=
publisher=

root=$(cd "$(dirname "$0")/../.." && pwd)

begin() { # BUILD
	build=$(cd "$1" && pwd) || exit 99
	base=${TMPDIR:-/tmp}
	[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || base=/dev/shm
	T=$(mktemp -d "$base/gazetted-e2e.XXXXXX") || exit 99
	trap finish EXIT
	trap 'exit 130' INT TERM
	mkdir "$T/feeds.d" "$T/alerts.d" "$T/topics.d" "$T/www"
	items=$T/log/items.jsonl polls=$T/log/polls.jsonl
	for program in "$build/gazetted" "$build/tests/demo/publisher"; do
		[ -x "$program" ] || { echo "Bail out! $program is not built"; exit 99; }
	done
}

end_pid() { # PID [SIGNAL]: and wait, at most PATIENCE, then KILL
	kill "-${2:-TERM}" "$1" 2>/dev/null || return 0
	waited=0
	while kill -0 "$1" 2>/dev/null && [ $waited -lt $((PATIENCE * 20)) ]; do
		sleep 0.05
		waited=$((waited + 1))
	done
	kill -KILL "$1" 2>/dev/null
	return 0
}

finish() {
	status=$?
	trap - EXIT
	for pid in $started; do
		end_pid "$pid"
	done
	wait 2>/dev/null
	if [ -n "${T:-}" ]; then
		if [ "$test_failed" -gt 0 ] && [ -n "${KEEP:-}" ]; then
			echo "# kept: $T"
		else
			chmod -R u+rwX "$T" 2>/dev/null
			rm -rf "$T"
		fi
	fi
	[ "$test_failed" -eq 0 ] || exit 1
	exit "$status"
}

plan() {
	echo "1..$test_number"
}

result() { # ok|not-ok TEXT
	test_number=$((test_number + 1))
	if [ "$1" = ok ]; then
		echo "ok $test_number - $2"
	else
		echo "not ok $test_number - $2"
		test_failed=$((test_failed + 1))
		[ ! -s "$T/daemon.log" ] || tail -n 8 "$T/daemon.log" | cut -c1-300 | sed 's/^/# /'
	fi
}

skip_all() { # WHY
	echo "1..1"
	echo "ok 1 - nothing to do # SKIP $1"
	exit 0
}

check() { # TEXT COMMAND…
	text=$1
	shift
	if "$@"; then result ok "$text"; else result not-ok "$text"; fi
}

is() { # TEXT GOT WANTED
	if [ "$2" = "$3" ]; then
		result ok "$1"
	else
		result not-ok "$1"
		echo "#   got '$2', wanted '$3'"
	fi
}

wait_for() { # COMMAND…: until it succeeds; false after PATIENCE seconds
	turns=0
	until "$@"; do
		[ $turns -lt $((PATIENCE * 20)) ] || return 1
		turns=$((turns + 1))
		sleep 0.05
	done
}

wait_check() { # TEXT COMMAND…
	text=$1
	shift
	if wait_for "$@"; then result ok "$text"; else result not-ok "$text"; fi
}

start_publisher() { # OPTIONS…: sets $url and $publisher
	rm -f "$T/url"
	"$build/tests/demo/publisher" --releases "$root/tests/demo/releases.jsonl" --url-file "$T/url" \
		--log "$T/requests" "$@" >/dev/null 2>>"$T/publisher.log" &
	publisher=$!
	started="$started $publisher"
	wait_for test -s "$T/url" || { echo "Bail out! the publisher does not start"; exit 99; }
	url=$(cat "$T/url")
}

publish() { # N: so many releases are out (with --hold)
	curl -sS -o /dev/null "$url/-/hold/$1"
}

write_feed() { # NAME: www/NAME.rss, for a publisher with --static; each line of standard input is an item's number and title
	{
		echo '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>A feed</title>'
		sed 's|^\([0-9]*\) \(.*\)$|<item><title>\2</title><link>http://a.example/\1</link><guid>a\1</guid></item>|'
		echo '</channel></rss>'
	} >"$T/next.rss"
	mv "$T/next.rss" "$T/www/$1.rss"
}

feed_with() { # N: www/alarms.rss has "Alarm 1: wolf" to "Alarm N: wolf"
	seq "$1" | sed 's/.*/& Alarm &: wolf/' | write_feed alarms
}

script() { # NAME: standard input becomes a program of alerts, alerts.d/NAME
	{
		echo '#!/bin/sh'
		cat
	} >"$T/alerts.d/$1"
	chmod 755 "$T/alerts.d/$1"
}

# Times are short, so that a poll is never far away. $T/conf.extra, when there, is added.
write_conf() {
	cat >"$T/gazetted.yaml" <<-EOF
		contact: test@gazetted.example
		log_level: debug
		shipped_topics: false
		storage:
		  directory: $T/log
		  state_directory: $T/state
		  group_delay: 50ms
		  free_floor: 0
		fetch:
		  interval: ${interval:-300ms}
		  interval_min: 100ms
		  timeout: ${timeout:-5s}
		  backoff_max: ${backoff_max:-1s}
		  gone_max: ${gone_max:-4s}
		  body_max: ${body_max:-4MiB}
		  allow_networks: [127.0.0.1/32]
		hosts: {gap: 0, jitter_percent: 0, per_host: 8}
	EOF
	[ ! -f "$T/conf.extra" ] || cat "$T/conf.extra" >>"$T/gazetted.yaml"
}

write_topic() { # NAME PHRASE
	cat >"$T/topics.d/$1.yaml" <<-EOF
		topic: $1
		thresholds: {match: 0.8, review: 0.5}
		phrases:
		  - {any: "$2", weight: 8}
	EOF
}

add_feed() { # NAME URL [KEY: VALUE]…
	name=$1
	{
		echo "feeds:"
		echo "  - name: $1"
		echo "    url: $2"
		shift 2
		for line in "$@"; do echo "    $line"; done
	} >"$T/feeds.d/$name.yaml"
}

add_publisher_feeds() { # all that the publisher has
	curl -sS "$url/" >"$T/feedlist"
	while IFS="$(printf '\t')" read -r name language address; do
		add_feed "$name" "$address" "language: $language"
	done <"$T/feedlist"
}

start_daemon() { # OPTIONS…
	"$build/gazetted" -c "$T/gazetted.yaml" "$@" >>"$T/daemon.out" 2>>"$T/daemon.log" &
	daemon=$!
	started="$started $daemon"
}

stop_daemon() { # sets $status
	kill -TERM "$daemon"
	wait "$daemon"
	status=$?
}

kill_daemon() {
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null
}

ctl() { # ARGUMENTS…: of gazettectl beside the daemon; sets $said and $status
	status=0
	said=$("$build/gazettectl" "$@" -c "$T/gazetted.yaml" 2>"$T/ctl.err") || status=$?
}

poll_once() { # sets $status
	"$build/gazetted" -c "$T/gazetted.yaml" -1 >>"$T/daemon.out" 2>>"$T/daemon.log"
	status=$?
}

# What the stores hold. A store that is not there yet has no lines.
lines() { # FILE
	if [ -f "$1" ]; then wc -l <"$1" | tr -d ' '; else echo 0; fi
}

value() { # KEY: of each line on standard input, a JSON string without escapes
	sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'
}

polls_with() { # FEED TEXT: number of polls of FEED whose line has TEXT
	{ grep -F "\"feed\":\"$1\"" "$polls" 2>/dev/null || :; } | grep -cF -- "$2"
}

has_poll() { # FEED TEXT [AT-LEAST]
	[ "$(polls_with "$1" "$2")" -ge "${3:-1}" ]
}

has_lines() { # FILE N: at least
	[ "$(lines "$1")" -ge "$2" ]
}

logged() { # TEXT [AT-LEAST]
	[ "$(grep -cF -- "$1" "$T/daemon.log")" -ge "${2:-1}" ]
}

item_links() { # sorted; of the `items` store
	value url <"$items" | sort
}

repeated_links() {
	item_links | uniq -d | wc -l | tr -d ' '
}

published_links() {
	curl -sS "$url/ids" | cut -f2 | sort
}

all_published_are_there() {
	published_links >"$T/wanted"
	[ -f "$items" ] && item_links | uniq >"$T/got" && [ -z "$(comm -23 "$T/wanted" "$T/got")" ]
}

gone() { # PID; one that waits to be reaped is gone
	case $(ps -o stat= -p "$1") in '' | Z*) ;; *) return 1 ;; esac
}

running() {
	kill -0 "$daemon" 2>/dev/null
}
