#!/bin/sh
# gazettectl backtest: changed topics over the records that are kept, several files of them, against what they were and what people decided. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

says() { # TEXT: in what the last command printed
	printf '%s\n' "$said" | grep -qF -- "$1"
}

record() { # SEQ DAY KIND CASE TITLE [TOPIC DECISION] [MEMBERS]
	topics=
	[ -z "${6:-}" ] || topics="{\"topic\":\"$6\",\"score\":0.9,\"decision\":\"$7\",\"evidence\":[{\"field\":\"title\",\"start\":4,\"length\":4,\"text\":\"$6\",\"weight\":8,\"by\":\"phrase\"}]}"
	echo "{\"v\":1,\"seq\":$1,\"seen_at\":\"2026-11-$2T10:00:00.000Z\",\"kind\":\"$3\",\"feed\":\"${feed:-beasts}\",\"key\":\"$4\",\"title\":\"$5\",\"language\":\"en\",\"topics\":[$topics],\"model\":\"m\",${8:-}\"case\":\"$4\",\"chain\":\"c\"}"
}

mkdir "$T/log"
write_conf
write_topic wolf wolf
{
	record 1 01 new a "One wolf" wolf match
	record 2 01 new b "One bear"
	record 3 01 new c "A wolf in sheep's clothing" wolf match
} >"$T/log/items-20261102T000000Z-3.jsonl"
{
	record 4 02 new a "One wolf, says another" wolf match
	record 5 02 new d "A werewolf" wolf review
	feed=zoo record 6 03 new e "A bear and a wolf" wolf match
} >"$T/log/items-20261104T000000Z-6.jsonl"
{
	record 7 05 revision b "One bear, corrected"
	record 8 06 replay b "One bear, corrected" wolf match '"replays":7,'
	record 9 06 withdrawn c "A wolf in sheep's clothing"
} >"$T/log/items.jsonl"
if command -v zstd >/dev/null; then
	zstd -q --rm "$T/log/items-20261102T000000Z-3.jsonl"
fi

ctl backtest
is "topics that are what they were" "$status" 0
check "are tried on all records that have a text" says "7 records, 2026-11-01T10:00:00Z to 2026-11-05T10:00:00Z"
check "what was replayed counts as had" says "match     5 > 4: 0 gained, 1 lost"
check "a review that is none now has changed" says "review    1 > 0: 1 changed without being a match"
check "a case is one alert" says "alerts    1.00 > 0.75 a day; on the busiest day 2 > 2"
check "what is lost is shown" says "lost    7 beasts match > none 0.02 One bear, corrected"

cat >"$T/changed.yaml" <<-EOF2
	topic: wolf
	thresholds: {match: 0.8, review: 0.5}
	phrases:
	  - any: wolf
	    weight: 8
	    unless: {any: clothing, within: 8}
	  - {any: werewol*, weight: 8}
	  - {any: bear, weight: 8}
EOF2
ctl backtest "$T/changed.yaml"
check "a changed file gains" says "match     5 > 6: 2 gained, 1 lost"
check "and says for which words" says "gained  5 beasts review > match 1.00 A werewolf (werewolf)"
check "and loses, and what it was for" says "lost    3 beasts match > none 0.02 A wolf in sheep's clothing (wolf)"
ctl backtest "$T/changed.yaml" --since 2026-11-02 --until 2026-11-03 --feed beasts
check "of some days and feeds" says "2 records, 2026-11-02T10:00:00Z to 2026-11-02T10:00:00Z"
ctl backtest "$T/changed.yaml" --feed zoo -n 0 --json
check "or for programs" says '"was":{"match":1,"review":0,"alerts_per_day":1.000,"busiest_day":1,"clashes":0}'
check "with no example when none is wanted" says '"gained":0,"lost":0,"changed":0,"examples":[]'
ctl backtest "$T/changed.yaml" --topic bear
is "a topic that is not there cannot be tried" "$status" 66
ctl backtest "$T/no.yaml"
is "nor a file that is not there" "$status" 65

ctl backtest "$T/changed.yaml" --sample 5
is "texts to be labelled: what changes" "$(printf '%s\n' "$said" | value title | tr '\n' '|')" \
	"One bear|A wolf in sheep's clothing|A werewolf|"
check "with what is proposed" says '"proposed":["wolf"]'
printf '%s\n' "$said" >"$T/sample.jsonl"
ctl eval "$T/sample.jsonl"
is "nothing is measured by them before there are labels" "$status" 65

decide() { # SEQ RECORD VERDICT [MEMBERS]
	echo "{\"v\":1,\"seq\":$1,\"at\":\"2026-11-07T10:00:00.000Z\",\"record\":$2,${4:-}\"verdict\":\"$3\",\"by\":\"me\",\"why\":\"so\",\"chain\":\"c\"}"
}
{
	decide 1 1 confirmed
	decide 2 3 rejected
} >"$T/log/reviews.jsonl"
ctl backtest "$T/changed.yaml"
is "what people decided is kept" "$status" 0
check "and better than before" says "people    2 decided; clashes 1 > 0"
{
	decide 3 3 confirmed
	decide 4 2 rejected '"topic":"wolf",'
	decide 5 6 rejected '"topic":"other",'
} >>"$T/log/reviews.jsonl"
ctl backtest "$T/changed.yaml"
is "a clash with it is not well" "$status" 1
check "the last word holds, also on what was no match" says "people    3 decided; clashes 0 > 2"
check "and is shown" says "clash   3 beasts match > none"

# What a shadow said is compared, and raised no alert.
rm "$T/log/"*
record 1 01 new a "One wolf" wolf 'match","shadow":true,"by":"nobody' >"$T/log/items.jsonl"
ctl backtest
check "a shadow is told of" says "wolf (some of them as a shadow)"
check "what it said is compared" says "match     1 > 1: 0 gained, 0 lost"
check "it raised no alert" says "alerts    0.00 > 1.00 a day; on the busiest day 0 > 1"
ctl replay --topic wolf --since 2026-11-01 --dry-run
check "live, it may have what it matched then" says "1 records of wolf would be replayed"
rm "$T/log/items.jsonl"

# As many records as two threads share, and the same figures for any number of them.
seq 10 2000 | while read -r n; do record "$n" 06 new "k$n" "Beast number $n is a bear"; done >>"$T/log/items.jsonl"
ctl backtest "$T/changed.yaml" --since 2026-11-06 -n 1
check "many records are read once each" says "1991 records, 2026-11-06T10:00:00Z"
check "and judged once each" says "match     0 > 1991: 1991 gained, 0 lost"
is "and few are shown" "$(printf '%s\n' "$said" | grep -c '^  gained')" 1
plan
