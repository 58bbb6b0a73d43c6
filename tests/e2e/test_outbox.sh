#!/bin/sh
# gazettectl alerts and review beside the daemon: what is owed, a test, dead letters again, what waits for a person. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

feed_with 2
start_publisher --static "$T/www"
write_topic wolf "wolf"
write_conf
add_feed alarms "$url/alarms.rss" "alert_first_poll: true"
script run.sh <<EOF
printf '%s %s %s\n' "\$GAZETTED_KEY" "\$GAZETTED_KIND" "\$GAZETTED_TEST" >>"$T/\$1"
cat >>"$T/\$1.in"
[ ! -e "$T/slow" ] || sleep 60
[ ! -e "$T/broken" ] || { echo "out of order"; exit 3; }
EOF
cat >"$T/alerts.d/all.yaml" <<EOF
alerts:
  - {name: desk, exec: [./run.sh, desk]}
  - {name: careful, when: confirmed, exec: [./run.sh, careful]}
EOF
touch "$T/broken"
ctl alerts list
is "without any state there is nothing to list" "$status" 66

start_daemon
dead() { ctl alerts list desk; [ "$(printf '%s\n' "$said" | grep -c '^dead ')" -eq "$1" ]; }
wait_check "dead deliveries are listed beside the daemon" dead 2
check "with the reason" sh -c 'printf "%s" "$1" | grep -q "out of order"' - "$said"
ctl alerts list --json
check "each alert has a line" sh -c 'printf "%s\n" "$1" | grep -q "^{\"alert\":\"desk\",.*\"dead\":2,.*\"last_result\":\"dead\""' - "$said"
check "what waits for a person is counted" sh -c 'printf "%s\n" "$1" | grep -q "^{\"alert\":\"careful\",.*\"held\":2,"' - "$said"

ctl alerts test desk
is "a test that fails says so" "$status" 1
check "with the script's words" grep -q "out of order" "$T/ctl.err"
rm "$T/broken"
ctl alerts test desk
is "a test that does well ends with 0" "$status" 0
check "its script knows that it is one" grep -q ' test 1$' "$T/desk"
ctl alerts test nobody
is "an alert that is not there cannot be tested" "$status" 66

first=$(sed -n 1p "$T/desk" | cut -d' ' -f1)
ctl alerts retry "$first" desk:nobody
is "a key that there is not is refused" "$status" 66
check "and said" grep -q "no delivery 'desk:nobody'" "$T/ctl.err"
ctl alerts retry --alert dsek
is "so is an alert that there is not" "$status" 66
ctl alerts list desk
is "nothing went for that" "$(printf '%s\n' "$said" | grep -c '^dead ')" 2
ctl alerts retry "$first" "$first"
is "one dead letter goes again, named twice" "$status" 0
is "that is said" "$said" "1 wait again"
wait_check "under the key that it had" sh -c '[ "$(grep -c "^$1 record" "$2")" -eq 2 ]' - "$first" "$T/desk"
ctl alerts retry --all-dead
is "one was left" "$said" "1 wait again"
wait_check "then all others" dead 0
ctl alerts retry "$first"
is "one that is done is no dead letter" "$status" 66
ctl alerts retry --alert desk
is "nothing is dead is no failure" "$status $said" "0 nothing is dead"
ctl alerts retry
is "retrying nothing in particular is refused" "$status" 64
ctl alerts log --alert desk
check "the log tells of tries that failed and of those that did not" sh -c 'printf "%s" "$1" | grep -q " dead .*out of order" && printf "%s" "$1" | grep -q " done "' - "$said"

check "nothing was delivered that nobody confirmed" [ ! -e "$T/careful" ]
key=$(sed -n 1p "$items" | value key)
ctl review confirm "$key" --by ann --why "it is so"
is "a record is confirmed by its key" "$status" 0
wait_check "and delivered" has_lines "$T/careful" 1
ctl review reject 2 --by ben --why "a drill"
is "one is rejected by its number" "$status" 0
wait_check "both are in the ledger" has_lines "$T/log/reviews.jsonl" 2
ctl review confirm 99 --by ann --why "no such thing"
is "a record that there is not is refused" "$status" 65
ctl review confirm 1 --by ann
is "nobody decides without a reason" "$status" 64
ctl verify
is "the stores are whole, the ledger of reviews too" "$status" 0
check "and it was looked at" sh -c 'printf "%s" "$1" | grep -q "^reviews"' - "$said"

stop_daemon
ctl alerts list
is "the state is read without a daemon as well" "$status" 0
ctl alerts test desk
is "without a daemon there is no test" "$status" 69
is "and none is left for its next start" "$(find "$T/state/requests" -name '*.json' | wc -l | tr -d ' ')" 0
ctl review confirm 2 --by ann --why "no drill"
is "a review waits for the daemon" "$status" 75
start_daemon
wait_check "and is taken at the next start" has_lines "$T/log/reviews.jsonl" 3
wait_check "what was rejected may still be confirmed" has_lines "$T/careful" 2
stop_daemon

# A second feed brings the text of the first one, and later a word more: its records are of the case of the other feed's.
printf '1 Alarm 1: wolf\n2 Alarm 2: wolf\n9 A wolf was seen near the old town\n' | write_feed alarms
echo "9 A wolf was seen near the old town" | write_feed other
write_topic bear "bear"
start_daemon
wait_check "the first feed's record" has_lines "$items" 3
stop_daemon
add_feed other "$url/other.rss" "alert_first_poll: true"
cat >>"$T/alerts.d/all.yaml" <<EOF
  - {name: theirs, when: confirmed, feeds: [other], exec: [./run.sh, theirs]}
EOF
start_daemon
wait_check "a second one of its case" has_lines "$items" 4
case=$(sed -n 3p "$items" | value key)
theirs=$(sed -n 4p "$items" | value key)
check "which has a key of its own" grep -q "^{.*\"key\":\"$theirs\".*\"case\":\"$case\"" "$items"
last_record() { sed -n '$s/.*"record":\([0-9]*\).*/\1/p' "$T/log/reviews.jsonl"; }
ctl review confirm "$theirs" --by ann --why "it is so"
is "a record of another record's case is found by its own key" "$status" 0
wait_check "and delivered under the case's" grep -q "^theirs:$case record" "$T/theirs"
is "the ledger has its number" "$(last_record)" 4
is "and its own key" "$(tail -n 1 "$T/log/reviews.jsonl" | value key)" "$theirs"
echo "9 A wolf was seen near the old town, and a bear" | write_feed other
grown() { ctl alerts list careful; printf '%s\n' "$said" | grep -q "^held .*careful:$case:[0-9a-f]* record 5"; }
wait_check "a topic that came later waits, too" grown
ctl review confirm "$theirs" --by ann --why "a bear"
is "it is found by the record's key" "$status" 0
wait_check "and delivered" grep -q "^careful:$case:[0-9a-f]* record" "$T/careful"
ctl review confirm "$case" --by ann --why "it is so"
is "the first record by its own" "$status" 0
is "which is the case's" "$(last_record)" 3

# Another program holds the state: nothing can be written into it, so that nothing that is asked for is promised.
mkfifo "$T/release"
python3 - "$T/state/state.db" "$T/held" "$T/release" <<'EOF' &
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open(sys.argv[2], "w").close()
open(sys.argv[3]).read()
EOF
holder=$!
started="$started $holder"
wait_for test -e "$T/held"
echo "10 A wolf was seen by the sea" | write_feed other
wait_check "a state that is held is told of" logged "state-lags"
ctl reload
is "no reload is asked for then" "$status" 69
check "and why" grep -q "takes no requests while it cannot write its state" "$T/ctl.err"
: >"$T/release"
wait "$holder"
wait_check "when it is free all goes on" logged "state-caught-up"
ctl reload
is "as before" "$status" 0

# The daemon is killed while a program runs.
touch "$T/slow"
echo "10 A wolf that takes long" | write_feed alarms
one_is() { ctl alerts list desk; printf '%s\n' "$said" | grep -q "^$1 .*$2"; }
wait_check "a program runs" one_is running "record"
kill_daemon
check "with its daemon it was cut short" one_is interrupted ", runs again at the next start"
ctl alerts list --json
check "and runs no more" sh -c 'printf "%s\n" "$1" | grep -q "^{\"alert\":\"desk\",.*\"running\":0,.*\"interrupted\":1,"' - "$said"
rm "$T/slow"
start_daemon
wait_check "it does run again" sh -c "! '$build/gazettectl' alerts list desk -c '$T/gazetted.yaml' | grep -q -e ^running -e ^interrupted"
stop_daemon

plan
