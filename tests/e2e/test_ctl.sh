#!/bin/sh
# gazettectl: every command on fixtures of our own: feeds, texts, topics, and stores whose chains are made here with sha256sum. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"
fixtures=$root/tests/e2e/fixtures/ctl
unset NO_COLOR

ctl() { # ARGUMENTS…: output in $T/out and $T/err, sets $status
	"$build/gazettectl" "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
}

exits() { # CODE TEXT ARGUMENTS…
	wanted=$1
	text=$2
	shift 2
	ctl "$@"
	is "$text" "$status" "$wanted"
}

says() { # TEXT PATTERN: in what was printed last
	check "$1" grep -q -e "$2" "$T/out"
}

complains() { # TEXT PATTERN
	check "$1" grep -q -e "$2" "$T/err"
}

# The format of a chain, independent of the program: SHA-256 over the hash before and the line up to its ,"chain":
zeros=0000000000000000000000000000000000000000000000000000000000000000
chain=$zeros
sealed() { # LINE (without its closing brace): prints it sealed; the chain moves on
	chain=$(printf '%s%s' "$chain" "$1" | sha256sum | cut -c1-64)
	printf '%s,"chain":"%s"}\n' "$1" "$chain"
}

record() { # SEQ FEED TITLE LANGUAGE [TOPIC SCORE DECISION]
	topics=
	[ $# -lt 7 ] || topics="{\"topic\":\"$5\",\"score\":$6,\"decision\":\"$7\",\"evidence\":[]}"
	sealed "{\"v\":1,\"seq\":$1,\"seen_at\":\"2026-11-21T10:$(printf %02d "$1"):00.000Z\",\"kind\":\"new\",\"feed\":\"$2\",\"title\":\"$3\",\"url\":\"https://h.example/$1\",\"content_text\":\"Text $1.\",\"language\":\"$4\",\"topics\":[$topics]"
}

# Twelve records: 1 to 4 compressed, 5 to 8 closed, 9 to 12 in the active file.
make_store() {
	rm -rf "$T/log"
	mkdir "$T/log"
	chain=$zeros
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		case $n in
		3) record 3 harbour-en 'Night ferry' en ferries 0.97 match ;;
		6) record 6 harbour-zh '渡輪' zh-Hant ferries 0.91 match ;;
		7) record 7 harbour-en 'Slow ferry' en ferries 0.61 review ;;
		10) record 10 harbour-ru 'Ночной ПАРОМ' ru ferries 0.99 match ;;
		11) record 11 hostile '\u001b[2J\u009b31m\u202eTitle\u0007' en ;;
		*) record $n budget "Budget $n" en ;;
		esac >>"$T/all"
	done
	sed -n 1,4p "$T/all" >"$T/log/items-20261121T100430Z-4.jsonl"
	sed -n 5,8p "$T/all" >"$T/log/items-20261121T100830Z-8.jsonl"
	sed -n 9,12p "$T/all" >"$T/log/items.jsonl"
	if command -v zstd >/dev/null; then zstd -q --rm "$T/log/items-20261121T100430Z-4.jsonl"; fi
	grep '"decision":"match"' "$T/all" >"$T/log/ferries.jsonl"
	chain=$zeros
	for n in 1 2 3; do
		sealed "{\"v\":1,\"seq\":$n,\"at\":\"2026-11-21T10:0$n:00.000Z\",\"feed\":\"harbour-en\",\"status\":200,\"result\":\"ok\",\"items\":4,\"new\":1"
	done >"$T/log/polls.jsonl"
	rm -f "$T/all"
}

# --- usage
exits 64 'nothing at all is a usage error'
complains 'and shows the commands' '^  tail '
exits 0 'help' --help
says 'help names every command' '^  completion '
exits 0 'version' --version
says 'version says so' '^gazettectl [0-9]'
exits 64 'an unknown command' tial
complains 'the nearest command is offered' "did you mean 'tail'"
exits 64 'an unknown option' tail --folow
complains 'the nearest option is offered' 'did you mean --follow'
exits 0 'help of a command' verify --help
says 'help of a command names its options' '--directory DIR'

# --- parse
exits 0 'a feed is parsed' parse --base-url https://harbour.example/feed.xml "$fixtures/feed.xml"
says 'links are resolved' '"url":"https://harbour.example/news/1"'
says 'dates are read' '"date_published":"2024-05-28T07:30:00Z"'
is 'one document, one line' "$(wc -l <"$T/out" | tr -d ' ')" 1
"$build/gazettectl" parse - <"$fixtures/feed.xml" >"$T/out" 2>"$T/err"
is 'standard input is parsed' $? 0
cat "$fixtures/feed.xml" | "$build/gazettectl" parse /dev/stdin >"$T/out" 2>"$T/err"
is 'a pipe with a name is parsed' $? 0
exits 65 'a page is no feed' parse "$fixtures/page.html"
is 'no output for what is no feed' "$(wc -c <"$T/out" | tr -d ' ')" 0
exits 66 'a missing file' parse "$T/none.xml"
exits 64 'no file' parse
exits 0 'a header is taken' parse --http-header 'Content-Type: application/rss+xml; charset=utf-8' "$fixtures/feed.xml"
printf '%s\n' "{\"path\":\"$fixtures/feed.xml\",\"base_url\":null,\"headers\":[[\"Content-Type\",\"text/xml\"]]}" \
	"{\"path\":\"$fixtures/page.html\",\"base_url\":null,\"headers\":[]}" 'nonsense' \
	"{\"path\":\"$fixtures/feed.xml\"}" | "$build/gazettectl" parse --serve >"$T/out" 2>"$T/err"
is 'a line for each request' "$(wc -l <"$T/out" | tr -d ' ')" 4
is 'requests are answered in order' "$(cut -c1-8 "$T/out" | tr '\n' ' ')" '{"rc":0, {"rc":1, {"rc":1, {"rc":0, '

# --- topics
exits 0 'texts are classified' classify -t "$fixtures/topic.yaml" --json "$fixtures/texts.jsonl"
is 'a line for each text' "$(wc -l <"$T/out" | tr -d ' ')" 4
is 'every topic has a score and a decision' "$(sed 's/.*"decision":"\([a-z]*\)".*/\1/' "$T/out" | tr '\n' ' ')" 'match none match none '
says 'evidence quotes the words' '"field":"title","start":6,"length":5,"text":"ferry"'
is 'scores are told apart near none and near certain' "$(grep -cE '"score":[01]\.[0-9]{9},' "$T/out")" 4
printf 'Night ferry resumes\nIt runs again.\n' | "$build/gazettectl" classify -t "$fixtures/topic.yaml" --json >"$T/out"
says 'the first line of a plain text is its title' '"decision":"match".*"field":"title"'
printf 'It runs again.\n' | "$build/gazettectl" classify -t "$fixtures/topic.yaml" --title 'Night ferry' --json >"$T/out"
says 'a title can be given' '"decision":"match"'
"$build/gazettectl" classify -t "$fixtures/topic.yaml" --title 'Night ferry' --json </dev/null >"$T/out"
says 'and is enough' '"decision":"match"'
head -c 100000 /dev/zero | tr '\0' x | "$build/gazettectl" explain -t "$fixtures/topic.yaml" >"$T/out"
is 'a title without end is shown in part' "$([ "$(wc -c <"$T/out")" -lt 1000 ] && echo yes)" yes
exits 0 'classify for people' classify -t "$fixtures/topic.yaml" "$fixtures/texts.jsonl"
says 'names the topic' '^a  ferries '
exits 0 'explain' explain -t "$fixtures/topic.yaml" "$fixtures/texts.jsonl"
says 'explain marks the words' '\[ferry\]'
says 'explain tells what is missing' 'short)'
says 'and what the match hangs on' '^    no match without ferry$'
printf '{"id":1}\nnot json\n' >"$T/bad.jsonl"
exits 65 'a bad line of JSON' classify -t "$fixtures/topic.yaml" "$T/bad.jsonl"
complains 'and where' 'bad.jsonl:2'
exits 65 'a missing topic file' classify -t "$T/none.yaml" "$fixtures/texts.jsonl"
exits 0 'the tests of a topic file' test "$fixtures/topic.yaml"
says 'all pass' '2 tests of 1 topics: 2 passed, 0 failed'
exits 1 'a failing test' test "$fixtures/topic-failing.yaml"
says 'is shown with its line' '^not ok  budgets line [0-9]*: none expected, match found'
exits 0 'evaluation' eval -t "$fixtures/topic.yaml" --json "$fixtures/texts.jsonl"
says 'recall counts what was missed' '"precision":1.0000,"recall":0.6667,"f1":0.8000,"hit":2,"wrong":0,"missed":1'
says 'borderline texts can be left out' '"macro_f1":0.8000,"macro_f1_clear":1.0000'
says 'with intervals' '"recall_95":\[0\.[0-9]*,0\.[0-9]*\]'
: >"$T/nothing"
exits 65 'no texts have no figures' eval -t "$fixtures/topic.yaml" "$T/nothing"
complains 'and that is said' 'no texts to measure'
exits 65 'a line without end is no end of the input' eval -t "$fixtures/topic.yaml" /dev/zero
exits 1 'a gate that is not passed' eval -t "$fixtures/topic.yaml" --ci 0.9 "$fixtures/texts.jsonl"
complains 'says by how much' 'macro F1 0.8000 is below 0.9000'
exits 0 'a gate that is passed' eval -t "$fixtures/topic.yaml" --ci 0.7 --mistakes 3 "$fixtures/texts.jsonl"
says 'mistakes are listed' '^  missed 0\.'
printf 'ferries\tthe night ferry\nnone\tthe budget\n' >"$T/lines.tsv"
exits 0 'lines with labels' eval -t "$fixtures/topic.yaml" --json "$T/lines.tsv"
says 'are texts' '"texts":2,.*"macro_f1":1.0000'
printf 'ferries\tthe night ferry\nno tab\n' >"$T/bad.tsv"
exits 65 'a line without a label' eval -t "$fixtures/topic.yaml" "$T/bad.tsv"
complains 'and where it is' 'bad.tsv:2'
n=0
while [ $n -lt 20 ]; do
	printf 'ferries\tboat %s leaves the old harbour at noon %s\nnone\tpeople %s pay tax %s\n' $n $((n * 7)) $n $((n * 5))
	n=$((n + 1))
done >"$T/train.tsv"
exits 0 'training' train -t "$fixtures/topic.yaml" -o "$T/a.model" --from "$T/train.tsv"
says 'tells how good it is' '^ferries .*rules alone'
exits 0 'training again' train -t "$fixtures/topic.yaml" -o "$T/b.model" "$T/train.tsv"
check 'gives the same bytes' cmp -s "$T/a.model" "$T/b.model"
printf 'A boat\nIt leaves the harbour at noon.\n' >"$T/boat"
exits 0 'rules alone' classify -t "$fixtures/topic.yaml" --json "$T/boat"
says 'do not know boats' '"decision":"none"'
exits 0 'with weights' classify -t "$fixtures/topic.yaml" -m "$T/a.model" --json "$T/boat"
says 'the same text has the topic' '"decision":"match".*"by":"term"'
exits 0 'explain with weights' explain -t "$fixtures/topic.yaml" -m "$T/a.model" "$T/boat"
says 'shows learned words' ' term .*boat'
head -c 1000 "$T/a.model" >"$T/cut.model"
exits 65 'a cut model' classify -t "$fixtures/topic.yaml" -m "$T/cut.model" "$T/boat"
complains 'is refused' 'cut.model: cut short'
exits 64 'training without texts' train -t "$fixtures/topic.yaml"
exits 65 'texts without labels' eval -t "$fixtures/topic.yaml" "$T/bad.jsonl"

# --- stores
make_store
seqs() { sed 's/.*"seq":\([0-9]*\).*/\1/' "$T/out" | tr '\n' ' '; }
exits 0 'the last lines' tail -d "$T/log" -n 3 -o json
is 'are the newest' "$(seqs)" '10 11 12 '
cp "$T/out" "$T/lines"
exits 0 '--json' tail -d "$T/log" -n 3 --json
check '--json is -o json' cmp -s "$T/out" "$T/lines"
exits 0 'the last lines over files' tail -d "$T/log" -n 10 -o json
is 'closed and compressed ones too' "$(seqs)" '3 4 5 6 7 8 9 10 11 12 '
exits 0 'all lines' tail -d "$T/log" -n all -o json
is 'in order' "$(seqs)" '1 2 3 4 5 6 7 8 9 10 11 12 '
ctl tail -d "$T/log" -n 2 -o json --topic ferries
is 'the last two of a topic' "$(seqs)" '7 10 '
ctl tail -d "$T/log" -n all -o json --topic ferries --min-score 0.9 --lang zh
is 'topic, score and language' "$(seqs)" '6 '
ctl tail -d "$T/log" -n all -o json --feed 'harbour-*' --since 2026-11-21T10:06:00Z --until 2026-11-21T10:10:00Z
is 'feed and time' "$(seqs)" '6 7 '
ctl tail -d "$T/log" -s ferries -n all -o json
is "a topic's store" "$(seqs)" '3 6 10 '
ctl tail -d "$T/log" -s polls
says 'polls' '2026-11-21 10:03:00 harbour-en 200 ok items=4 new=1'
mkdir "$T/broken"
printf '%s\n' '{"v":1,"seq":1,"title":"one phishing"}' '{"v":1,"seq":2,"title":"two phishing"' '{"v":1,"seq":3,"title":"three phishing"}' >"$T/broken/items.jsonl"
for command in 'tail -n all -o json' 'tail -n all' 'export -o json' 'search phishing -o json'; do
	# shellcheck disable=SC2086
	exits 65 "a line that is no JSON: $command" ${command%% *} -d "$T/broken" ${command#* }
	is "it is left out: $command" "$(grep -c 'two' "$T/out") $(grep -c 'three' "$T/out")" '0 1'
	complains "and told: $command" 'items.jsonl.*no JSON object: passed over'
done
exits 66 'an unknown store' tail -d "$T/log" -s fairies
complains 'those that are there are named' "'ferries'"
for output in short cat; do
	ctl tail -d "$T/log" -n all -o $output
	check "no escape passes: $output" test -z "$(tr -d '[:print:]\n\200-\377' <"$T/out")"
	says "it is shown instead: $output" 'x1b'
done
says 'cat prints the text' '^Text 12\.$'
ctl tail -d "$T/log" --color always
check 'colour when it is asked for' grep -q "$(printf '\033')" "$T/out"
NO_COLOR=1 ctl tail -d "$T/log"
check 'none otherwise' test -z "$(tr -dc '\033' <"$T/out")"

# A cursor: what was read is not read again, what is new is.
ctl tail -d "$T/log" -n 2 -o json --cursor-file "$T/cursor"
is 'a cursor file begins' "$(cat "$T/cursor")" 'items 12'
ctl tail -d "$T/log" -o json --cursor-file "$T/cursor"
is 'nothing twice' "$(seqs)" ''
chain=$(tail -n 1 "$T/log/items.jsonl" | sed 's/.*"chain":"\([0-9a-f]*\)"}/\1/')
record 13 budget 'Budget 13' en >>"$T/log/items.jsonl"
ctl tail -d "$T/log" -o json --cursor-file "$T/cursor"
is 'only what is new' "$(seqs)" '13 '
exits 65 'a cursor of another store' tail -d "$T/log" -s polls --cursor-file "$T/cursor"

# Following over a rotation.
"$build/gazettectl" tail -d "$T/log" -f -n 1 -o json >"$T/followed" 2>"$T/err" &
started="$started $!"
wait_check 'following begins' grep -q '"seq":13' "$T/followed"
record 14 budget 'Budget 14' en >>"$T/log/items.jsonl"
wait_check 'a new line is followed' grep -q '"seq":14' "$T/followed"
record 15 budget 'Budget 15' en >>"$T/log/items.jsonl"
mv "$T/log/items.jsonl" "$T/log/items-20261121T101530Z-15.jsonl"
record 16 budget 'Budget 16' en >"$T/log/items.jsonl"
wait_check 'a rotation is followed' grep -q '"seq":16' "$T/followed"
is 'nothing lost, nothing twice' "$(sed 's/.*"seq":\([0-9]*\).*/\1/' "$T/followed" | tr '\n' ' ')" '13 14 15 16 '
for pid in $started; do end_pid "$pid"; done
started=

# What retention deleted before a reader came to it is told, once.
mv "$T/log/items-20261121T101530Z-15.jsonl" "$T/gone"
exits 65 'lines that are gone' tail -d "$T/log" -o json --cursor-file "$T/cursor"
is 'the next one is read' "$(seqs)" '16 '
is 'and which they were is told' "$(cat "$T/err")" 'gazettectl: items: 2 lines (seq 14 to 15) are missing: deleted, or damaged, before they were read'
ctl tail -d "$T/log" -o json --cursor-file "$T/cursor"
is 'not again' "$(seqs)$(cat "$T/err")" ''
mv "$T/gone" "$T/log/items-20261121T101530Z-15.jsonl"

# --- search
exits 0 'search' search -d "$T/log" --json FERRY
is 'finds in any case' "$(seqs)" '3 7 '
ctl search -d "$T/log" --json паром
is 'finds in any case of any script' "$(seqs)" '10 '
ctl search -d "$T/log" --json --regex '^(night|slow) f'
is 'finds by regular expression' "$(seqs)" '3 7 '
ctl search -d "$T/log" --json 'text 1' --topic ferries
is 'looks into texts and filters' "$(seqs)" '10 '
exits 1 'nothing found' search -d "$T/log" zeppelin
exits 65 'a broken expression' search -d "$T/log" --regex '('
exits 64 'an expression nested deeper than the stack' search -d "$T/log" --regex "$(head -c 100000 /dev/zero | tr '\0' '(')"
exits 64 'an expression of 1,025 bytes' search -d "$T/log" --regex "$(head -c 1025 /dev/zero | tr '\0' f)"
exits 1 'one of 1,024 bytes' search -d "$T/log" --regex "$(head -c 1024 /dev/zero | tr '\0' f)"

# --- verify: whole, and after each kind of change
exits 0 'whole stores are whole' verify -d "$T/log"
says 'and counted' '^items .*16 lines, seq 1 to 16'

change() { # TEXT WANTED-PATTERN COMMAND…: on a fresh store
	text=$1
	pattern=$2
	shift 2
	make_store
	(cd "$T/log" && "$@")
	ctl verify -d "$T/log"
	is "$text: not whole" "$status" 1
	says "$text: where" "$pattern"
}
change 'a changed title' '^items-20261121T100830Z-8.jsonl:2: chain broken' sed -i 's/渡輪/飛艇/' items-20261121T100830Z-8.jsonl
says "a changed title: the topic's line differs" "^ferries.jsonl:2: not the line that items has for seq 6"
change 'a line taken out' '^items.jsonl:2: seq 11 after 9: 1 missing' sed -i 2d items.jsonl
says "a line taken out: the topic still has it" '^ferries.jsonl:3: seq 10 is not in items'
change 'a line twice' '^items.jsonl:3: seq 10 after 10' sed -i '2p' items.jsonl
change 'lines swapped' 'items.jsonl:2: seq 11 after 9' sed -i -e '2{h;d' -e '}' -e '3G' items.jsonl
change 'a line without its chain' '^items.jsonl:1: no chain' sed -i '1s/,"chain".*/}/' items.jsonl
change 'garbage' '^items.jsonl:2: not JSON' sed -i '2s/.*/garbage/' items.jsonl
change 'a closed file taken away' '^items.jsonl:1: seq 9 after 4: 4 missing' rm items-20261121T100830Z-8.jsonl
change "a topic's line taken out" '^items-20261121T100830Z-8.jsonl:2: seq 6 is missing in ferries' sed -i 2d ferries.jsonl
change "a foreign line in a topic's store" '^ferries.jsonl:2: seq 5 does not match' sh -c 'sed -n 1p items-20261121T100830Z-8.jsonl | sed -i 1r/dev/stdin ferries.jsonl'
change 'a poll changed' '^polls.jsonl:2: chain broken' sed -i '2s/200/404/' polls.jsonl
change 'a closed file cut off' '^items-20261121T100830Z-8.jsonl:4: the last line is cut off' truncate -s -10 items-20261121T100830Z-8.jsonl

make_store
rm "$T/log/items-20261121T100430Z"*
exits 0 'older files may be gone' verify -d "$T/log"
says 'which is said' 'items .*seq 5 to 12, older lines are gone'
printf '{"v":1,"seq":13,"half' >>"$T/log/items.jsonl"
exits 0 'a line that is being written is no fault' verify -d "$T/log"
ctl verify -d "$T/log" --json
says 'verify in JSON' '{"store":"items","lines":8,"first":5,"last":12,"on_trust":true,"problems":0}'
exits 66 'no folder' verify -d "$T/none"

# --- the history of an item, its case, and what a revision says of the record before
history() { # of two items: NUMBER KIND KEY CASE [REST]
	sealed "{\"v\":1,\"seq\":$1,\"seen_at\":\"2026-11-21T10:0$1:00.000Z\",\"kind\":\"$2\",\"feed\":\"f\",\"key\":\"$3\",\"title\":\"T $1\",\"topics\":[]${5:-},\"case\":\"$4\""
}
make_history() { # REVISED: number of the record that the last one revises
	rm -rf "$T/log"
	mkdir "$T/log"
	chain=$zeros
	{
		history 1 new aaaa aaaa
		history 2 new bbbb aaaa
		history 3 revision aaaa aaaa ',"revises":1,"changed":["title"]'
		history 4 withdrawn aaaa aaaa ",\"revises\":$1"
		history 5 new cccc cccc
	} >"$T/log/items.jsonl"
}
make_history 3
ctl search -d "$T/log" --json --key aaaa
is 'the history of an item' "$(seqs)" '1 3 4 '
ctl search -d "$T/log" --json --case aaaa --kind new
is 'a case, and a kind' "$(seqs)" '1 2 '
exits 0 'tail filters too' tail -d "$T/log" --kind withdrawn
says 'and shows the kind' 'withdrawn T 4'
exits 64 'a search for nothing' search -d "$T/log"
exits 64 'another kind' search -d "$T/log" --kind old
exits 0 'a history is whole' verify -d "$T/log"
make_history 1
ctl verify -d "$T/log"
says 'two revise one' '^items.jsonl:4: revises seq 1, as another record does'
make_history 2
ctl verify -d "$T/log"
says 'one revises another item' '^items.jsonl:4: revises seq 2, which is another item'
make_history 4
ctl verify -d "$T/log"
says 'one revises itself' '^items.jsonl:4: revises no record before it'

# --- feeds, configuration, status
exits 0 'OPML becomes feeds' feeds import "$fixtures/list.opml"
cp "$T/out" "$T/feeds.d/list.yaml"
says 'with their addresses' 'https://light.example/rss'
interval=5m
write_conf
exits 0 'feeds are listed' feeds -c "$T/gazetted.yaml" --json
is 'all of them' "$(wc -l <"$T/out" | tr -d ' ')" 2
name=$(sed -n '1s/.*"name":"\([^"]*\)".*/\1/p' "$T/out")
exits 0 'one feed is shown' feeds show "$name" -c "$T/gazetted.yaml"
says 'with its address' '^url *https://'
exits 66 'an unknown feed' feeds show nonsense -c "$T/gazetted.yaml"
exits 0 'feeds become OPML' feeds export -c "$T/gazetted.yaml"
cp "$T/out" "$T/exported.opml"
exits 0 'which can be imported again' feeds import "$T/exported.opml"
check 'and says the same' grep -q 'https://light.example/rss' "$T/out"
exits 64 'another verb' feeds frobnicate
exits 0 'the default configuration' config
says 'is commented' '^#'
exits 0 'what is in force' config --file "$T/gazetted.yaml"
says 'names the folder' "$T/log"
echo 'nonsense: 1' >>"$T/gazetted.yaml"
exits 78 'a broken configuration' config --file "$T/gazetted.yaml"
complains 'with file and line' 'gazetted.yaml:[0-9]*:'
exits 78 'no configuration' tail -c "$T/none.yaml"

mkdir -p "$T/state"
exits 69 'no daemon' status -d "$T/state"
now=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
cat >"$T/state/status.json" <<-EOF
	{"v":1,"version":"0","at":"$now","draining":false,"degraded":false,"counts":{"feeds":1,"feeds_ok":0,"feeds_failing":1},"feeds":[{"name":"harbour-en","health":"failing","last_status":503,"failures":3,"error":"no \u001bfeed","last_poll":"$now"}]}
EOF
exits 0 'status' status -d "$T/state"
says 'of the daemon' 'is running'
says 'and of its feeds' 'failing *harbour-en .*503.*3 times: no \\x1bfeed'
sed -i "s/\"at\":\"$now\"/\"at\":\"2024-05-28T00:00:00.000Z\"/" "$T/state/status.json"
exits 69 'a daemon that gives no sign' status -d "$T/state"

sed -i "s/\"harbour-en\",/\"$name\",\"pause_ms\":90000,\"why\":\"learned\",\"repaired\":4,\"repaired_at\":\"2026-11-21T09:00:00.000Z\",\"repair\":\"cut \\\\u001b short\",\"requests\":812,\"news\":97,\"delay_ms\":660000,\"news_per_week\":40,\"hours\":\"000000001369986532100000\",\"days\":\"0998990\",/" "$T/state/status.json"
interval=5m
write_conf
exits 0 'a feed that the daemon knows' feeds show "$name" -c "$T/gazetted.yaml"
says 'how long it waits and why' '^pause *90s: learned from when it brings news'
says 'what it learned' '^learned *about 40 news a week; by hour .GMT. 000000001369986532100000, by day .Sunday first. 0998990'
says 'what that costs and brings' '^requests *812; news 97, seen on average 11m after their date'
says 'what had to be mended in its documents' '^mended *4 documents, the last at 2026-11-21T09:00:00.000Z: cut \\x1b short'
exits 0 'the same as JSON' feeds show "$name" -o json -c "$T/gazetted.yaml"
check 'is one line' test "$(wc -l <"$T/out")" -eq 1

# --- completion
for shell in bash zsh fish; do
	exits 0 "completion for $shell" completion $shell
	says "$shell knows the options" 'cursor-file'
	if command -v $shell >/dev/null; then check "$shell can read it" $shell -n "$T/out"; fi
done
if command -v fish >/dev/null; then
	check "fish completes a value" sh -c "'$build/gazettectl' completion fish >'$T/fish'; fish -c 'source $T/fish; complete -C \"gazettectl tail --output e\"' | grep -q '^ecs'"
fi
"$build/gazettectl" completion bash >"$T/bash"
cat >"$T/complete" <<END
. "$T/bash"
COMP_WORDS=(gazettectl tail --output e) COMP_CWORD=3
\$(complete -p gazettectl | sed 's/.*-F \([^ ]*\) .*/\1/') gazettectl e --output
echo "\${COMPREPLY[@]}"
END
is "bash completes a value" "$(bash "$T/complete")" ecs
exits 64 'another shell' completion tcsh
plan
