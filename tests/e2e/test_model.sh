#!/bin/sh
# A topic with learned weights through the daemon's workers: what it writes is what gazettectl says of the records later. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

same() { # FILE: does classify say of the records what they say of themselves?
	"$build/gazettectl" classify --json -c "$T/gazetted.yaml" "$1" >"$T/now" 2>"$T/err" || return 1
	sed -n 's/.*"topics":\[\(.*\)\],"model".*/\1/p' "$1" | sed 's/"field":"content_text"/"field":"text"/g' >"$T/then.topics"
	# Topics without a decision are told by classify alone, and more decimals of a score.
	sed -n 's/.*"topics":\[\(.*\)\]}*$/\1/p; s/.*"topics":\[\(.*\)\],"model".*/\1/p' "$T/now" |
		sed 's/{"topic":"wolf","score":[0-9.]*,"decision":"none","evidence":\[.*//' |
		awk '{ while (match($0, /"score":[01]\.[0-9][0-9][0-9][0-9][0-9]+/)) {
			score = sprintf("\"score\":%.4f", substr($0, RSTART + 8, RLENGTH - 8))
			$0 = substr($0, 1, RSTART - 1) score substr($0, RSTART + RLENGTH)
		} print }' >"$T/now.topics"
	[ -s "$T/then.topics" ] && cmp -s "$T/then.topics" "$T/now.topics"
}

write_topic wolf "wolf"
# No phrase knows these words: what is learned of them can come from weights alone.
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	echo "{\"title\":\"Howling pack $n sighted near the village\",\"text\":\"Tracks of the pack number $n were found by shepherds on meadow $n.\",\"lang\":\"en\",\"labels\":[\"wolf\"]}"
	echo "{\"title\":\"Council meeting $n about parking fees\",\"text\":\"The budget of year $n was passed by the council in session $n.\",\"lang\":\"en\",\"labels\":[]}"
done >"$T/texts.jsonl"
ctl train --topics "$T/topics.d" "$T/texts.jsonl" --output "$T/wolf.model"
is "weights are learned" "$status" 0
check "and written" test -s "$T/wolf.model"

{
	echo "1 Howling pack sighted by shepherds near the meadow"
	echo "2 Council meeting about the budget"
	echo "3 A wolf in the council"
} | write_feed beasts
start_publisher --static "$T/www"
echo "model: $T/wolf.model" >"$T/conf.extra"
write_conf
add_feed beasts "$url/beasts.rss" "language: en"
start_daemon
wait_check "the records are written by workers that have the weights" has_lines "$items" 3
check "an item matches by what was learned" grep -q '"title":"Howling pack.*"topics":\[{"topic":"wolf","score":[0-9.]*,"decision":"match".*"by":"term"' "$items"
check "and stands in its topic's store" grep -q 'Howling pack' "$T/log/wolf.jsonl"
check "phrases count beside it" grep -q '"title":"A wolf in the council".*"by":"phrase"' "$items"
is "what has nothing of both has no topic" "$(grep -c '"title":"Council meeting about the budget".*"topics":\[\]' "$items")" 1
check "the same is said of the records later" same "$items"
ctl backtest
check "and by a backtest" sh -c 'printf "%s" "$1" | grep -q ": 0 gained, 0 lost"' - "$said"

# A document whose items end alike: what recurs does not count, then and later.
{
	echo '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>A feed</title>'
	for n in 1 2 3 4 5; do
		echo "<item><title>Notice $n</title><link>http://a.example/t$n</link><guid>t$n</guid><description>The council met in room $n and talked until the evening about fees and dues. Beware of the wolf.</description></item>"
	done
	echo '</channel></rss>'
} >"$T/www/tails.rss"
add_feed tails "$url/tails.rss" "language: en"
kill -HUP "$daemon"
wait_check "a feed more" has_lines "$items" 8
is "what they all end with is in the records" "$(grep -c 'Beware of the wolf.","text_end":76,' "$items")" 5
is "and makes no match" "$(grep -c '"feed":"tails".*"decision":"match"' "$items")" 0
ctl backtest
check "nor later" sh -c 'printf "%s" "$1" | grep -q ": 0 gained, 0 lost"' - "$said"
grep '"feed":"tails"' "$items" | head -n 1 >"$T/one.jsonl"
ctl explain "$T/one.jsonl"
check "explain says that it does not count" sh -c 'printf "%s" "$1" | grep -q "19 bytes behind it recur at the end of the items of its feed"' - "$said"
stop_daemon
ctl verify
is "all is whole" "$status" 0
plan
