#!/bin/sh
# gazettectl review on a terminal beside the daemon: one key for each, what can be taken back, what the ledger says then, and figures and
# weights that are made of it. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"
command -v python3 >/dev/null || skip_all "python3 is missing"

says() { # TEXT: in what the last command printed
	printf '%s\n' "$said" | grep -qF -- "$1"
}

press() { # KEYS OPTIONS…: sets $said
	typed=$1
	shift
	said=$(TERM=dumb python3 "$root/tests/e2e/keys.py" "$typed" "$build/gazettectl" review -c "$T/gazetted.yaml" "$@" 2>&1)
}

{
	echo "1 A wolf was seen"
	echo "2 Perhaps a wolfhound"
	echo "3 Perhaps a wolfram mine"
	echo "4 Perhaps a wolfish grin"
	echo "5 A bear was seen"
	echo "6 A lion was seen"
} | write_feed beasts
start_publisher --static "$T/www"
cat >"$T/topics.d/wolf.yaml" <<-END
	topic: wolf
	title: Wolves
	thresholds: {match: 0.8, review: 0.2}
	phrases:
	  - {any: wolf, weight: 8}
	  - {any: perhaps, weight: 3}
END
write_conf
add_feed beasts "$url/beasts.rss" "alert_first_poll: true" "language: en"
script run.sh <<END
printf '%s\n' "\$GAZETTED_TITLE" >>"$T/alerted"
END
cat >"$T/alerts.d/all.yaml" <<END
alerts:
  - {name: desk, decision: review, when: confirmed, exec: [./run.sh]}
END
start_daemon
wait_check "six records" has_lines "$items" 6

ctl review
is "without a terminal it must be said what is decided" "$status" 64
press "sss^C"
check "on one it asks about what the topics leave to people" says "1 of 4"
check "and about a match that an alert waits for" says "A wolf was seen"
ctl review confirm "$(sed -n 's/.*"seq":\([0-9]*\),.*"title":"A wolf was seen".*/\1/p' "$items")" --by zoe --why "known"
wait_check "the alert that waited for it runs" has_lines "$T/alerted" 1
press "q"
check "what was decided is not asked about" says "1 of 3"
check "for which topic" says "Wolves? 0.62 (review from 0.20, match from 0.80)"
check "with what counted" says "title: [Perhaps] a wolf"
check "and nothing is decided by looking" says "0 confirmed, 0 rejected, 3 not asked"
check "the terminal is as it was" says "STATUS 0 settings kept"
is "one line is in the ledger" "$(lines "$T/log/reviews.jsonl")" 1

press "y^UPxs^C" --by ann
check "a yes is written, what has no meaning is passed over, Ctrl-C ends it" says "1 confirmed, 0 rejected, 1 not asked"
check "and the terminal is as it was, too" says "STATUS 0 settings kept"
wait_check "the next alert runs" has_lines "$T/alerted" 2
check "it is in the ledger" grep -q '"topic":"wolf","verdict":"confirmed","by":"ann","why":"reviewed"' "$T/log/reviews.jsonl"
press "nuyn" --by ben --why "so it is"
check "what was just said can be taken back" says "taken back"
check "and leaves no trace" says "1 confirmed, 1 rejected, 0 not asked"
is "in the ledger neither" "$(lines "$T/log/reviews.jsonl")" 4
check "why is there" grep -q '"why":"so it is"' "$T/log/reviews.jsonl"
press "q"
check "what was decided is not asked again" says "nothing to decide"

press "^STOPq" --pick uncertain
check "stopped, the terminal is as it was" says "stopped: settings kept"
check "and after that" says "STATUS 0 settings kept"
check "what is least certain comes first, and not what was decided" says "1 of 2"
press "y^TERM" --pick random -n 2
check "a signal ends it" says "STATUS 143 settings kept"
is "what was not handed in is not decided" "$(lines "$T/log/reviews.jsonl")" 4
press "yn" --pick random -n 5 --topic wolf
check "a random sample is asked of, one topic each" says "1 confirmed, 1 rejected, 0 not asked"
is "and written" "$(lines "$T/log/reviews.jsonl")" 6
press "q" --topic bear
check "a topic that is not there is told" says "no topic 'bear'"

ctl review --stats
is "figures can be made of it" "$status" 0
check "by topic" says "wolf"
ctl review --stats --json
check "for programs" says '{"topic":"wolf","precision":'
check "what was left to people is counted apart" says '"review_confirmed":2,"review_rejected":1'
check "by language" says '"topic":"wolf","language":"en"'
check "and feed" says '"topic":"wolf","feed":"beasts"'
ctl review confirm 1 --topic wolf --by ann --why "one topic"
is "a decision may be about one topic without a terminal" "$status" 0
ctl review confirm 1 --topic bear --by ann --why "one topic"
is "that is there" "$status" 65
printf 'none\tnothing to see\nwolf\tA wolf again\n' >"$T/labelled.tsv"
ctl train --from-reviews --topics "$T/topics.d" "$T/labelled.tsv" --json
check "weights are learned from what people decided" says '"reviewed":6,'
check "which does not count as a measurement" says '"texts":2'
ctl train --from-reviews --topics "$T/topics.d" -d "$T/nowhere"
is "a folder that is not there has no reviews" "$status" 66
ctl verify
is "and all is whole" "$status" 0

alerted=$(lines "$T/alerted")
for text in "a cub" "a young cub"; do
	{
		echo "5 A bear was seen"
		echo "7 Perhaps a wolf with $text"
	} | write_feed beasts
	wait_check "it is written that it was $text" sh -c "grep -q 'wolf with $text' '$items'"
done
press "y" --by ann
check "an item is asked about once, by its newest text" says "1 confirmed, 0 rejected, 0 not asked"
wait_check "and the alert that its first one raised runs" has_lines "$T/alerted" $((alerted + 1))

# A topic that the daemon does not know yet: what is said of it is refused, and what is said of another is not.
echo "8 A wolf came again" | write_feed beasts
wait_check "a record more" grep -q "A wolf came again" "$items"
write_topic lynx "lynx"
before=$(lines "$T/log/reviews.jsonl")
SUDO_USER=nobody
export SUDO_USER
press "yyyyyyyyyyyy" --pick random --topic lynx --topic wolf
unset SUDO_USER
about() { # TITLE: how many questions were about this topic
	printf '%s\n' "$said" | grep -c "^$1? "
}
check "both topics are asked about" [ "$(about lynx)" -gt 0 -a "$(about Wolves)" -gt 0 ]
check "what was refused does not count as decided" says "$(about Wolves) confirmed, 0 rejected, $(about lynx) refused, 0 not asked"
is "each is named" "$(printf '%s\n' "$said" | grep -c "record [0-9]*: refused; the daemon's log says why")" "$(about lynx)"
check "and it is a failure" says "STATUS 65 settings kept"
is "the ledger has the others" "$(lines "$T/log/reviews.jsonl")" $((before + $(about Wolves)))
me=$(id -un)
[ "$(id -u)" -ne 0 ] || me=nobody
check "by whoever stands behind sudo; only root can say that" sh -c 'tail -n 1 "$2" | grep -q "\"by\":\"$1\""' - "$me" "$T/log/reviews.jsonl"
rm "$T/topics.d/lynx.yaml"
stop_daemon
press "q"
check "what waits is asked about without the daemon too" says "nothing to decide"
echo "no database" >"$T/state/state.db"
rm -f "$T"/state/state.db-*
press "q"
check "alerts that cannot be read are told of" says "what alerts wait for cannot be read"
sed -i '2s/^/x/' "$T/log/reviews.jsonl"
sed -i '1s/^/x/' "$items"
ctl review --stats
is "figures of a ledger that is damaged are no success" "$status" 65
check "a decision is missing" grep -q "reviews.jsonl:2: no JSON object: passed over" "$T/ctl.err"
check "and a record that is decided about" grep -q "items.jsonl:1: no JSON object: passed over" "$T/ctl.err"
plan
