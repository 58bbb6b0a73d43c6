#!/bin/sh
# gazettectl replay beside the daemon: a topic that comes later gets what it would have matched, once. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

says() { # TEXT: in what the last command printed
	printf '%s\n' "$said" | grep -qF -- "$1"
}

# Its files may have been rotated.
store() { # NAME: its lines
	"$build/gazettectl" tail -s "$1" -n all --json -c "$T/gazetted.yaml" 2>/dev/null
}

holds() { # NAME N
	[ "$(store "$1" | wc -l)" -eq "$2" ]
}

feed() { # ITEMS: title and number of each
	for item in "$@"; do echo "${item##* } The $item was seen here"; done | write_feed beasts
}

feed "wolf 1" "bear 2" "bear 3" "wolf 4" "bear 5" "fox 6"
start_publisher --static "$T/www"
write_topic wolf "wolf"
write_conf
add_feed beasts "$url/beasts.rss" "alert_first_poll: true"
script run.sh <<EOF
printf '%s %s\n' "\$GAZETTED_KEY" "\$GAZETTED_TOPICS" >>"$T/\$1"
EOF
cat >"$T/alerts.d/all.yaml" <<EOF
alerts:
  - {name: desk, exec: [./run.sh, desk]}
  - {name: wolves, topics: [wolf], exec: [./run.sh, wolves]}
EOF
start_daemon
wait_check "six records, of which two match" has_lines "$T/desk" 2
is "all are there" "$(lines "$items")" 6

ctl replay --topic bear --since 1d
is "a topic that is not configured cannot be replayed" "$status" 66
write_topic bear "bear"
ctl replay --topic bear --since 1d
is "nor one that the daemon does not know yet" "$status" 65
check "and its log says what to do" grep -q "there is no such topic; reload the daemon first" "$T/daemon.log"
kill -HUP "$daemon"
wait_check "the daemon takes the topic" logged "info reloaded "

ctl replay --topic bear --since 1d --dry-run
is "it can be looked at first" "$status" 0
check "all three are shown" says "3 records of bear would be replayed"
check "as they were seen, with the topic of today" says "bear=1.00 The bear 3 was seen here"
ctl replay --topic bear --since 1d --dry-run --limit 2 --json
check "or some of them, for programs" says '{"topic":"bear","would_replay":2}'
ctl replay --topic bear --since 1d --dry-run --feed other
check "or of some feeds" says "0 records of bear would be replayed"
ctl replay --topic bear --since 2020-01-01 --until 1d --dry-run
check "or of some time" says "0 records of bear would be replayed"
is "and nothing is done" "$(lines "$items")" 6
is "nor asked" "$(find "$T/state/requests" -name '*.json' | wc -l | tr -d ' ')" 0

ctl replay --topic bear --since 1d --limit 1
is "one is replayed" "$status" 0
check "and counted" says "1 records of bear replayed"
wait_check "it is in the topic's store" holds bear 1
is "the oldest" "$(store bear | value title)" "The bear 5 was seen here"
ctl replay --topic bear --since 1d --alert wolves
is "an alert that does not ask for the topic is a mistake" "$status" 64
ctl replay --topic bear --since 1d --alert desk
is "the others are, with an alert" "$status" 0
wait_check "which runs once for each" has_lines "$T/desk" 4
wait_check "they are in the topic's store too" holds bear 3
ctl replay --topic bear --since 1d --alert desk
check "again there is nothing to replay" says "0 records of bear replayed"
ctl replay --topic wolf --since 1d
check "nor for a topic that had them all" says "0 records of wolf replayed"

# An alert that comes later has the past, too: what its topic matched when it came.
echo '  - {name: late, topics: [wolf], feeds: [beasts], exec: [./run.sh, late]}' >>"$T/alerts.d/all.yaml"
kill -HUP "$daemon"
wait_check "the daemon takes an alert" logged "info reloaded " 2
ctl replay --topic wolf --since 1d --alert late --matched --dry-run
check "what it would be told of can be looked at" says "2 that it matched then would be for late"
ctl replay --topic wolf --since 1d --alert late
check "only if that is asked for" says "0 records of wolf replayed"
ctl replay --topic wolf --since 1d --matched
is "for an alert" "$status" 64
ctl replay --topic wolf --since 1d --alert late --matched --json
check "it is told of both" says '{"topic":"wolf","replayed":0,"told":2}'
ctl replay --topic wolf --since 1d --alert late --matched
is "again" "$status" 0
wait_check "once" has_lines "$T/late" 2
is "each" "$(sort -u "$T/late" | wc -l | tr -d ' ')" 2
is "and nothing is written for that" "$(store wolf | wc -l | tr -d ' ')" 2
ctl search --kind replay
is "replays can be searched for" "$(printf '%s\n' "$said" | grep -c ' replay ')" 3
ctl verify
is "the stores are whole" "$status" 0

# What changes later is not replayed as it was.
feed "wolf 1" "bear 2" "bear 3" "wolf 4" "bear 5" "badger 6"
wait_check "an item is revised" has_lines "$items" 10
write_topic fox "fox"
write_topic badger "badger"
kill -HUP "$daemon"
wait_check "two topics more" logged "info reloaded " 3
ctl replay --topic fox --since 1d
check "what an item said before is not what it says" says "0 records of fox replayed"
ctl replay --topic badger --since 1d
check "its newest text is" says "1 records of badger replayed"
stop_daemon
is "the records are what they were" "$(lines "$items")" 11
is "no alert ran that was not asked for" "$(lines "$T/desk")" 4

write_topic seen "seen"
ctl replay --topic seen --since 1d
is "without a daemon it waits" "$status" 75
start_daemon
wait_check "and is taken at the next start" holds seen 6
ctl replay --topic seen --since 1d
check "once" says "0 records of seen replayed"
stop_daemon
ctl verify
is "and all is whole" "$status" 0
sed -i '2s/^/x/' "$items"
ctl replay --topic seen --since 1d --dry-run
is "what was passed over is no success" "$status" 65
is "it is told once" "$(cat "$T/ctl.err")" "gazettectl: items.jsonl:2: no JSON object: passed over"

plan
