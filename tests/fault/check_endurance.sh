#!/bin/sh
# What is remembered reaches a plateau: 50,000 items in 250 days of virtual time. $1: build folder. The long one is `make check-endurance`.
build=$1
echo "1..1"
if out=$("$build/tests/bench/bench_endurance" 5 10); then
	echo "ok 1 - memory and state stay as large as they are"
else
	echo "$out" | sed 's/^/# /'
	echo "not ok 1 - memory and state stay as large as they are"
	exit 1
fi
