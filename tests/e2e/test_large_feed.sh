#!/bin/sh
# A million items go through the parser as ten do: beyond the document itself `gazettectl parse` takes no more memory for them. $1: build folder. TAP.
set -u
export ASAN_OPTIONS=quarantine_size_mb=1
build=$1
room=4 # MiB of resident memory that ten times the items may take more: the allocator's noise, a hundredth of what keeping them would cost
! grep -q __asan_init "$build/gazettectl" || room=16 # the sanitizer's shadow: an eighth of the document, and its redzones
echo 1..2
if ! command -v python3 >/dev/null; then
	echo "ok 1 - a million items # SKIP python3 is not installed"
	echo "ok 2 - memory # SKIP python3 is not installed"
	exit 0
fi
base=${TMPDIR:-/tmp}
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || base=/dev/shm
work=$(mktemp -d "$base/large-feed.XXXXXX")
trap 'rm -rf "$work"' EXIT

feed() { # ITEMS: of 60 bytes each
	awk -v n="$1" 'BEGIN {
		print "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>T</title>"
		for (i = 0; i < n; i++) printf "<item><guid>%08d</guid><title>t %d</title></item>\n", i, i
		print "</channel></rss>" }'
}

# FILE: the items, and the KiB of memory beyond the document.
measure() {
	python3 - "$build/gazettectl" "$1" <<'PY'
import os, subprocess, sys
p = subprocess.Popen([sys.argv[1], "parse", sys.argv[2]], stdout=subprocess.PIPE)
items, tail = 0, b""
while True:
    part = p.stdout.read(1 << 16)
    if not part:
        break
    part = tail + part
    items += part.count(b'{"id":"')
    tail = part[-6:]
_, status, use = os.wait4(p.pid, 0)
print(items if status == 0 else -1, use.ru_maxrss - os.path.getsize(sys.argv[2]) // 1024)
PY
}

feed 100000 >"$work/few.xml"
feed 1000000 >"$work/many.xml"
# shellcheck disable=SC2046 # two words each
set -- $(measure "$work/few.xml") $(measure "$work/many.xml")
if [ "$1 $3" = "100000 1000000" ]; then
	echo "ok 1 - a million items"
else
	echo "not ok 1 - a million items: $1 of 100000, $3 of 1000000"
fi
if [ "$4" -lt $(($2 + room * 1024)) ]; then
	echo "ok 2 - memory: $2 KiB beyond the document for 100,000 items, $4 KiB for 1,000,000"
else
	echo "not ok 2 - memory: $2 KiB beyond the document for 100,000 items, $4 KiB for 1,000,000"
fi
[ "$4" -lt $(($2 + room * 1024)) ] && [ "$1 $3" = "100000 1000000" ]
