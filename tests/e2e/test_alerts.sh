#!/bin/sh
# Alert scripts: once, again after 75, dead letters, hanging and flooding ones, kill -9 meanwhile. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

alert() { # NAME SCRIPT [KEY: VALUE]…
	name=$1
	{
		echo "alerts:"
		echo "  - name: $1"
		echo "    exec: [./$2, \"an argument; with 'quotes'\"]"
		shift 2
		for line in "$@"; do echo "    $line"; done
	} >"$T/alerts.d/$name.yaml"
}

keys() { # FILE: how many different idempotency keys
	sort -u "$1" 2>/dev/null | wc -l | tr -d ' '
}

dead_letters() { # ALERT N
	[ -f "$T/log/dead-letters.jsonl" ] && [ "$(grep -cF "\"alert\":\"$1\"" "$T/log/dead-letters.jsonl")" -eq "$2" ]
}

feed_with 2
start_publisher --static "$T/www"
write_topic wolf "wolf"
write_conf
add_feed alarms "$url/alarms.rss"
add_feed silent "$url/-/empty-feed"

script good.sh <<EOF
cat >"$T/record.\$GAZETTED_SEQ"
printf '%s\n' "\$GAZETTED_KEY" >>"$T/good"
printf '%s|%s|%s|%s|%s|%s\n' "\$GAZETTED_ALERT" "\$GAZETTED_TOPICS" "\$GAZETTED_FEED" "\$GAZETTED_TITLE" "\$GAZETTED_URL" "\$1" >>"$T/good.env"
EOF
script retry.sh <<EOF
printf '%s\n' "\$GAZETTED_KEY" >>"$T/retry"
[ "\$GAZETTED_ATTEMPT" -ge 3 ] || exit 75
printf '%s\n' "\$GAZETTED_KEY" >>"$T/retry.done"
EOF
script fail.sh <<EOF
echo "no such pager" >&2
printf '%s\n' "\$GAZETTED_KEY" >>"$T/fail"
exit 1
EOF
script never.sh <<EOF
echo "the pager is busy" >&2
printf '%s\n' "\$GAZETTED_KEY" >>"$T/never"
exit 75
EOF
script hang.sh <<EOF
printf '%s\n' "\$GAZETTED_KEY" >>"$T/hang"
sleep 1000 &
echo \$! >>"$T/hang.children"
trap '' TERM
while :; do sleep 1000; done
EOF
script flood.sh <<EOF
printf '%s\n' "\$GAZETTED_KEY" >>"$T/flood"
head -c 50000000 /dev/zero | tr '\\0' x
EOF
script closed.sh <<EOF
exec <&-
printf '%s\n' "\$GAZETTED_KEY" >>"$T/closed"
EOF
alert good good.sh "timeout: 1s"
alert retry retry.sh "timeout: 1s" "retry_min: 50ms" "retry_max: 100ms"
alert fail fail.sh
alert never never.sh "retry_min: 50ms" "retry_max: 100ms" "retry_for: 3s"
alert hang hang.sh "timeout: 300ms" "retry_for: 0"
alert flood flood.sh
alert closed closed.sh
alert other good.sh "feeds: [silent]"
alert certain good.sh "score_min: 0.9999"

poll_once
is "-1 ends 0" "$status" 0
is "both items are recorded" "$(lines "$items")" 2
is "and in the topic's own store" "$(lines "$T/log/wolf.jsonl")" 2
check "the items of the very first poll raise no alert" [ ! -e "$T/good" ]

feed_with 5
start_daemon
wait_check "three alerts for three new items" has_lines "$T/good" 3
is "each has a key of its own" "$(keys "$T/good")" 3
check "what the script is told" grep -qxF "good|wolf|alarms|Alarm 3: wolf|http://a.example/3|an argument; with 'quotes'" "$T/good.env"
check "the record is on its standard input" sh -c 'cat "$1"/record.* | grep -q "\"url\":\"http://a.example/3\""' - "$T"
wait_check "75 is tried again until it is done" has_lines "$T/retry.done" 3
is "with the same keys" "$(keys "$T/retry")" 3
wait_check "any other failure is a dead letter at once" dead_letters fail 3
check "with the reason" grep -q "no such pager" "$T/log/dead-letters.jsonl"
is "it was tried once" "$(lines "$T/fail")" 3
wait_check "75 for too long becomes a dead letter too" dead_letters never 3
check "it was tried more than once" [ "$(lines "$T/never")" -gt 3 ]
wait_check "a hanging script is killed and becomes a dead letter" dead_letters hang 3
none_left() {
	for pid in $(cat "$T/hang.children"); do
		if kill -0 "$pid" 2>/dev/null; then return 1; fi
	done
}
wait_check "with all that it had started" none_left
wait_check "a flood of output hurts nobody" has_lines "$T/flood" 3
wait_check "nor a script that does not read" has_lines "$T/closed" 3
is "an alert for another feed is not raised" "$(grep -cs '^other' "$T/good.env")" 0
is "nor one that asks for a higher score" "$(grep -cs '^certain' "$T/good.env")" 0

rm "$T/alerts.d/hang.yaml" "$T/alerts.d/flood.yaml" "$T/alerts.d/fail.yaml" "$T/alerts.d/never.yaml"
kill -HUP "$daemon"
wait_check "reload" logged "reloaded"
n=5
for round in 1 2 3; do
	n=$((n + 4))
	feed_with $n
	wait_for has_lines "$T/good" $((n - 5))
	kill_daemon
	start_daemon
done
all_alerted() {
	[ "$(keys "$T/good")" -eq $((n - 2)) ] && [ "$(keys "$T/retry.done")" -eq $((n - 2)) ]
}
# One that was running when the daemon died is tried again at the next start.
wait_check "over kill -9 no alert is lost" all_alerted
is "no item either" "$(lines "$items")" $n
stop_daemon
is "TERM ends with 0" "$status" 0

# A start does without the script of an alert: it records, and what is owed waits for the script. A reload has something better to go on with.
mv "$T/alerts.d/good.sh" "$T/alerts.d/away.sh"
before=$(lines "$T/good")
start_daemon
feed_with $((n + 1))
wait_check "without its script the alert waits" logged "could not be started"
is "and the item is recorded" "$(lines "$items")" $((n + 1))
check "the start has said so" grep -q 'exec: .*good.sh.*; what alert good is to deliver waits for it' "$T/daemon.log"
ctl alerts list good
is "what it owes can be looked at meanwhile" "$status" 0
check "and is told" test "${said#*could not be started}" != "$said"
ctl search Alarm
is "what was recorded is read" "$status" 0
is "without a word about the script" "$(wc -c <"$T/ctl.err")" 0
ctl status --exit-code
is "and how the daemon is doing" "$status" 0
ctl doctor
is "the doctor names it" "$status" 1
kill -HUP "$daemon"
wait_check "a reload is refused" logged "result=refused"
mv "$T/alerts.d/away.sh" "$T/alerts.d/good.sh"
wait_check "it is delivered when the script is back" has_lines "$T/good" $((before + 1))
stop_daemon
is "TERM ends with 0 again" "$status" 0

plan
