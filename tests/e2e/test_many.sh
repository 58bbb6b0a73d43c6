#!/bin/sh
# 10,000 feeds over real sockets: memory and descriptors stay as they are, from round to round and over reloads. $1: build folder.
. "$(dirname "$0")/lib.sh"
case $1 in *asan* | *tsan*) skip_all "what a sanitizer keeps for itself is not the daemon's" ;; esac
echo "1..1"
export BENCH_WRK=0 BENCH_ITEMS=5 BENCH_ROUNDS=3 BENCH_RELOADS=4 BENCH_INTERVAL=10
if out=$(python3 "$(dirname "$0")/../bench/many.py" "$1" 2>&1); then
	echo "ok 1 - 10,000 feeds: memory and descriptors stay as they are"
else
	echo "not ok 1 - 10,000 feeds: memory and descriptors stay as they are"
fi
echo "$out" | sed 's/^/# /'
