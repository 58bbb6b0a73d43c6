#!/bin/sh
# The units: valid, hardened to a figure, and agreeing with each other, with sysusers and with tmpfiles. Nothing is started. TAP.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
if ! command -v systemd-analyze >/dev/null; then
	echo "ok 1 - # SKIP systemd-analyze is missing"
	echo "1..1"
	exit 0
fi
T=$(mktemp -d) || exit 99
trap 'rm -rf "$T"' EXIT
number=0
failed=0

check() { # NAME COMMAND...: passes when it ends well and says nothing on standard error
	name=$1
	shift
	number=$((number + 1))
	if "$@" >"$T/out" 2>"$T/err" && [ ! -s "$T/err" ]; then
		echo "ok $number - $name"
	else
		failed=1
		echo "not ok $number - $name"
		sed 's/^/#   /' "$T/out" "$T/err"
	fi
}

value() { # UNIT KEY: its last value
	sed -n "s/^$2=//p" "$root/systemd/$1" | tail -n 1
}

# Programs and manuals need not be installed here: a program that is stands for ours.
mkdir "$T/units"
for unit in gazetted.service gazetted-hook.socket gazetted-hook@.service; do
	sed -e 's,/usr/bin/gazetted,/bin/true,' -e '/^Documentation=/d' "$root/systemd/$unit" >"$T/units/$unit"
done
cd "$T/units" || exit 99

check 'units are valid' systemd-analyze verify ./gazetted.service ./gazetted-hook.socket ./gazetted-hook@.service
check 'the daemon: exposure 1.2 or better' systemd-analyze security --offline=true --threshold=12 --no-pager ./gazetted.service
check 'alert scripts: exposure 2.0 or better' systemd-analyze security --offline=true --threshold=20 --no-pager ./gazetted-hook@.service

same() { # ONE OTHER
	echo "$1 / $2"
	[ -n "$1" ] && [ "$1" = "$2" ]
}
check 'the daemon looks for the socket where it is' same "$(value gazetted.service Environment)" \
	"GAZETTED_HOOK_SOCKET=$(value gazetted-hook.socket ListenStream)"
check 'only the user of the daemon may connect' same "$(value gazetted-hook.socket SocketUser) $(value gazetted-hook.socket SocketMode)" \
	"$(value gazetted.service User) 0600"
scripts_user() { # not the daemon's user
	[ "$(value gazetted-hook@.service User)" != "$(value gazetted.service User)" ]
}
check 'scripts run as a user of their own' scripts_user
check 'scripts: the whole control group is killed' same "$(value gazetted-hook@.service KillMode)" control-group
check 'the reload signal' same "$(value gazetted.service ExecReload)" '/bin/kill -HUP $MAINPID'
check 'the shipped folders are the default ones' same "$(sed -n 's/^ *#\(state_\|\)directory: //p' "$root/config/gazetted.yaml" | sort | tr '\n' ' ')" \
	"/var/lib/$(value gazetted.service StateDirectory) /var/log/$(value gazetted.service LogsDirectory) "
address_families() { # sockets of these kinds, no others
	value gazetted.service RestrictAddressFamilies | tr ' ' '\n' | sort | tr '\n' ' '
}
check 'sockets' same "$(address_families)" 'AF_INET AF_INET6 AF_UNIX '

# Bodies that a worker must be able to call, named because no group of system calls holds them.
check 'the sandbox of the workers is allowed' grep -q '^SystemCallFilter=seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self$' gazetted.service

if [ "$(id -u)" = 0 ] && command -v systemd-sysusers systemd-tmpfiles >/dev/null; then
	mkdir -p "$T/root/etc" "$T/root/var" "$T/root/run"
	systemd-sysusers --root="$T/root" "$root/systemd/sysusers.d/gazetted.conf" >"$T/out" 2>&1
	check 'sysusers: the daemon' grep -q '^gazetted:.*:/var/lib/gazetted:' "$T/root/etc/passwd"
	check 'sysusers: scripts' grep -q '^gazetted-hook:' "$T/root/etc/passwd"
	check 'tmpfiles' systemd-tmpfiles --root="$T/root" --create "$root/systemd/tmpfiles.d/gazetted.conf"
	id_of() { # the daemon's number in the new root
		sed -n 's/^gazetted:[^:]*:\([0-9]*\):.*/\1/p' "$T/root/etc/passwd"
	}
	check 'tmpfiles: the state is the daemon'"'"'s' same "$(stat -c '%u %a' "$T/root/var/lib/gazetted")" "$(id_of) 750"
	check 'tmpfiles: secrets' same "$(stat -c '%u %a' "$T/root/etc/gazetted/secrets")" '0 750'
else
	echo "# sysusers and tmpfiles are tried as root only"
fi
echo "1..$number"
exit $failed
