#!/bin/sh
# The end of the daemon, with 200 servers that answer half and 16 scripts that hang and ignore TERM: by TERM, by TERM and INT, by KILL; and
# the death of the hook runner. Nothing survives, nothing is lost. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"
PUBLISHERS=4 EACH=50 HANGING=16

ends_by() { # SIGNAL: sets $status and $took, in ms
	from=$(date +%s%N)
	kill "-$1" "$daemon"
	wait_for gone "$daemon" || end_pid "$daemon" KILL
	took=$((($(date +%s%N) - from) / 1000000))
	echo "# ended after $took ms"
	wait "$daemon" 2>/dev/null
	status=$?
}

# What is about time says nothing where more than three programs want each processor.
unless_overloaded() { # TEXT COMMAND…
	if awk -v processors="$(nproc)" '{ exit !($1 > 3 * processors) }' /proc/loadavg; then
		result ok "$1 # SKIP the machine is overloaded"
	else
		check "$@"
	fi
}

none_left() {
	while read -r script child; do
		gone "$script" && gone "$child" || return 1
	done <"$T/pids"
}

connected() { # what is in flight, and the few sockets of its own
	[ "$(find "/proc/$daemon/fd" -lname 'socket:*' 2>/dev/null | wc -l)" -ge $((PUBLISHERS * EACH)) ]
}

start_held() { # every connection stalls, every script hangs
	: >"$T/hold"
	rm -f "$T/pids"
	start_daemon
	wait_check "$HANGING scripts hang" has_lines "$T/pids" $HANGING
	wait_check "$((PUBLISHERS * EACH)) connections are open" connected
}

runner() { # its process id
	ps -o pid=,comm= --ppid "$daemon" | awk '$2 == "gazetted-hooks" { print $1 }'
}

other_runner_than() { # PID
	[ -n "$(runner)" ] && [ "$(runner)" != "$1" ]
}

all_done() { # N: so many different keys
	[ -f "$T/done" ] && [ "$(sort -u "$T/done" | wc -l)" -eq "$1" ]
}

# Hangs while $T/hold is there; what it starts leaves its session.
script hang.sh <<EOF
[ -e "$T/hold" ] || { printf '%s\n' "\$GAZETTED_KEY" >>"$T/done"; exit 0; }
trap '' TERM INT HUP
setsid sleep 1000 &
echo \$\$ \$! >>"$T/pids"
while :; do sleep 1000; done
EOF
cat >"$T/alerts.d/hang.yaml" <<EOF
alerts:
  - {name: hang, exec: [./hang.sh], timeout: 5m, retry_min: 50ms, retry_max: 100ms}
EOF

feed_with $HANGING
write_topic wolf "wolf"
timeout=5m
write_conf
sed -i 's/per_host: 8/per_host: 64, concurrency: 400/' "$T/gazetted.yaml"
echo "hooks: {concurrency: $HANGING}" >>"$T/gazetted.yaml"
n=0
while [ $n -lt $PUBLISHERS ]; do
	start_publisher --static "$T/www"
	i=0
	while [ $i -lt $EACH ]; do
		add_feed "stall-$n-$i" "$url/-/stall?$i"
		i=$((i + 1))
	done
	n=$((n + 1))
done
add_feed alarms "$url/alarms.rss" "alert_first_poll: true"

start_held
ends_by TERM
is "TERM ends it with 0" "$status" 0
unless_overloaded "within two seconds" [ "$took" -le 2000 ]
wait_check "no script survives" none_left

start_held
kill -TERM "$daemon"
ends_by INT
unless_overloaded "a second signal ends it without waiting for the scripts" [ "$(grep -c 'gave-up' "$T/daemon.log")" -eq 1 ]
unless_overloaded "with 0 too" [ "$status" -eq 0 ]
wait_check "no script survives that" none_left

start_held
ends_by KILL
wait_check "no script survives that either" none_left

rm "$T/hold" "$T"/feeds.d/stall-*
start_daemon
wait_check "every alert is delivered after all" all_done $HANGING
first=$(runner)
check "there is a hook runner" [ -n "$first" ]
kill -KILL "$first"
feed_with $((HANGING + 3))
wait_check "deliveries go on when it was killed" all_done $((HANGING + 3))
check "by another one" other_runner_than "$first"
stop_daemon
is "TERM ends the idle daemon with 0" "$status" 0

plan
