#!/bin/sh
# The classifier as a library: installed into a folder, found by pkg-config, used by a program that knows nothing else of this repository.
# $1: build folder, whose archive must be the plain one's (a sanitizer's would want its own flags). TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"
case $1 in *asan* | *tsan*) skip_all "an archive for sanitizers is not installed" ;; esac

check() { # NAME STATUS
	test_number=$((test_number + 1))
	[ "$2" -eq 0 ] && { echo "ok $test_number - $1"; return; }
	test_failed=$((test_failed + 1))
	echo "not ok $test_number - $1"
	sed 's/^/#   /' "$T/out"
}

make -s -C "$root" install-library PREFIX="$T/usr" >"$T/out" 2>&1
check "make install-library" $?
export PKG_CONFIG_PATH="$T/usr/lib/pkgconfig"
cp "$root/tests/library/topics_of.c" "$T/"
# shellcheck disable=SC2046
(cd "$T" && cc -std=c17 -Wall -Wextra -Werror $(pkg-config --cflags gazetted-classify) -o topics_of topics_of.c $(pkg-config --libs gazetted-classify)) >"$T/out" 2>&1
check "a program builds with what pkg-config says" $?

topics="$root/classifiers/topics"
echo "Police arrested seven persons in an anti-illegal worker operation; the suspected illegal workers and their employer were detained." |
	"$T/topics_of" "$topics"/*.yaml >"$T/out" 2>&1
[ "$(cut -d' ' -f1 "$T/out")" = illegal-employment ]
check "it names the topic of a text" $?
echo "The library opens at nine." | "$T/topics_of" "$topics"/*.yaml >"$T/out" 2>&1 && [ ! -s "$T/out" ]
check "it names none for a text without one" $?
printf 'topic: x\nwords: [a]\n' >"$T/bad.yaml"
! "$T/topics_of" "$T/bad.yaml" </dev/null >"$T/out" 2>&1 && grep -q "bad.yaml:2: " "$T/out"
check "it tells file and line of a bad topic" $?
[ "$(nm -g --defined-only "$T/usr/lib/libgazetted-classify.a" | awk 'NF == 3 && $3 !~ /^cls_/' | wc -l)" -eq 0 ] >"$T/out" 2>&1
check "every name of the library begins with cls_" $?
plan
