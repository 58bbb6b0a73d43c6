#!/bin/sh
# test_bad_feeds.sh BUILD: the hostile documents that lie beside the repository (SHARED, or ../shared): each is refused or gives its items, nothing
# of it reaches the output raw, none takes more than 64 MiB. Their processor time is measured by `make bench`. TAP.
set -u
build=$1
here=$(dirname "$0")
generate=${SHARED:-$here/../../../shared}/faults/bad_feeds/generate.py
echo 1..1
if [ ! -f "$generate" ]; then
	echo "ok 1 - hostile documents # SKIP no $generate"
	exit 0
fi
if ! command -v python3 >/dev/null; then
	echo "ok 1 - hostile documents # SKIP python3 is not installed"
	exit 0
fi
if log=$(python3 "$here/bad_feeds.py" "$build/gazettectl" "$generate" 2>&1); then
	echo "# $log"
	echo "ok 1 - hostile documents"
else
	echo "not ok 1 - hostile documents"
	echo "$log" | sed 's/^/# /'
	exit 1
fi
