#!/bin/sh
# The example alert scripts with faked sendmail, curl and logger: what they send, hostile titles, exit codes. TAP.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
scripts=$root/config/scripts
T=$(mktemp -d) || exit 99
trap 'rm -rf "$T"' EXIT
mkdir "$T/bin"
number=0
failed=0

check() { # NAME CONDITION...: one test
	name=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $name"
	else
		failed=1
		echo "not ok $number - $name"
		sed 's/^/#   /' "$T/args" "$T/input" "$T/err" 2>/dev/null | head -n 40
	fi
}

# A fake keeps its arguments and input, says what is in $T/says and ends with the status in $T/ends.
for program in sendmail curl logger; do
	cat >"$T/bin/$program" <<FAKE
#!/bin/sh
printf '%s\n' "\$@" >"$T/args"
case $program in
logger) ;;
*) cat >"$T/input" ;;
esac
cat "$T/says"
exit "\$(cat "$T/ends")"
FAKE
	chmod 755 "$T/bin/$program"
done

RECORD='{"v":1,"seq":7,"title":"x \u0007","url":"https://example.org/a?b=1&c=2"}'
run() { # SAYS ENDS SCRIPT ARGS...: the script's status in $status
	printf '%s' "$1" >"$T/says"
	echo "$2" >"$T/ends"
	script=$3
	shift 3
	rm -f "$T/args" "$T/input"
	status=0
	printf '%s\n' "$RECORD" | env -i PATH="$T/bin:/usr/bin:/bin" GAZETTED_ALERT=an-alert GAZETTED_TITLE="$TITLE" \
		GAZETTED_URL="$URL" GAZETTED_TOPICS=cybercrime,illegal-employment GAZETTED_SCORE=0.9931 GAZETTED_FEED=hk-gia-en \
		GAZETTED_SEQ=7 GAZETTED_KEY=k-0123abcd "$scripts/$script" "$@" >"$T/out" 2>"$T/err" || status=$?
}

has() { # FILE LINE: exactly this line
	grep -qxF -e "$2" "$T/$1"
}

lacks() { # FILE TEXT
	! grep -qF -e "$2" "$T/$1"
}

ended() {
	[ "$status" -eq "$1" ]
}

headers() { # of the mail
	sed '/^$/q' "$T/input"
}

body() {
	sed '1,/^$/d' "$T/input" | base64 -d
}

subject() { # decoded, one line
	headers | sed -n '/^Subject: /,/^[^ S]/p' | grep -o '=?UTF-8?B?[^?]*?=' | sed 's/^=?UTF-8?B?//; s/?=$//' |
		while read -r piece; do printf '%s' "$piece" | base64 -d; done
}

TAB=$(printf '\t')
NL='
'
URL='https://example.org/a?b=1&c=2'
TITLE='Police arrest "three" over $(id) `id` phone scam; 警方拘捕三人 涉電話騙案 及利用社交平台誘騙市民投資虛擬貨幣'

# --- mail
run '' 0 mail -f gazetted@example.org a@example.org b@example.org
check 'mail: done' ended 0
check 'mail: recipients are arguments behind --' has args -- && check 'mail: the second recipient too' has args b@example.org
check 'mail: To' has input 'To: a@example.org, b@example.org'
check 'mail: From' has input 'From: gazetted@example.org'
check 'mail: Message-ID from the key' has input 'Message-ID: <k-0123abcd@gazetted.invalid>'
check 'mail: the subject is whole' [ "$(subject)" = "[cybercrime,illegal-employment] $TITLE" ]
check 'mail: no line beyond 76 columns' [ -z "$(awk 'length($0) > 76' "$T/input")" ]
pieces_valid() {
	headers | grep -o '=?UTF-8?B?[^?]*?=' | sed 's/^=?UTF-8?B?//; s/?=$//' | while read -r piece; do
		printf '%s' "$piece" | base64 -d | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 || echo bad
	done
}
check 'mail: no character is cut' [ -z "$(pieces_valid)" ]
check 'mail: the record is in the body' sh -c 'sed "1,/^\$/d" "$1" | base64 -d | grep -qxF "$2"' sh "$T/input" "$RECORD"
check 'mail: the title is in the body' [ "$(body | head -n 1)" = "$TITLE" ]
run '' 75 mail a@example.org
check 'mail: 75 of sendmail is passed on' ended 75
run '' 67 mail a@example.org
check 'mail: other failures too' ended 67
run '' 0 mail
check 'mail: without recipient' ended 64
run '' 0 mail -- -oQ/tmp
check 'mail: an option for a recipient is refused' ended 64
run '' 0 mail "a@example.org${NL}Bcc: b@example.org"
check 'mail: a line break in a recipient is refused' ended 64

TITLE="First${NL}Bcc: victim@example.org${NL}${NL}body$(printf '\r\033[2J\007')end"
URL="https://example.org/${NL}X-Evil: 1"
run '' 0 mail a@example.org
check 'mail: hostile title is sent' ended 0
check 'mail: no header is injected by a title' sh -c '! sed "/^\$/q" "$1" | grep -qi "^bcc\|^x-evil"' sh "$T/input"
check 'mail: no control character gets into the text' [ -z "$(body | head -n 3 | LC_ALL=C tr -d '\n' | LC_ALL=C tr -cd '\000-\037\177')" ]

# --- webhook
run 204 0 webhook https://hooks.example.org/x
check 'webhook: done' ended 0
check 'webhook: the body is the record' has input "$RECORD"
check 'webhook: JSON' has args 'Content-Type: application/json'
check 'webhook: idempotency key' has args 'Idempotency-Key: k-0123abcd'
check 'webhook: address' has args https://hooks.example.org/x
check 'webhook: no home configuration is read' [ "$(head -n 1 "$T/args")" = -q ]
check 'webhook: nothing of the title is an argument' lacks args Bcc
echo 'Authorization: Bearer s3cret' >"$T/headers"
run 200 0 webhook https://hooks.example.org/x "$T/headers"
check 'webhook: secrets stay in their file' sh -c 'grep -qxF "@$1" "$2" && ! grep -q s3cret "$2"' sh "$T/headers" "$T/args"
for case in '500 0 75' '503 0 75' '429 0 75' '408 0 75' '400 0 1' '404 0 1' '301 0 1' '000 6 75' '000 7 75' '000 28 75' '000 56 75' '000 3 1'; do
	# shellcheck disable=SC2086
	set -- $case
	run "$1" "$2" webhook https://hooks.example.org/x
	check "webhook: status $1, curl $2 gives $3" ended "$3"
done
# A verifier of the receiver's side: HMAC-SHA256 of "id.timestamp.body" by openssl, with what was sent.
header() { # NAME
	sed -n "s/^$1: //p" "$T/args"
}
signature() { # KEY-IN-HEX
	{ printf '%s.%s.' "$(header webhook-id)" "$(header webhook-timestamp)" && cat "$T/input"; } |
		openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -binary | base64 | sed 's/^/v1,/'
}
secret() { # KEY-IN-HEX
	printf 'whsec_%s\n' "$(printf '%s' "$1" | tr a-f A-F | basenc --base16 -d | base64 -w 0)"
}
ages() { # seconds since the timestamp
	echo $(($(date +%s) - $(header webhook-timestamp)))
}
# Of the shortest and the longest length; the bytes that become 0, "%" and "\" in the two pads are among them.
one=3625255c5c6a366a1336005c137900ff2a40257f0d0a2022
two=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f363636365c5c5c5c252525257f7f7f7fc0c1c2c3d0d1d2d3e0e1e2e3f0f1f2f3
secret $one >"$T/secrets"
run 204 0 webhook -s "$T/secrets" https://hooks.example.org/x
check 'webhook: signed, done' ended 0
check 'webhook: signed, the body is the record' has input "$RECORD"
check 'webhook: the id is the idempotency key' [ "$(header webhook-id)" = k-0123abcd ]
check 'webhook: the timestamp is now' [ "$(ages)" -ge 0 ]
check 'webhook: the signature is right' [ "$(header webhook-signature)" = "$(signature $one)" ]
check 'webhook: the secret is no argument' lacks args "$(secret $one)"
{ secret $two && echo && secret $one; } >"$T/secrets"
run 204 0 webhook -s "$T/secrets" https://hooks.example.org/x "$T/headers"
check 'webhook: each secret signs, in their order' [ "$(header webhook-signature)" = "$(signature $two) $(signature $one)" ]
check 'webhook: with headers of a file' has args "@$T/headers"
run 204 0 webhook -s secrets https://hooks.example.org/x
check 'webhook: a bare name without credentials is missing' ended 1
printf '%s\n' "$RECORD" >"$T/record"
credential() {
	env -i PATH="$T/bin:/usr/bin:/bin" GAZETTED_KEY=k-1 CREDENTIALS_DIRECTORY="$T" \
		"$scripts/webhook" -s secrets https://hooks.example.org/x <"$T/record" 2>"$T/err"
}
echo 204 >"$T/says"
check 'webhook: a bare name is a credential' credential
check 'webhook: and signs' [ "$(header webhook-signature)" = "$(signature $two) $(signature $one)" ]
for bad in 'whsec_c2hvcnQ=' 'no secret at all' "$(secret ${two}00)" 'whsec_!!!!' ''; do
	printf '%s\n' "$bad" >"$T/secrets"
	run 204 0 webhook -s "$T/secrets" https://hooks.example.org/x
	check "webhook: '$bad' is no secret" ended 1
	check 'webhook: and nothing is sent' [ ! -e "$T/args" ]
done
run 204 0 webhook -s
check 'webhook: -s without a file' ended 64
run 200 0 webhook file:///etc/passwd
check 'webhook: only http and https' ended 64
run 200 0 webhook https://hooks.example.org/x "$T/missing"
check 'webhook: missing header file' ended 1

# --- ntfy
run 200 0 ntfy https://ntfy.example.org/t
check 'ntfy: done' ended 0
check 'ntfy: title of plain topics' has args 'Title: cybercrime,illegal-employment (hk-gia-en)'
check 'ntfy: no header is injected by an address' sh -c '! grep -q "^X-Evil" "$1"' sh "$T/args"
check 'ntfy: the item is the text' [ "$(head -n 1 "$T/input")" = 'FirstBcc: victim@example.orgbody[2Jend' ]
URL='javascript:alert(1)'
run 200 0 ntfy https://ntfy.example.org/t
check 'ntfy: only web addresses are clicked' lacks args Click
URL='https://example.org/a?b=1&c=2'
run 200 0 ntfy https://ntfy.example.org/t
check 'ntfy: click' has args "Click: $URL"
run 502 0 ntfy https://ntfy.example.org/t
check 'ntfy: try again' ended 75
run 403 0 ntfy https://ntfy.example.org/t
check 'ntfy: refused' ended 1

# --- syslog
TITLE="a \"quoted\" title${NL}second line${TAB}$(printf '\033')[31mred"
run '' 0 syslog daemon.warning
check 'syslog: done' ended 0
check 'syslog: priority' has args daemon.warning
check 'syslog: one line without controls' has args "alert=an-alert topics=cybercrime,illegal-employment score=0.9931 feed=hk-gia-en seq=7 url=\"$URL\" title=\"a 'quoted' titlesecond line[31mred\""
run '' 1 syslog
check 'syslog: try again' ended 75

# --- append
run '' 0 append "$T/a file.jsonl"
run '' 0 append "$T/a file.jsonl"
check 'append: done' ended 0
check 'append: two whole lines' [ "$(cat "$T/a file.jsonl")" = "$RECORD$NL$RECORD" ]
run '' 0 append
check 'append: without a file' ended 64
run '' 0 append "$T/missing/x"
check 'append: a folder that is not there' [ "$status" -ne 0 ]
if [ -w /dev/full ]; then
	run '' 0 append /dev/full
	check 'append: full disk, try again' ended 75
fi

# A disk with room for half of the second line: a limit on the size of files, of 512 bytes.
filler=$(head -c 400 /dev/zero | tr '\0' f)
echo "$filler" >"$T/limited"
half() {
	status=0
	(
		trap '' XFSZ
		ulimit -f 1
		echo "{$filler}" | "$scripts/append" "$T/limited" 2>"$T/err"
	) || status=$?
}
half
check 'append: room for half a line, try again' ended 75
check 'append: nothing of it stays' [ "$(cat "$T/limited")" = "$filler" ]
run '' 0 append "$T/limited"
check 'append: the next one is whole' [ "$(cat "$T/limited")" = "$filler$NL$RECORD" ]
printf '{"killed' >>"$T/limited"
run '' 0 append "$T/limited"
check 'append: not behind half a line' [ "$(tail -n 2 "$T/limited")" = "{\"killed$NL$RECORD" ]

many() { # eight at once, forty times
	big=$(head -c 60000 /dev/zero | tr '\0' x)
	for i in 1 2 3 4 5 6 7 8; do
		(for j in 1 2 3 4 5; do echo "{$i$j$big}" | "$scripts/append" "$T/many"; done) &
	done
	wait
	[ "$(wc -l <"$T/many")" -eq 40 ] && ! grep -qv '^{[0-9]*x*}$' "$T/many"
}
check 'append: lines of many writers stay whole' many

check 'every script is executable' [ -z "$(find "$scripts" -type f ! -perm -111)" ]
# --- an event about a feed
RECORD='{"v":1,"seq":3,"at":"2026-03-10T00:00:00.000Z","kind":"feed_down","feed":"hk-gia-en"}'
TITLE='Feed hk-gia-en is down for 2 hours: HTTP 503: the server is not available'
tell() { # SCRIPT ARGS...: as for an alert on events
	script=$1
	shift
	printf '%s' 200 >"$T/says"
	rm -f "$T/args" "$T/input"
	status=0
	printf '%s\n' "$RECORD" | env -i PATH="$T/bin:/usr/bin:/bin" GAZETTED_ALERT=an-alert GAZETTED_TITLE="$TITLE" \
		GAZETTED_URL= GAZETTED_TOPICS= GAZETTED_SCORE= GAZETTED_DECISION= GAZETTED_EVENT=feed_down GAZETTED_FEED=hk-gia-en \
		GAZETTED_SEQ=3 GAZETTED_KEY=k-4567 "$scripts/$script" "$@" >"$T/out" 2>"$T/err" || status=$?
}
echo 0 >"$T/ends"
tell mail a@example.org
check 'event: mail is done' ended 0
check 'event: the subject says what happened' [ "$(subject)" = "[feed_down] $TITLE" ]
check 'event: the text is about no topics' [ "$(body | sed -n '3,4p' | tr '\n' '|')" = 'event: feed_down|feed: hk-gia-en|' ]
tell ntfy https://ntfy.example.org/t
check 'event: ntfy is done' ended 0
check 'event: title of ntfy' has args 'Title: feed_down (hk-gia-en)'
check 'event: text of ntfy' [ "$(head -n 1 "$T/input")" = "$TITLE" ]
tell syslog
check 'event: syslog is done' ended 0
check 'event: line of syslog' has args "alert=an-alert event=feed_down feed=hk-gia-en seq=3 title=\"$TITLE\""
tell webhook https://hooks.example.org/x
check 'event: webhook is done' ended 0
check 'event: webhook sends the line' has input "$RECORD"

echo "1..$number"
exit $failed
