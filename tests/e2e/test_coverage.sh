#!/bin/sh
# test_coverage BUILD: what `gazettectl coverage` says of ledgers made here, line by line and sealed, plain and compressed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
begin "$1"
command -v zstd >/dev/null || skip_all "no zstd command"
ctl=$build/gazettectl

first='"result":"ok","items":3,"new":3,"overlap":0,"tie":"first"'
ok='"result":"ok","items":3,"new":1,"overlap":2,"tie":"overlap"'
same='"result":"unchanged","tie":"not_modified"'
gap='"result":"ok","items":3,"new":3,"overlap":0,"tie":"gap","gap":true'
cut='"result":"ok","items":1,"new":1,"overlap":0,"tie":"cut","incomplete":true'
failed='"result":"failed","kind":"http","error":"status 503"'

ledger() { # a new one
	rm -rf "$T/log"
	mkdir "$T/log"
	seq=0
	chain=$(printf %064d 0)
}
day=2026-11-26
poll() { # FEED AT NEXT MEMBERS
	seq=$((seq + 1))
	body="{\"v\":1,\"seq\":$seq,\"at\":\"${day}T$2:00.000Z\",\"feed\":\"$1\",\"status\":200,$4,\"next\":\"2026-11-26T$3:00.000Z\""
	chain=$(printf '%s%s' "$chain" "$body" | sha256sum | cut -c1-64)
	printf '%s,"chain":"%s"}\n' "$body" "$chain" >>"$polls"
}
page() { # AT GAP-AT MEMBERS: of the archive of feed a
	poll a "$1" 10:15 "\"result\":\"ok\",\"items\":3,\"new\":1,\"overlap\":2,\"archive\":1,\"gap_at\":\"2026-11-26T$2:00.000Z\"$3"
}
rotate() { # and compress
	name=$T/log/polls-20261126T$1-$seq.jsonl
	mv "$polls" "$name"
	zstd -q --rm "$name"
}
coverage() { # OPTIONS…: sets $status; the answer is $T/out
	"$ctl" coverage -d "$T/log" --until 2026-11-26T10:30:00Z "$@" >"$T/out" 2>"$T/err"
	status=$?
}
gives() { # TEXT STATUS PATTERN OPTIONS…
	text=$1 wanted=$2 pattern=$3
	shift 3
	coverage "$@"
	if [ "$status" = "$wanted" ] && grep -q -- "$pattern" "$T/out" "$T/err"; then
		result ok "$text"
	else
		result not-ok "$text"
		echo "#   status $status, wanted $wanted and '$pattern'"
		sed 's/^/#   /' "$T/out" "$T/err"
	fi
}
since() { # TIME
	echo "--since=2026-11-26T$1:00Z"
}

# Every five minutes from 10:00 to 10:25, two feeds; the line of a at 10:10 is $1, and what follows it may be more.
hour() { # MEMBERS-AT-10:10
	ledger
	poll b 09:59 10:30 "$first"
	poll a 10:00 10:05 "$first"
	poll a 10:05 10:10 "$same"
	poll a 10:10 10:15 "$1"
	[ -z "${2:-}" ] || page 10:11 "${3:-10:10}" "$2"
	poll a 10:15 10:20 "$ok"
	poll a 10:20 10:25 "$same"
	poll a 10:25 10:30 "$ok"
}

hour "$ok"
gives "every poll is tied" 0 '^a: 6 of 6 polls, window never broken (2026-11-26T10:00:00Z to 2026-11-26T10:25:00Z)$' a
is "and nothing more is said" "$(lines "$T/out")" 1
hour '"result":"waiting","kind":"http","error":"HTTP 302"'
gives "a redirect that is followed by the next poll is half of one" 0 '^a: 5 of 5 polls, window never broken' a
hour "$ok"
gives "from a time that the ledger reaches" 0 '^a: 5 of 5 polls, window never broken (2026-11-26T10:02:00Z to ' a "$(since 10:02)"
gives "from before the feed's first document" 1 '^  begin, open: 2026-11-26T09:00:00Z to 2026-11-26T10:00:00Z:' a "$(since 09:00)"
gives "also when the ledger is older" 1 '^  begin, open: 2026-11-26T09:59:30Z to' a --since=2026-11-26T09:59:30Z
gives "until a time that a later document is tied to" 0 '^a: 3 of 3 polls, window never broken (2026-11-26T10:00:00Z to 2026-11-26T10:12:00Z)$' a --until=2026-11-26T10:12:00Z
gives "as JSON" 0 '"feed":"a","unbroken":true,"ledger_whole":true,.*"proven_from":"2026-11-26T10:00:00.000Z","proven_to":"2026-11-26T10:25:00.000Z","polls":6,"answered":6,.*"holes":\[\]}$' a --json
gives "every feed of the ledger" 0 '^b: 1 of 1 polls, window never broken' --all
is "each on its line" "$(lines "$T/out")" 2
gives "a feed that is not there" 66 "no feed 'c'" c
gives "a name that is no name" 66 "no feed" 'a","x":"'
gives "an interval without a poll" 1 '^a: 0 of 0 polls, nothing is proven$' a "$(since 10:26)" --until=2026-11-26T10:29:00Z
gives "an interval that is none" 64 "since does not lie before" a "$(since 10:30)"
gives "neither feed nor all" 64 "which FEED"

hour "$ok"
day=2999-01-01
poll a 10:26 10:31 "$same"
day=2026-11-26
gives "a clock that was ahead proves nothing" 1 ':8: dated in the future' a
poll a 10:29 10:34 "$gap"
gives "nor does what was written behind it" 1 'dated in the future' a

hour "$failed"
gives "a poll that failed, and the window held" 0 '^a: 5 of 6 polls, window never broken' a
gives "since when, and how" 0 '^  failed: 2026-11-26T10:10:00Z to 2026-11-26T10:15:00Z: .*polls: 1, the last: http: status 503$' a
gives "the longest time without" 0 '^  longest without a whole document: 10m00s from 2026-11-26T10:05:00Z$' a
gives "a failure at the end, and a later tie" 0 '^  failed: 2026-11-26T10:10:00Z and on:' a --until=2026-11-26T10:11:00Z
sed -i '5,$d' "$polls"
gives "without that the end is open" 1 '^  end, open: 2026-11-26T10:05:00Z to 2026-11-26T10:11:00Z:' a --until=2026-11-26T10:11:00Z
ledger
poll a 10:00 10:05 "$first"
poll a 10:05 10:10 "$same"
poll a 10:10 10:15 "$same"
poll a 10:15 10:20 "$gap,\"whole\":true"
gives "304s before a gap that a probe found prove nothing" 1 '^  gap, open: 2026-11-26T10:00:00Z to 2026-11-26T10:15:00Z' a --until=2026-11-26T10:16:00Z
ledger
poll a 10:00 10:05 "$first"
poll a 10:10 10:15 "$failed"
poll a 10:15 10:20 "$gap"
poll a 10:20 10:25 "$ok"
gives "a later gap tells nothing, nor what is tied to that" 1 '^  end, open:' a --until=2026-11-26T10:11:00Z
hour "$failed"
poll a 10:29 10:34 "$failed"
gives "what was last read is no longer the end" 1 '^  end, open: 2026-11-26T10:25:00Z to 2026-11-26T10:30:00Z:' a

hour "$gap"
gives "a gap" 1 '^a: 6 of 6 polls, window broken at 1 place' a
gives "between which documents" 1 '^  gap, open: 2026-11-26T10:05:00Z to 2026-11-26T10:10:00Z: .*no page of the archive' a
gives "not the one before the interval" 0 'window never broken' a "$(since 10:12)"
gives "first in the interval" 1 '^  gap, open: 2026-11-26T10:07:00Z to' a "$(since 10:07)"
gives "a gap as JSON" 1 '"unbroken":false.*"open":1.*"kind":"gap","open":true,"from":"2026-11-26T10:05:00.000Z","to":"2026-11-26T10:10:00.000Z","archive_pages":0}' a --json

hour "$gap" ',"archive_end":"closed","tie":"archive"'
gives "a gap that the archive closed" 0 '^  gap, closed: .* closed by 1 pages of the archive$' a
gives "and that stands in no poll's count" 0 '^a: 6 of 6 polls, window never broken' a
gives "also when it was closed after the interval" 0 'closed by 1 pages' a --until=2026-11-26T10:10:30Z
hour "$gap" ',"archive_end":"limit"'
gives "a gap that the archive did not close" 1 'did not close it, after 1 pages: limit$' a
poll a 10:26 10:30 "$gap"
page 10:27 10:26 ',"archive_end":"closed","tie":"archive"'
gives "a later way does not close it either" 1 '^a: 7 of 7 polls, window broken at 1 place' a
hour "$gap"
poll a 10:26 10:30 "$gap"
page 10:27 10:26 ',"archive_end":"closed","tie":"archive"'
gives "nor when the first had no way" 1 '^  gap, open: .* to 2026-11-26T10:10:00Z: .*no page of the archive' a
hour "$gap" ''
page 10:26 10:10 ''
poll a 10:27 10:30 "$gap"
page 10:28 10:27 ',"archive_end":"closed","tie":"archive"'
gives "a way that goes on over a second gap closes both" 0 'closed by 2 pages' a

for tie in moved after_empty first; do
	hour "\"result\":\"ok\",\"items\":3,\"new\":3,\"overlap\":0,\"tie\":\"$tie\""
	gives "not tied: $tie" 1 "^  $tie, open: 2026-11-26T10:05:00Z to 2026-11-26T10:10:00Z:" a
done
hour '"result":"ok","items":3,"new":3,"overlap":0'
gives "a line that tells no tie" 1 '^  untied, open:' a

hour "$cut"
gives "a document that was cut, and the next whole one" 0 '^  cut, closed: 2026-11-26T10:10:00Z to 2026-11-26T10:15:00Z:' a
gives "also when that came after the interval" 0 '^  cut, closed:' a --until=2026-11-26T10:11:00Z
sed -i '5,$d' "$polls"
gives "without a later one it is open" 1 '^  cut, open: 2026-11-26T10:10:00Z and on:' a --until=2026-11-26T10:11:00Z
hour "$ok,\"incomplete\":true"
gives "not seen to its end, though it overlaps" 0 '^  incomplete, closed: 2026-11-26T10:10:00Z to 2026-11-26T10:15:00Z:' a
hour "$ok,\"recovered\":true"
gives "a damaged one" 0 '^  1 damaged documents were repaired' a
hour "$ok,\"left\":700"
gives "news that was left and read by the next" 0 '^  left, closed: 2026-11-26T10:10:00Z to 2026-11-26T10:15:00Z: .*items: 700$' a
ledger
poll a 10:00 10:05 "$first"
poll a 10:05 10:10 "$ok,\"left\":700"
poll a 10:10 10:30 "$same"
gives "news that was left for ever" 1 '^  left, open: 2026-11-26T10:05:00Z and on:' a

ledger
poll a 10:00 10:05 "$first"
poll a 10:25 10:30 "$ok"
gives "a daemon that was off, and the window held" 0 '^  unasked: 2026-11-26T10:05:00Z to 2026-11-26T10:25:00Z:' a
gives "off at the end" 1 '^  end, open: 2026-11-26T10:25:00Z to 2026-11-26T12:00:00Z:' a --until=2026-11-26T12:00:00Z
gives "and not asked" 1 '^  unasked: 2026-11-26T10:30:00Z to 2026-11-26T12:00:00Z:' a --until=2026-11-26T12:00:00Z

hour "$ok"
sed -i '4s/"new":1/"new":2/' "$polls"
gives "a line that was changed" 1 '^polls.jsonl:4: chain broken' a
gives "and what that means for the feed" 1 '^a: 6 of 6 polls, not proven: the ledger is not whole' a
gives "not when it lies before the interval" 0 'window never broken' a "$(since 10:17)"
gives "as JSON too" 1 '"unbroken":false,"ledger_whole":false' a --json
hour "$ok"
sed -i 4,5d "$polls"
gives "lines that are missing" 1 '^polls.jsonl:4: the lines 4 to 5 of the ledger are missing' a
gives "and not trusted after the interval" 0 '(2026-11-26T10:00:00Z to 2026-11-26T10:05:00Z)' a --until=2026-11-26T10:09:00Z
hour "$ok"
sed -i 4s/.*/garbage/ "$polls"
gives "a line that is none" 1 '^polls.jsonl:4: ' a

ledger
poll a 10:00 10:05 "$first"
poll a 10:05 10:10 "$gap"
page 10:06 10:05 ',"archive_end":"closed","tie":"archive"'
rotate 100700Z
poll a 10:10 10:15 "$failed"
poll a 10:15 10:20 "$ok"
rotate 101600Z
poll a 10:20 10:25 "$same"
gives "over compressed files" 0 '^a: 4 of 5 polls, window never broken (2026-11-26T10:00:00Z to 2026-11-26T10:20:00Z)$' a
gives "what stands in the first" 0 'gap, closed' a
gives "from the second on" 0 '^a: 2 of 3 polls, window never broken (2026-11-26T10:08:00Z to ' a "$(since 10:08)"
rm "$T"/log/polls-20261126T100700Z-*
gives "older files are gone: on trust" 0 '^a: 2 of 3 polls, window never broken (2026-11-26T10:15:00Z to ' a
gives "but nothing from before" 1 '^  begin, open: 2026-11-26T10:02:00Z to 2026-11-26T10:15:00Z' a "$(since 10:02)"
printf garbage >"$T/log/polls-20261126T101600Z-5.jsonl.zst"
gives "a file that cannot be read" 1 '^polls:0: a file cannot be read' a

ledger
poll a 07:00 10:05 "$first"
rotate 070100Z
poll a 10:05 10:30 "$ok"
gives "what is tied to a line of long before" 0 '^a: 1 of 1 polls, window never broken (2026-11-26T10:02:00Z to ' a "$(since 10:02)"

# With the configuration its feeds are asked for, whatever the ledger has.
write_conf
add_feed a http://127.0.0.1:1/a
"$ctl" coverage -c "$T/gazetted.yaml" --all >"$T/out" 2>&1
is "all: exit 1, the ledger is old" $? 1
is "all: the feeds of the configuration" "$(cut -d: -f1 "$T/out" | grep -c '^a$')" 1
add_feed d http://127.0.0.1:1/d
"$ctl" coverage -c "$T/gazetted.yaml" d >"$T/out" 2>&1
is "one that was never asked" "$? $(grep -c '^d: 0 of 0 polls, nothing is proven' "$T/out")" "1 1"

# And of a ledger that the daemon wrote.
rm "$T"/feeds.d/*
rm -r "$T/log"
start_publisher
write_topic police police
add_publisher_feeds
poll_once
poll_once
"$ctl" coverage -c "$T/gazetted.yaml" --all >"$T/out" 2>&1
is "the daemon's own ledger" $? 0
is "a line for each feed" "$(grep -c ': 2 of 2 polls, window never broken (.* to .*)$' "$T/out")" "$(lines "$T/feedlist")"
plan
