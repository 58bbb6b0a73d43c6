#!/bin/sh
# check_mutants BUILD [NAME...]: plants the bugs of tests/fault/mutants (or those named: outbox/rate-counts-nothing), as many at a time as there are
# processors, and shows that a test finds each: it fails with the bug, and passes without.
#
# A mutant is a sed script whose first line is "# FILE TEST: what the bug is". It changes a copy of FILE; the object made of that comes before the
# archives when the test program is linked again, so that theirs is not taken. TEST, which may be absent, is known to find the bug: a part of a
# scenario's name, or a test of a sweep, which runs from coarse to fine. Where it finds nothing any more, all tests of the program run; that is as
# good, but slow, and said.
#
# check_mutants --one BUILD NAME WORK and --without BUILD RUN WORK: one mutant, one run without a bug, which is how this script calls itself.
set -eu

# Which program must find the mutants of which folder and file (the first row that fits), what it is linked with besides the archives, how it is
# told to run all its tests, and the strides of a sweep. "-": nothing.
table() {
	cat <<-'EOF'
		engine/*  *                    fault/test_engine_sweep   -     *     397 97 23 5
		outbox/*  *                    scenarios/test_scenarios  -     .txt  -
		logs/*    */log_repeat.c       unit/test_base_log        -     -     -
		logs/*    */metrics.c          unit/test_page_syndication -    -     -
		logs/*    */measure.c          unit/test_pipe_measure    -     -     -
		*         */net/multi.c        unit/test_net_sockets     -     -     -
		manners/form-* daemon/net/*    unit/test_net_post        -     -     -
		exam/downgrade-* *             unit/test_net_tls         -     -     -
		*         daemon/net/*         unit/test_net_fetch       -     -     -
		*         */retry_after.c      unit/test_pipe_reaction   -     -     -
		*         */pipe/reaction.c    unit/test_pipe_reaction   -     -     -
		*         */pipe/move.c        unit/test_pipe_move       -     -     -
		*         daemon/pipe/*        scenarios/test_scenarios  -     .txt  -
		*         */page/trend.c       unit/test_page_topics     -     -     -
		*         daemon/page/*        unit/test_page_pages      -     -     -
		*         daemon/feed/*        fault/test_feed_alloc     -     -     -
		*         */reader.c           fault/test_store_reader   -     -     -
		*         */stores_keep.c      unit/test_store_keep      -     -     -
		*         */names.c            unit/test_store_keep      -     -     -
		*         */stores_takeover.c  unit/test_store_takeover  -     -     -
		*         */state*.c           unit/test_store_state     -     -     -
		*         daemon/store/*       fault/test_store_sweep    wrap  *     29 5 1
	EOF
}
mutants=tests/fault/mutants
flags="-std=c17 -D_GNU_SOURCE -I. -O0 -w"
packages="libxml-2.0 libcurl libmicrohttpd libssl libbrotlidec libbrotlienc libdeflate zlib yaml-0.1 sqlite3 jansson libzstd uchardet libxxhash libcrypto"
wrap_malloc=-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
run_max=300 # seconds; a mutant that hangs is not found

choose() { # NAME SOURCE: sets $program, $link, $all, $strides
	while read -r folder file program link all strides; do
		# shellcheck disable=SC2254 # patterns
		case $1 in $folder) case $2 in $file) return 0 ;; esac ;; esac
	done <<-EOF
		$(table)
	EOF
	return 1
}

fails() { # PROGRAM RUN: a test of it fails. Ends with the first that does: what the program prints next kills it
	# shellcheck disable=SC2086 # words
	timeout $run_max "$1" $2 2>"$dir/said" </dev/null | grep -q '^not ok' || grep -q '^# the engine spins\|^# the reactor watches' "$dir/said"
}

plant() { # NAME SOURCE: builds $work/NAME's program with the bug, or says why not
	sed -f "$mutants/$1.sed" "$2" >"$dir/mutant.c"
	if cmp -s "$dir/mutant.c" "$2"; then
		echo "not ok - $1: the script changes nothing any more"
		return 1
	fi
	floors=
	for floor in daemon/page daemon/pipe daemon/conf daemon/net daemon/store daemon/feed daemon/base classifiers; do
		floors="$floors $build/$floor.a"
	done
	[ "$link" = wrap ] && wrap=$wrap_malloc || wrap=
	# shellcheck disable=SC2046,SC2086 # words
	if ! cc $flags $(pkg-config --cflags $packages) -c -o "$dir/mutant.o" "$dir/mutant.c" 2>"$dir/err" ||
		! cc -o "$dir/test" "$build/tests/$program.o" "$dir/mutant.o" "$build/tests/fake.a" $floors $wrap -Wl,--as-needed \
			$(pkg-config --libs $packages) -lcmocka -lpthread -lm 2>>"$dir/err"; then
		echo "not ok - $1: does not compile: $(head -c 200 "$dir/err" | tr '\n' ' ')"
		return 1
	fi
}

finds() { # TESTS: the program with the bug fails with them; the run is written down
	for stride in $strides; do
		run=$1
		[ "$stride" = - ] || run="$1 $stride"
		[ "$1" != - ] || run=
		if fails "$dir/test" "$run"; then
			echo "$program${run:+ $run}" >"$dir/run"
			return 0
		fi
	done
	return 1
}

one() { # NAME: prints what became of the mutant
	set -f # tests may be patterns
	first=$(head -n 1 "$mutants/$1.sed")
	bug=${first#*: }
	first=${first%%: *}
	first=${first#\# }
	source=${first%% *}
	known=${first#"$source"}
	known=${known# }
	if ! choose "$1" "$source"; then
		echo "not ok - $1: no program is there to find bugs of $source"
		return
	fi
	plant "$1" "$source" || return 0
	if [ -n "$known" ] && finds "$known"; then
		echo "ok - $1: $bug"
	elif finds "$all"; then
		echo "ok - $1: $bug${known:+ # found, but no longer by $known}"
	else
		echo "not ok - $1 was not found: $bug"
	fi
}

# The same run of the program as it is must pass, and must have run something.
without() { # RUN: PROGRAM and its arguments
	set -f
	# shellcheck disable=SC2086 # words
	if timeout $run_max "$build/tests/"$1 >"$dir/out" 2>&1 </dev/null && grep -q '^ok' "$dir/out"; then
		echo "ok - without a bug $1 passes"
	else
		echo "not ok - without a bug $1 does not pass: $(grep -v '^ok' "$dir/out" | tail -n 3 | head -c 300 | tr '\n' ' ')"
	fi
}

case $1 in
--one | --without)
	build=$2 work=$4
	dir=$(mktemp -d "$work/XXXXXX")
	export TMPDIR="$dir"
	"${1#--}" "$3" >"$dir/result" || true
	[ -s "$dir/result" ] || echo "not ok - $3: ended without a word" >"$dir/result"
	rm -f "$dir/test" "$dir/mutant.o"
	exit 0
	;;
esac
build=$1
shift
jobs=$(nproc 2>/dev/null || echo 2)
[ -n "${TMPDIR:-}" ] || { [ -w /dev/shm ] && TMPDIR=/dev/shm; }
work=$(mktemp -d "${TMPDIR:-/tmp}/mutants-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
if [ $# -gt 0 ]; then
	printf '%s\n' "$@" >"$work/names"
else
	find "$mutants" -name '*.sed' | sed "s|^$mutants/||; s|\.sed$||" | sort >"$work/names"
fi
xargs -P "$jobs" -I NAME sh "$0" --one "$build" NAME "$work" <"$work/names"
find "$work" -path '*/run' -exec cat {} + | sort -u >"$work/runs"
xargs -P "$jobs" -I RUN sh "$0" --without "$build" RUN "$work" <"$work/runs"
find "$work" -path '*/result' -exec cat {} + | sort -k 2 >"$work/results"
awk '{ sub(/ok - /, "ok " NR " - "); print }' "$work/results"
count=$(cat "$work/names" "$work/runs" | wc -l)
echo "1..$count"
[ "$(wc -l <"$work/results")" -eq "$count" ] && ! grep -q '^not' "$work/results"
