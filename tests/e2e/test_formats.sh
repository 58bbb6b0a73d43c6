#!/bin/sh
# What other programs get from tail, search and export: read back by parsers that are not ours. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"
mkdir "$T/log"

line() { # SEQ TITLE TOPIC
	printf '{"v":1,"seq":%d,"seen_at":"2026-11-21T10:%02d:00.000Z","kind":"new","feed":"harbour","key":"%032d","url":"https://h.example/%d","title":"%s","content_text":"a, \\"b\\"\\nc\\td","language":"en","topics":[{"topic":"%s","score":0.97,"decision":"match","evidence":[]}],"chain":"%064d"}\n' \
		"$1" "$1" "$1" "$1" "$2" "$3" "$1"
}
{
	line 1 '=HYPERLINK(\"http://evil.example\")' cybercrime
	line 2 'Lösegeld: 渡輪 מעבורת' cybercrime
	line 3 'A \u001b[2J title\u0000' labour
} >"$T/log/items.jsonl"
grep cybercrime "$T/log/items.jsonl" >"$T/log/cybercrime.jsonl"
echo '{"v":1,"seq":1,"at":"2026-11-21T10:00:00.000Z","feed":"harbour","status":304,"result":"unchanged","ms":12}' >"$T/log/polls.jsonl"

ctl() { # ARGUMENTS…: output in $T/out and $T/err, sets $status
	"$build/gazettectl" "$@" -d "$T/log" >"$T/out" 2>"$T/err" </dev/null
	status=$?
}

python() { # TEXT: the script on standard input finds the output in sys.argv[1]
	cat >"$T/check.py"
	check "$1" python3 "$T/check.py" "$T/out"
}

ctl tail -n all -o csv
is 'csv from tail' "$status" 0
python 'is RFC 4180, disarmed' <<'END'
import csv, sys
raw = open(sys.argv[1], newline='', encoding='utf-8').read()
rows = list(csv.DictReader(raw.splitlines(keepends=True), strict=True))
assert raw.count('\r\n') == 4, raw.count('\r\n')
assert [r['seq'] for r in rows] == ['1', '2', '3']
assert rows[0]['title'] == '\'=HYPERLINK("http://evil.example")', rows[0]
assert rows[0]['content_text'] == 'a, "b"\nc\td'
assert rows[1]['title'] == 'Lösegeld: 渡輪 מעבורת'
assert rows[2]['title'] == 'A \ufffd[2J title\ufffd'
assert rows[2]['topics'] == 'labour=0.9700'
END
ctl search --topic cybercrime -o tsv
is 'tsv from search' "$status" 0
python 'has as many cells in every line' <<'END'
import sys
lines = open(sys.argv[1], newline='', encoding='utf-8').read().split('\n')
assert len(lines) == 4 and lines[3] == ''
assert {len(l.split('\t')) for l in lines[:3]} == {23}
END
ctl tail -s polls -o ecs
python 'ecs of a poll' <<'END'
import json, sys
e = json.load(open(sys.argv[1]))
assert e['event']['dataset'] == 'gazetted.polls' and e['event']['outcome'] == 'success'
assert e['http']['response']['status_code'] == 304 and e['event']['duration'] == 12_000_000
END
ctl export -o cloudevents
is 'cloudevents from export' "$status" 0
python 'carry the lines themselves' <<'END'
import json, sys
events = [json.loads(l) for l in open(sys.argv[1], encoding='utf-8')]
assert [e['data']['seq'] for e in events] == [1, 2, 3]
assert len({(e['source'], e['id']) for e in events}) == 3
for e in events:
    assert {'specversion', 'id', 'source', 'type'} <= e.keys() and e['specversion'] == '1.0'
END
cp "$T/out" "$T/before"
ctl export -s cybercrime -o cloudevents
check 'and know a record again in another store' sh -c 'head -n 2 "$1" | cmp -s - "$2"' sh "$T/before" "$T/out"
ctl export
check 'export gives the lines themselves, unless asked' cmp -s "$T/out" "$T/log/items.jsonl"
ctl tail -s cybercrime -o stix
is 'stix' "$status" 0
python 'is made of reports and publishers alone' <<'END'
import json, re, sys
bundles = [json.loads(l) for l in open(sys.argv[1], encoding='utf-8')]
assert len(bundles) == 2
uuid = re.compile(r'^[a-z-]+--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')
for b in bundles:
    assert uuid.match(b['id']) and [o['type'] for o in b['objects']] == ['identity', 'report']
    for o in b['objects']:
        assert uuid.match(o['id']) and o['created'] <= o['modified']
END
ctl search ransom -s cybercrime -o misp
is 'misp of nothing' "$status" 1
check 'is nothing' test ! -s "$T/out"
ctl tail -s cybercrime -o misp
python 'misp detects and publishes nothing' <<'END'
import json, sys
for l in open(sys.argv[1], encoding='utf-8'):
    e = json.loads(l)['Event']
    assert e['published'] is False and not any(a['to_ids'] for a in e['Attribute'])
END
for format in stix misp; do
	ctl tail -o $format
	is "$format of another store is refused" "$status" 64
	check 'saying why' grep -q 'cybercrime alone' "$T/err"
done
line 4 'No crime' labour >>"$T/log/cybercrime.jsonl"
ctl tail -s cybercrime -n 1 -o stix
check 'a record of another topic is left out, and named' grep -q 'record 4 does not match cybercrime' "$T/err"
check 'and nothing is told of it' test ! -s "$T/out"
ctl export --proof -o csv
is 'a proof is of the lines themselves' "$status" 64
plan
