#!/bin/sh
# test_feeds.sh BUILD: the feed-parsing suites that lie beside the repository (SHARED, or ../shared), against what is known to fail and why. TAP.
set -u
build=$1
here=$(dirname "$0")
shared=${SHARED:-$here/../../../shared}
kit=$shared/feeds/conformance.py
echo 1..1
if [ ! -x "$kit" ] && [ ! -f "$kit" ]; then
	echo "ok 1 - conformance # SKIP no suites in $shared"
	exit 0
fi
if ! command -v python3 >/dev/null; then
	echo "ok 1 - conformance # SKIP python3 is not installed"
	exit 0
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if python3 "$kit" --serve "$build/gazettectl parse --serve" --known-failures "$here/known-failures.tsv" "$shared"/feeds/suites/* >"$log" 2>&1; then
	sed -n '/ passed, .* skipped/s/^/# /p' "$log"
	echo "ok 1 - conformance"
else
	sed 's/^/# /' "$log"
	echo "not ok 1 - conformance"
	exit 1
fi
