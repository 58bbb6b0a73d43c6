#!/bin/sh
# check_engine_mutants BUILD: plants the bugs of tests/fault/mutants/engine and shows that the sweep over the engine finds each.
# A mutant is a sed script whose first line names the file that it changes and says what the bug is.
set -eu
build=$1
flags="-std=c17 -D_GNU_SOURCE -I. -O1 -w $(pkg-config --cflags sqlite3 libxml-2.0 libcurl)"
libraries="$(pkg-config --libs libxml-2.0 libcurl yaml-0.1 sqlite3 jansson libzstd uchardet libxxhash libcrypto) -lcmocka -lpthread -lm"
floors=
for floor in daemon/pipe daemon/conf daemon/net daemon/store daemon/feed daemon/base classifiers; do
	floors="$floors $build/$floor.a"
done
work=$(mktemp -d "${TMPDIR:-/tmp}/engine-mutants-XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

one() { # NAME
	script=tests/fault/mutants/engine/$1.sed
	source=$(sed -n '1s/^# \([^ ]*\): .*/\1/p' "$script")
	bug=$(sed -n '1s/^# [^:]*: //p' "$script")
	sed -f "$script" "$source" >"$work/mutant.c"
	if cmp -s "$work/mutant.c" "$source"; then
		echo "not ok $count - $1: the script changes nothing any more"
		return
	fi
	# shellcheck disable=SC2086
	if ! cc $flags -c -o "$work/mutant.o" "$work/mutant.c" 2>"$work/err" ||
		! cc -o "$work/test" "$build/tests/fault/test_engine_sweep.o" "$work/mutant.o" "$build/tests/fake.a" $floors $libraries \
			2>>"$work/err"; then
		echo "not ok $count - $1: does not compile: $(head -c 200 "$work/err" | tr '\n' ' ')"
		return
	fi
	for stride in 97 23 5; do
		GAZETTED_SWEEP_STRIDE=$stride timeout 120 "$work/test" >"$work/out" 2>&1 || true
		! grep -q '^not ok' "$work/out" || break
	done
	if grep -q '^not ok' "$work/out"; then
		echo "ok $count - $1: $bug"
	else
		echo "not ok $count - $1 was not found: $bug"
	fi
}

count=0
for file in tests/fault/mutants/engine/*.sed; do
	count=$((count + 1))
	one "$(basename "$file" .sed)"
done >"$work/results"
cat "$work/results"
echo "1..$count"
! grep -q '^not' "$work/results"
