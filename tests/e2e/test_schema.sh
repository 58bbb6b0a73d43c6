#!/bin/sh
# The schemas against what is really written: every line of a daemon's stores, the shipped configuration, and files with mistakes. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
python3 -c 'import jsonschema, yaml; jsonschema.Draft202012Validator' 2>/dev/null || skip_all "python3-jsonschema and python3-yaml are needed"
begin "$1"

cat >"$T/fits.py" <<'END'
# fits.py SCHEMA FILE: says what does not fit. Lines of JSON may have no member that the schema does not name.
import json, sys, jsonschema, yaml

def close(s):
    if isinstance(s, dict):
        if 'properties' in s and s['properties']:
            s.setdefault('additionalProperties', False)
        for v in s.values():
            close(v)
    elif isinstance(s, list):
        for v in s:
            close(v)

with open(sys.argv[1], encoding='utf-8') as f:
    schema = json.load(f)
jsonschema.Draft202012Validator.check_schema(schema)
with open(sys.argv[2], encoding='utf-8') as f:
    if sys.argv[2].endswith('.jsonl'):
        close(schema)
        documents = [json.loads(line) for line in f]
    else:
        documents = [yaml.safe_load(f)]
assert documents, 'nothing to look at'
validator = jsonschema.Draft202012Validator(schema)
errors = [e for d in documents for e in validator.iter_errors(d)]
for e in errors[:5]:
    print('#', e.json_path, e.message[:150])
sys.exit(2 if errors else 0)
END

for name in config feeds alerts record poll event review letter; do
	"$build/gazettectl" schema $name >"$T/$name.schema"
	is "schema $name" $? 0
done
fits() { # SCHEMA FILE
	python3 "$T/fits.py" "$T/$1.schema" "$2"
}
misfits() { # SCHEMA FILE
	fits "$@" >"$T/said"
	[ $? -eq 2 ]
}
refused() {
	! "$build/gazetted" -t -c "$T/wrong.yaml" >"$T/said" 2>&1
}

# --- what the daemon writes: an item that matches, a dead letter, a feed that is down, a review
write_conf
cat >"$T/alerts.d/pager.yaml" <<'EOF'
alerts:
  - {name: pager, exec: [./no.sh], events: feed_down, topics: [wolves]}
EOF
script no.sh <<'EOF'
exit 1
EOF
write_topic wolves wolf
feed_with 3
start_publisher --static "$T/www"
add_feed alarms "$url/alarms.rss"
add_feed missing "$url/missing.rss" 'down_failures: 1' 'down_after: 0'
start_daemon
wait_check 'an item is seen' test -s "$items"
wait_check 'a feed is down' test -s "$T/log/events.jsonl"
wait_check 'a letter is dead' test -s "$T/log/dead-letters.jsonl"
ctl review confirm 1 --by me --why 'It is one'
is 'a record is judged' "$status" 0
wait_check 'the review is written' test -s "$T/log/reviews.jsonl"
stop_daemon
for pair in record:items record:wolves poll:polls event:events review:reviews letter:dead-letters; do
	check "every line of ${pair#*:} fits" fits "${pair%:*}" "$T/log/${pair#*:}.jsonl"
done
sed 's/,"verdict"/,"also":[2,3]&/' "$T/log/reviews.jsonl" >"$T/also.jsonl"
check 'a decision about several records does too' fits review "$T/also.jsonl"
sed 's/"kind":"new"/"kind":"old"/' "$items" >"$T/bad.jsonl"
check 'another kind does not' misfits record "$T/bad.jsonl"
sed 's/"seq":/"number":/' "$items" >"$T/bad.jsonl"
check 'nor a line without its number' misfits record "$T/bad.jsonl"

# --- what people write
check 'the shipped configuration fits' fits config "$root/config/gazetted.yaml"
check 'so does that of this test' fits config "$T/gazetted.yaml"
"$build/gazettectl" config -c "$T/gazetted.yaml" >"$T/in-force.yaml"
check 'and what is in force' fits config "$T/in-force.yaml"
"$build/gazettectl" config | sed -n 's/^\( *\)#\([a-z_0-9]*:.*\)$/\1\2/p; /^[a-z]*:$/p' >"$T/presets.yaml"
check 'every preset fits' fits config "$T/presets.yaml"
for file in "$root"/config/feeds.d/*.yaml; do
	check "$(basename "$file") fits" fits feeds "$file"
done
check 'the shipped alerts fit' fits alerts "$root/config/alerts.d/example.yaml"

# Each mistake is one for the daemon too.
wrong=0
while IFS='|' read -r text line; do
	echo "$line" >"$T/wrong.yaml"
	wrong=$((wrong + 1))
	check "refused: $text" misfits config "$T/wrong.yaml"
	check 'by the daemon too' refused
done <<'EOF'
an unknown key|contcat: me@example.org
a number out of its range|hosts: {per_host: 100}
a duration without a unit|fetch: {interval: 90}
a duration with another|fetch: {interval: 90x}
a size with another unit|storage: {rotate_size: 3miles}
a choice that is none|log_level: loud
a feed without an address|feeds: [{name: a}]
a name with blanks|feeds: [{name: "a b", url: "https://a.example/"}]
an address of another kind|feeds: [{name: a, url: "ftp://a.example/"}]
a command that is no list|alerts: [{name: a, exec: /bin/true}]
a rule without a host|hosts: {rules: [{gap: 5s}]}
a rule for an address|hosts: {rules: [{host: "https://a.example/", gap: 5s}]}
a rule with another key|hosts: {rules: [{host: a.example, gap: 5s, interval: 5m}]}
permissions without a zero|storage: {file_mode: "640"}
EOF
is 'all of them were looked at' $wrong 14
plan
