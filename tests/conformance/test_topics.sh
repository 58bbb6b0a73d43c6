#!/bin/sh
# The shipped topics on labelled texts: the five that the project was born from get exactly their topics, with evidence; on the
# others macro F1 is printed and must stay above what a list of keywords reaches. $1: build folder.
set -u
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
corpus=${SHARED:-$root/../shared}/corpus
number=0
failed=0
report() { # STATUS NAME
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		failed=1
	fi
}

if [ ! -d "$corpus" ]; then
	echo "1..0 # SKIP the labelled texts are not here"
	echo "ok 1 - labelled texts # SKIP they are not here"
	exit 0
fi

"$build/gazettectl" classify --topics "$root/classifiers/topics" --json "$corpus/seeds.jsonl" |
	python3 -c '
import json, sys
answers = [json.loads(line) for line in sys.stdin]
labelled = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
for answer, text in zip(answers, labelled, strict=True):
    matched = [t for t in answer["topics"] if t["decision"] == "match"]
    if sorted(t["topic"] for t in matched) != sorted(text["labels"]) or not all(t["evidence"] for t in matched):
        sys.exit(text["id"] + ": " + json.dumps(answer["topics"]))
' "$corpus/seeds.jsonl"
report $? "the five first texts have exactly their topics, with evidence"

for set in abstracts-dev:0.77 doj-dev:0.77; do
	f1=$("$build/gazettectl" eval --topics "$root/classifiers/topics" --json "$corpus/${set%:*}.jsonl" |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["macro_f1"])')
	echo "# ${set%:*}: macro F1 $f1"
	python3 -c 'import sys; sys.exit(not float(sys.argv[1]) > float(sys.argv[2]))' "${f1:-0}" "${set#*:}"
	report $? "${set%:*}: macro F1 above the keyword baseline of ${set#*:}"
done
echo "1..$number"
exit $failed
