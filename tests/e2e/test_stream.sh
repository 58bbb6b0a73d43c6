#!/bin/sh
# An alert whose program stays: one process for many alerts; its death, and the daemon's; reload and TERM take it away. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

all_gone() { # every process that ever served, and what it had started
	for pid in $(cat "$T/pids"); do
		gone "$pid" || return 1
	done
}

done_keys() { # N: so many different keys are done
	[ "$(sort -u "$T/done" 2>/dev/null | wc -l)" -eq "$1" ]
}

write_alert() { # [ARGUMENT]
	cat >"$T/alerts.d/stay.yaml" <<-EOT
		alerts:
		  - {name: stay, mode: stream, exec: [./stay.sh, "${1:-one}"], timeout: 20s, retry_min: 50ms, retry_max: 100ms}
	EOT
}

delivery_keys() { # of each line that was asked; records have keys too
	sed -n 's/.*"key":"\([^"]*\)","attempt".*/\1/p' "$T/lines"
}

servers() { # how many processes have served so far
	lines "$T/starts"
}

# Ignores what asks it to end, has a child out of its session, and does not end with its input. Hangs while $T/hold is there.
script stay.sh <<EOF
trap '' TERM INT HUP
setsid sleep 1000 &
echo \$\$ >>"$T/starts"
echo \$\$ >>"$T/pids"
echo \$! >>"$T/pids"
env >"$T/env"
while read -r line; do
	printf '%s\n' "\$line" >>"$T/lines"
	while [ -e "$T/hold" ]; do sleep 0.05; done
	printf '%s\n' "\$line" | sed 's/.*"key":"\([^"]*\)","attempt".*/\1/' >>"$T/done"
	echo OK
done
while :; do sleep 1000; done
EOF

feed_with 3
start_publisher --static "$T/www"
write_topic wolf "wolf"
write_conf
add_feed alarms "$url/alarms.rss" "alert_first_poll: true"
write_alert

start_daemon
wait_check "three alerts are delivered" done_keys 3
is "by one process" "$(servers)" 1
check "each line is one JSON object" python3 -c '
import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    assert o["v"] == 1 and o["alert"] == "stay" and o["key"] and o["attempt"] == 1 and o["kind"] == "record", o
    assert o["count"] == len(o["records"]) == 1 and o["records"][0]["title"].startswith("Alarm"), o
    assert o["topics"] == ["wolf"], o
' "$T/lines"
check "the environment names the alert" grep -qx "GAZETTED_ALERT=stay" "$T/env"
is "and no delivery" "$(grep -c '^GAZETTED_KEY' "$T/env")" 0

: >"$T/hold"
feed_with 5
wait_check "it is asked for the fourth" has_lines "$T/lines" 4
first=$(tail -n 1 "$T/starts")
kill -KILL "$first"
rm "$T/hold"
wait_check "killed meanwhile, nothing is lost" done_keys 5
is "another process has served" "$(servers)" 2
is "the one that was cut short came again under its key" "$(delivery_keys | sort | uniq -d | wc -l)" 1
check "nothing of the first is left" gone "$first"

kill -KILL "$(tail -n 1 "$T/starts")"
feed_with 6
wait_check "killed while idle, the next alert is delivered" done_keys 6
is "by a third process" "$(servers)" 3

write_alert two
kill -HUP "$daemon"
wait_check "another argument, and a reload: it ends" all_gone
check "the daemon goes on" running
feed_with 7
wait_check "the next alert" done_keys 7
is "starts the fourth" "$(servers)" 4
kill -HUP "$daemon"
wait_for logged "reloaded" 2
feed_with 8
wait_check "a reload that changes nothing" done_keys 8
is "leaves it where it is" "$(servers)" 4

mv "$T/alerts.d/stay.yaml" "$T/stay.yaml"
kill -HUP "$daemon"
wait_check "the alert is taken out: it ends" all_gone
mv "$T/stay.yaml" "$T/alerts.d/stay.yaml"
kill -HUP "$daemon"
wait_for logged "reloaded" 4
feed_with 9
wait_check "and in again" done_keys 9

stop_daemon
is "TERM ends the daemon with 0" "$status" 0
wait_check "the idle process ends, though it ignores TERM" all_gone

: >"$T/hold"
asked=$(lines "$T/lines")
feed_with 11
start_daemon
wait_check "it is asked" has_lines "$T/lines" $((asked + 1))
from=$(date +%s%N)
stop_daemon
took=$((($(date +%s%N) - from) / 1000000))
check "TERM while it is asked ends within the drain" [ $took -lt 4000 ]
echo "# ended after $took ms"
is "with 0" "$status" 0
wait_check "no process survives" all_gone

before=$(servers)
start_daemon
wait_check "it is started again" has_lines "$T/starts" $((before + 1))
kill_daemon
wait_check "no process survives the daemon's death" all_gone
rm "$T/hold"
start_daemon
wait_check "everything was delivered at least once" done_keys 11
kill_daemon
wait_check "none survives it idle either" all_gone

plan
