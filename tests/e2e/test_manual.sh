#!/bin/sh
# The manual pages: well-formed, and naming every command, option and key that the programs have. $1: build folder. TAP.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd) || exit 99
T=$(mktemp -d) || exit 99
trap 'rm -rf "$T"' EXIT
number=0
failed=0

report() { # NAME: passes when $T/wrong is empty
	number=$((number + 1))
	if [ -s "$T/wrong" ]; then
		failed=1
		echo "not ok $number - $1"
		sed 's/^/#   /' "$T/wrong"
	else
		echo "ok $number - $1"
	fi
	: >"$T/wrong"
}
: >"$T/wrong"

"$build/gazettectl" config --man >"$T/keys" || echo "gazettectl config --man failed" >"$T/wrong"
sed -e '/^\.\\" @KEYS@$/{' -e "r $T/keys" -e 'd' -e '}' "$root/docs/man/gazetted.yaml.5" >"$T/gazetted.yaml.5"
"$build/gazettectl" schema --man >"$T/members" || echo "gazettectl schema --man failed" >>"$T/wrong"
sed -e '/^\.\\" @MEMBERS@$/{' -e "r $T/members" -e 'd' -e '}' "$root/docs/man/gazetted-record.5" >"$T/gazetted-record.5"
grep -q '@MEMBERS@' "$T/gazetted-record.5" && echo "the members are not put in" >>"$T/wrong"
"$build/gazettectl" messages --man >"$T/messages" || echo "gazettectl messages --man failed" >>"$T/wrong"
sed -e '/^\.\\" @MESSAGES@$/{' -e "r $T/messages" -e 'd' -e '}' "$root/docs/man/gazetted.8" >"$T/gazetted.8"
grep -q '@MESSAGES@' "$T/gazetted.8" && echo "the events are not put in" >>"$T/wrong"
cp "$root/docs/man/gazettectl.1" "$T/"
grep -q '@KEYS@' "$T/gazetted.yaml.5" && echo "the keys are not put in" >>"$T/wrong"
report 'the keys come from the table'

if command -v mandoc >/dev/null; then
	for page in gazetted.8 gazettectl.1 gazetted.yaml.5 gazetted-record.5; do
		# Whether the pages that it refers to are installed here is not its fault.
		mandoc -Tlint "$T/$page" | grep -v 'referenced manual not found' >"$T/wrong"
		report "mandoc -Tlint $page"
	done
else
	echo "# mandoc is missing: not linted"
fi

flat() { # PAGE: its macros without what stands around options
	sed -e 's/ ,/ /g' "$T/$1"
}

"$build/gazettectl" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' >"$T/commands"
[ -s "$T/commands" ] || echo "no commands found in --help" >"$T/wrong"
while read -r command; do
	grep -q "^\.It Ic $command\( \|$\)" "$T/gazettectl.1" || echo "command $command is missing"
	"$build/gazettectl" "$command" --help | sed -n 's/^  \(-[a-zA-Z],\|   \) --\([a-z-]*\).*/\1 \2/p' | while read -r letter name; do
		[ -n "$name" ] || { name=$letter letter=; }
		flat gazettectl.1 | grep -q "Fl -$name\( \|$\)" || echo "$command: option --$name is missing"
		letter=${letter#-}
		letter=${letter%,}
		[ -z "$letter" ] || flat gazettectl.1 | grep -q "Fl $letter\( \|$\)" || echo "$command: option -$letter is missing"
	done
done <"$T/commands" >>"$T/wrong"
report 'gazettectl(1) names every command and option'

"$build/gazetted" --help | sed -n 's/^  -\([a-zA-Z0-9]\), --\([a-z]*\).*/\1 \2/p' >"$T/options"
[ -s "$T/options" ] || echo "no options found in --help" >"$T/wrong"
while read -r letter name; do
	grep -q "^\.It Fl $letter , Fl -$name\( \|$\)" "$T/gazetted.8" || echo "option -$letter, --$name is missing"
done <"$T/options" >>"$T/wrong"
report 'gazetted(8) names every option'

grep -o 'GAZETTED_[A-Z_]*' "$root/daemon/pipe/hookenv.c" | sort -u | while read -r variable; do
	grep -q "$variable" "$T/gazetted.8" || echo "$variable is missing in gazetted.8"
	grep -q "$variable" "$root/docs/alerts.md" || echo "$variable is missing in docs/alerts.md"
done >"$T/wrong"
report 'every variable of alert scripts is told'

echo "1..$number"
exit $failed
