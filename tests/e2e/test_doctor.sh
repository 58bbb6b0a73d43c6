#!/bin/sh
# gazettectl doctor: each check in health and in sickness; nothing beyond this machine is asked. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY

says() { # TEXT PATTERN: a line of the doctor's
	if printf '%s\n' "$said" | grep -q -e "$2"; then result ok "$1"; else
		result not-ok "$1"
		printf '%s\n' "$said" | sed 's/^/#   /'
	fi
}

start_publisher --static "$T/www"
write_conf
feed_with 1
add_feed alarms "$url/alarms.rss"
ctl doctor
is 'without a daemon it fails' "$status" 1
says 'and says what to do' '^fail *service .*status.json.*-> systemctl start gazetted'
says 'whose limits they are without it' '^ok *limits *this session: [0-9]* open files at most'
of_few_files() { # what it says in a session that may have 64
	said=$(ulimit -n 64 && ulimit -Hn 64 && "$build/gazettectl" doctor -c "$T/gazetted.yaml" 2>"$T/ctl.err")
	status=$?
}
of_few_files
says 'a session that may have few is only warned of' '^warn *limits *this session: 64 open files at most'
start_daemon
wait_check 'the daemon polls' test -s "$items"
ctl doctor
is 'with one it does not' "$status" 0
says 'the daemon runs' '^ok *service *it runs; 0 of 1 feeds fail'
says 'the host is known' '^ok *names *1 of 1 hosts are known'
says 'the clock is looked at' '^\(ok\|warn\) *clock '
says 'certificates are counted' '^\(ok\|warn\) *certificates '
says 'limits are looked at' '^ok *limits *the daemon: [0-9]* open files at most, [0-9]* may be needed'
of_few_files
is 'those of the session do not count' "$status" 0
says 'but those of the daemon' '^ok *limits *the daemon: '
says 'the disk of the stores' "^ok *disk *$T/log: [0-9]* MiB free"
says 'the disk of the state' "^ok *disk *$T/state: "
says 'the folder of requests' "^ok *permissions *$T/state/requests: 0770"
says 'proxies are counted' '^ok *proxies *0 of 1 feeds'
ctl doctor -o json
is 'as JSON too' "$status" 0
check 'a line for each' sh -c 'printf "%s\n" "$1" | python3 -c "import json, sys
for line in sys.stdin: assert {\"check\", \"level\", \"text\"} <= json.loads(line).keys()"' sh "$said"

# --- sick. A name with a label of 70 letters is refused without asking anybody.
add_feed nowhere "http://$(printf '%070d' 0 | tr 0 a).example/feed"
chmod 777 "$T/log"
echo secret >"$T/secret"
chmod 644 "$T/secret"
add_feed private "$url/alarms.rss?1" 'username: me' "password_file: $T/secret"
add_feed other "$url/alarms.rss?2" 'username: me' "password_file: $T/secret"
sed -i 's/free_floor: 0/free_floor: 1000GiB/' "$T/gazetted.yaml"
export https_proxy=http://127.0.0.1:1
ctl doctor
unset https_proxy
is 'what is wrong makes it fail' "$status" 1
says 'a host that is not known' '^warn *names *aaaa.*\.example: '
says 'others are' '^warn *names *1 of 2 hosts are known'
says 'a folder that everybody may write into' "^fail *permissions *$T/log: everybody may write there *-> chmod o-w"
says 'a secret that everybody may read' "^fail *permissions *$T/secret: everybody may read this secret"
is 'it is told once' "$(printf '%s\n' "$said" | grep -c 'this secret')" 1
says 'a full disk' "^fail *disk *$T/log: .*nothing is polled below 1024000 "
says 'a variable that is not used' '^warn *proxies *https_proxy is set'
kill -STOP "$daemon" # it has its state open, and writes no status
sed -i 's/"open_files_max":[0-9]*/"open_files_max":64/' "$T/state/status.json"
ctl doctor
says 'a daemon that may open too few files' '^fail *limits *the daemon: 64 open files at most, [0-9]* may be needed *-> raise LimitNOFILE='
sed -i 's/"at":"20/"at":"19/' "$T/state/status.json"
ctl doctor
says 'a daemon that gives no sign' '^fail *service *it does not run, or hangs'
sed -i 's/"at":"19/"at":"20/' "$T/state/status.json"
ctl doctor
says 'one that gave it lately runs' '^ok *service *it runs'
kill_daemon
ctl doctor
says 'a daemon that was killed is missed at once' '^fail *service *it does not run *-> systemctl start'
says 'and its limits with it' '^ok *limits *this session: '
ctl status
is 'there is none then' "$status" 69
says 'which is said' '^gazetted .* is not running: last sign of life '
ctl status --exit-code
is 'monitoring learns of it' "$status" 3
start_daemon
wait_check 'once there is one again, all is well' sh -c "'$build/gazettectl' status --exit-code -c '$T/gazetted.yaml' >/dev/null 2>&1"
stop_daemon
echo 'nonsense: 1' >>"$T/gazetted.yaml"
ctl doctor
is 'a configuration with errors' "$status" 1
says 'is all that is looked at' '^fail *configuration *it has errors *-> gazetted -t'
is 'in one line' "$(printf '%s\n' "$said" | wc -l)" 1
plan
