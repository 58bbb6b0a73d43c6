#!/bin/sh
# A topic that runs silently for a while: found in the records, not in its store, and in nobody's way when it is live again. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

publish_bears() { # N: so many
	seq "$1" | sed 's/.*/& Bear number &/' | write_feed bears
}

topic_is() { # LINE: one more of the topic file; the daemon takes it
	write_topic bear "bear"
	echo "$1" >>"$T/topics.d/bear.yaml"
	reloads=$((reloads + 1))
	kill -HUP "$daemon"
	wait_for logged "info reloaded " "$reloads" || echo "# not reloaded"
}

reloads=0
write_topic bear "bear"
publish_bears 1
start_publisher --static "$T/www"
write_conf
add_feed bears "$url/bears.rss" "alert_first_poll: true"
script run.sh <<END
printf '%s %s\n' "\$GAZETTED_TITLE" "\$GAZETTED_TOPICS" >>"$T/alerted"
END
echo "alerts: [{name: all, exec: [./run.sh]}]" >"$T/alerts.d/all.yaml"
start_daemon
wait_check "a topic that is live has a store" has_lines "$T/log/bear.jsonl" 1
topic_is "shadow: true"
publish_bears 2
wait_check "a record of its time as a shadow" has_lines "$items" 2
check "says what it would have been" grep -q '"title":"Bear number 2".*"decision":"match","shadow":true,' "$items"
status_says() { # TEXT
	ctl status
	printf '%s\n' "$said" | grep -qFx "$1"
}
wait_check "status says that it runs silently" status_says "topics      1: bear (silently)"
topic_is "shadow: false"
publish_bears 3
wait_check "live again" has_lines "$T/log/bear.jsonl" 2
is "its store has nothing of that time" "$(value title <"$T/log/bear.jsonl" | tr '\n' '|')" "Bear number 1|Bear number 3|"
wait_check "nor was anybody told" has_lines "$T/alerted" 2
is "of what it said then" "$(grep -c 'number 2' "$T/alerted")" 0
ctl search --topic bear
is "which can be searched for" "$(printf '%s\n' "$said" | grep -c Bear)" 3
ctl verify
is "nothing is missing in the store" "$status" 0
ctl backtest
check "a backtest tells of it" sh -c 'printf "%s" "$1" | grep -q "bear (some of them as a shadow)"' - "$said"
ctl replay --topic bear --since 1d
check "and its store can have it" sh -c 'printf "%s" "$1" | grep -q "1 records of bear replayed"' - "$said"
wait_check "as a replay" has_lines "$T/log/bear.jsonl" 3
ctl verify
is "all is whole" "$status" 0
stop_daemon
plan
