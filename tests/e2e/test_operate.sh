#!/bin/sh
# What an operator does beside the running daemon: status for monitoring, reload with its verdict, feeds added, switched, removed and polled. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

says() { # TEXT: in what the last command printed
	printf '%s\n' "$said" | grep -qF -- "$1"
}

warns() { # TEXT: on its standard error
	grep -qF -- "$1" "$T/ctl.err"
}

polls_of() { # FEED: how many the ledger has
	grep -c "\"feed\":\"$1\"" "$polls"
}

not_logged() { # TEXT
	! grep -qF -- "$1" "$T/daemon.log"
}

asked_more() { # FEED N
	[ "$(polls_of "$1")" -gt "$2" ]
}

for name in one two three; do echo "1 The $name was seen" | write_feed "$name"; done
start_publisher --static "$T/www"
interval=1h write_conf
add_feed one "$url/one.rss"

ctl status --exit-code
is "nothing runs: 3, as systemctl says it" "$status" 3
ctl reload
is "where no daemon ever ran nobody can reload" "$status" 66
start_daemon
wait_check "the first poll" has_lines "$items" 1
wait_check "the daemon tells how it is" test -s "$T/state/status.json"
ctl status --exit-code
is "all is well: 0" "$status" 0

ctl feeds add two "$url/two.rss" -l en
is "a feed is added" "$status" 0
check "and it is said what makes it count" warns "gazettectl reload"
check "in a file of its own" grep -q "$url/two.rss" "$T/feeds.d/gazettectl.yaml"
ctl reload
is "it is reloaded" "$status" 0
is "and the verdict says what changed" "$said" "reloaded: +1 feed"
wait_check "the new feed is polled" has_lines "$items" 2
ctl feeds add three "$url/three.rss" --reload
is "or all in one step" "$said" "reloaded: +1 feed"
wait_check "which is polled, too" has_lines "$items" 3
ctl reload
is "nothing changed, and that is said" "$said" "reloaded: nothing changed"

cp "$T/feeds.d/gazettectl.yaml" "$T/before"
ctl feeds add two "$url/again.rss"
is "a name that is taken is refused" "$status" 64
ctl feeds add four "no address"
is "what would be wrong is refused" "$status" 78
check "with file and line" warns "gazettectl.yaml:"
check "and nothing was changed" cmp -s "$T/before" "$T/feeds.d/gazettectl.yaml"
is "nor left behind" "$(find "$T/feeds.d" -name '*.new*' | wc -l | tr -d ' ')" 0
ctl feeds remove none
is "there is no such feed" "$status" 66

before=$(polls_of one)
ctl feeds poll-now one
is "a poll is asked for" "$status" 0
wait_check "and comes long before its time" asked_more one "$before"
ctl feeds poll-now none
is "not of a feed that is not there" "$status" 66

ctl feeds disable one --reload
is "a feed in somebody's own file is switched off" "$said" "reloaded: -1 feed"
check "where it stands" grep -q "enabled: false" "$T/feeds.d/one.yaml"
ctl feeds enable one --reload
is "and on again" "$said" "reloaded: +1 feed"
mv "$T/feeds.d/one.yaml" "$T/real.yaml"
ln -s ../real.yaml "$T/feeds.d/one.yaml"
ctl feeds disable one
check "a link stays one" test -L "$T/feeds.d/one.yaml"
check "and its target is edited" grep -q "enabled: false" "$T/real.yaml"
ctl feeds enable one
rm "$T/feeds.d/one.yaml"
mv "$T/real.yaml" "$T/feeds.d/one.yaml"
add_feed odd "$url/one.rss" "# set enabled: false to mute it" "language: en"
ctl feeds disable odd
is "what only a comment says is not taken for it" "$status" 0
ctl feeds show odd
check "and it is off" says "enabled    no"
check "with its comment" grep -q "# set enabled: false to mute it" "$T/feeds.d/odd.yaml"
printf 'feeds: [{name: odd, url: "%s/one.rss"}]\n' "$url" >"$T/feeds.d/odd.yaml"
ctl feeds disable odd
is "what is written in a way that cannot be edited is refused" "$status" 65
check "and that is told" warns "by hand"
rm "$T/feeds.d/odd.yaml"

# Editors at the same time: none of them undoes another's work, and one that has no turn says why.
chmod 640 "$T/feeds.d/gazettectl.yaml"
editors=
for i in 1 2 3 4 5 6; do
	"$build/gazettectl" feeds add "more-$i" "$url/two.rss?$i" -c "$T/gazetted.yaml" 2>>"$T/editors.err" &
	editors="$editors $!"
done
for pid in $editors; do wait "$pid" || echo "editor $pid: $?" >>"$T/editors.err"; done
is "of six feeds that are added at once none is lost" "$(grep -c 'name: "more-' "$T/feeds.d/gazettectl.yaml")" 6
is "and the file's mode is kept" "$(stat -c %a "$T/feeds.d/gazettectl.yaml")" 640
for i in 1 2 3 4 5 6; do ctl feeds remove "more-$i"; done
is "and they are removed" "$(grep -c 'name: "more-' "$T/feeds.d/gazettectl.yaml")" 0
(exec 9<"$T" && flock 9 && exec sleep 60) &
holder=$!
started="$started $holder"
lock_is_held() { ! flock -n "$T" true; }
wait_check "somebody edits" lock_is_held
ctl feeds disable two
is "who finds it locked is told to come again" "$status" 75
check "and why" warns "somebody else is editing"
end_pid "$holder"
ctl feeds remove three --reload
is "and one is removed" "$said" "reloaded: -1 feed"

echo "nonsense: true" >>"$T/gazetted.yaml"
ctl reload
is "a wrong configuration is refused" "$status" 1
check "with its place" warns 'unknown key "nonsense"'
check "and the old one stays" warns "the old configuration stays"
check "which the daemon was not even asked about" not_logged "result=refused"
sed -i '$d' "$T/gazetted.yaml"

# The daemon refuses what seemed good here: its own view of a file differs.
rm -f "$T/feeds.d/one.yaml" "$T/feeds.d/gazettectl.yaml"
ctl reload
is "a configuration that lost all its feeds is refused by the daemon" "$status" 1
check "and why" says "it has no feeds any more"

# Asked while the daemon holds still, and then it is told to end: it does not wait, and nobody waits for it.
printf 'feeds:\n  - {name: one, url: "%s/one.rss"}\n' "$url" >"$T/feeds.d/one.yaml"
kill -STOP "$daemon"
(
	status=0
	"$build/gazettectl" reload -c "$T/gazetted.yaml" >"$T/asked.out" 2>&1 || status=$?
	echo "$status" >"$T/asked"
) &
asker=$!
started="$started $asker"
request_is_there() { ls "$T/state/requests/"*.json >/dev/null 2>&1; }
wait_check "a reload is asked for" request_is_there
kill -TERM "$daemon"
from=$(date +%s)
kill -CONT "$daemon"
wait_check "and answered" test -s "$T/asked"
is "as no daemon's" "$(cat "$T/asked")" 69
check "at once" test $(($(date +%s) - from)) -le 3
check "because it is ending" grep -q "is ending" "$T/asked.out"
stop_daemon
plan
