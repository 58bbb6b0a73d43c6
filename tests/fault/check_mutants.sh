#!/bin/sh
# check_mutants BUILD: plants the bugs of tests/fault/mutants, as many at a time as there are processors, and shows that a sweep finds each: that
# of the reader and that of the feed parser in their own files, the tests of retention and of cut-off compressions in their own, the days that are killed at every step in those
# of the pipe, that of the store in all others.
# A mutant is a sed script whose first line names the file that it changes and says what the bug is. It changes a copy; the object
# made of that comes before the archives when the sweep is linked, so that theirs is not taken.
# check_mutants BUILD NAME WORK: one of them, which is how this script calls itself.
set -eu
build=$1
flags="-std=c17 -D_GNU_SOURCE -I. -O1 -w $(pkg-config --cflags sqlite3 libzstd libxml-2.0 jansson uchardet)"
libraries="$(pkg-config --libs sqlite3 libzstd libxxhash libcrypto libcurl libxml-2.0 yaml-0.1 jansson uchardet) -lcmocka -lpthread -lm"
wrap_malloc=-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

one() { # NAME: prints what became of the mutant
	script=tests/fault/mutants/$1.sed
	source=$(sed -n '1s/^# \([^:]*\):.*/\1/p' "$script")
	bug=$(sed -n '1s/^# [^:]*: //p' "$script")
	archives="$build/daemon/store.a $build/daemon/base.a" strides="29 5 1" days=
	fakes=$build/tests/fake/fault_fs.o folder=tests/fault
	case $source in
	daemon/feed/*) sweep=test_feed_alloc wrap= fakes=$build/tests/fake/feed_text.o archives="$build/daemon/feed.a $build/daemon/base.a" ;;
	*/reader.c) sweep=test_store_reader wrap= ;;
	*/stores_takeover.c) sweep=test_store_takeover wrap= folder=tests/unit strides=1 ;;
	*/stores_keep.c) sweep=test_store_keep wrap= folder=tests/unit strides=1 ;;
	daemon/pipe/*)
		sweep=test_scenarios wrap= folder=tests/scenarios fakes=$build/tests/fake.a days="103 113 072" strides=1
		archives="$build/daemon/pipe.a $build/daemon/conf.a $build/daemon/net.a $build/daemon/feed.a $archives $build/classifiers.a"
		;;
	*) sweep=test_store_sweep wrap=$wrap_malloc ;;
	esac
	sed -f "$script" "$source" >"$work/$1.c"
	if cmp -s "$work/$1.c" "$source"; then
		echo "not ok - $1: the script changes nothing any more"
		return
	fi
	# shellcheck disable=SC2086
	if ! cc $flags -c -o "$work/$1.o" "$work/$1.c" 2>"$work/$1.err" ||
		! cc -o "$work/$1" "$build/$folder/$sweep.o" "$work/$1.o" $fakes $archives \
			$wrap $libraries 2>>"$work/$1.err"; then
		echo "not ok - $1: does not compile: $(head -c 200 "$work/$1.err" | tr '\n' ' ')"
		return
	fi
	for stride in $strides; do
		for day in ${days:-all}; do
			[ -n "$days" ] || day=
			GAZETTED_SWEEP_STRIDE=$stride timeout 300 "$work/$1" $day >"$work/$1.out" 2>/dev/null || true
			if grep -q '^not ok' "$work/$1.out"; then
				echo "ok - $1: $bug"
				return
			fi
		done
	done
	echo "not ok - $1 was not found: $bug"
}

if [ $# -eq 3 ]; then
	work=$3
	one "$2" >"$work/$2.result"
	rm -f "$work/$2" "$work/$2.o" "$work/$2.c"
	exit 0
fi
[ -n "${TMPDIR:-}" ] || { [ -w /dev/shm ] && TMPDIR=/dev/shm; }
work=$(mktemp -d "${TMPDIR:-/tmp}/mutants-XXXXXX")
export TMPDIR="$work"
trap 'rm -rf "$work"' EXIT INT TERM
names=$(cd tests/fault/mutants && ls ./*.sed | sed 's|^\./||; s|\.sed$||')
echo "$names" | xargs -P "$(nproc 2>/dev/null || echo 2)" -I NAME sh "$0" "$build" NAME "$work"
count=0
bad=0
for name in $names; do
	result=$(cat "$work/$name.result" 2>/dev/null || echo "not ok - $name: ended without a word")
	count=$((count + 1))
	echo "$result" | sed "s/ok - /ok $count - /"
	case $result in not*) bad=$((bad + 1)) ;; esac
done
echo "1..$count"
[ "$bad" -eq 0 ]
