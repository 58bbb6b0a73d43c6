#!/bin/sh
# What publishers and attackers send: each misbehaviour has its line in the ledger, and the good feed beside them does not notice.
# $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"
timeout=30s

cat >"$T/www/good.rss" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Good</title><link>http://good.example/</link>
<item><title>One</title><link>http://good.example/1</link><guid>g1</guid><description>first</description></item>
<item><title>Two</title><link>http://good.example/2</link><guid>g2</guid><description>second</description></item>
</channel></rss>
XML
# Invalid UTF-8 in a title, and an item that was cut off.
printf '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Bytes</title><item><title>A\377\376B\033[31m</title><link>http://bytes.example/1</link><guid>b1</guid></item></channel></rss>' >"$T/www/bytes.rss"

start_publisher --static "$T/www"
write_topic test-topic "nothing of this kind"
write_conf
add_feed good "$url/good.rss"
add_feed bytes "$url/bytes.rss"
for name in 404 410 500 503 html empty broken entity to-file to-private to-metadata to-itself huge endless bomb; do
	add_feed "$name" "$url/-/$name"
done
add_feed stall "$url/-/stall" "timeout: 1s"
add_feed missing "$url/missing.rss"
add_feed dead "http://127.0.0.1:1/feed"
add_feed nowhere "http://feeds.invalid/feed"

poll_once
is "-1 ends 1 when some feed failed" "$status" 1
is "every poll is in the ledger" "$(lines "$polls")" 21

is "the good feed" "$(polls_with good '"result":"ok"')" 1
for case in \
	'404|"status":404,"result":"failed","kind":"http"' \
	'410|"status":410,"result":"failed","kind":"http"' \
	'500|"status":500,"result":"failed","kind":"http"' \
	'503|"status":503,"result":"failed","kind":"http"' \
	'missing|"status":404,"result":"failed","kind":"http"' \
	'html|"status":200,"result":"blocked"' \
	'empty|"status":200,"result":"blocked"' \
	'broken|"recovered":true,"incomplete":true' \
	'entity|"status":200' \
	'to-file|"result":"failed","kind":"http","error":"redirect to file:///etc/passwd' \
	'to-private|"result":"failed","kind":"net","error":"127.0.0.2 is a private address' \
	'to-metadata|"result":"failed","kind":"net","error":"169.254.169.254 is a private address' \
	'to-itself|"result":"failed","kind":"http","error":"redirect loop' \
	'stall|"result":"failed","kind":"net","error":"time-out' \
	'huge|"result":"failed","kind":"limit","error":"the body has 104857600 bytes' \
	'endless|"result":"failed","kind":"limit"' \
	'bomb|"result":"failed","kind":"limit"' \
	'dead|"status":0,"result":"failed","kind":"net"' \
	'nowhere|"status":0,"result":"failed","kind":"net"'; do
	is "${case%%|*}" "$(polls_with "${case%%|*}" "${case#*|}")" 1
done

is "items of no other feeds" "$(value feed <"$items" | sort | uniq -c | tr -s ' ' | tr '\n' ' ')" " 1 bytes  1 entity  2 good "
check "an entity is not expanded" sh -c 'grep "\"feed\":\"entity\"" "$1" | grep -qF "\"title\":\"&x;\""' - "$items"
check "no file was read" sh -c '! grep -q root: "$@"' - "$items" "$polls" "$T/daemon.log"
check "no raw escape sequence in stores and log" sh -c '! grep -q "$(printf "\033")" "$@"' - "$items" "$polls" "$T/daemon.log"
check "the stores are valid UTF-8" sh -c 'cat "$@" | iconv -f UTF-8 -t UTF-16 >/dev/null' - "$items" "$polls"

start_daemon
wait_check "beside them the good feed keeps its rhythm" has_poll good '"result":"unchanged"' 10
check "the slow one is tried again, more and more seldom" [ "$(polls_with stall failed)" -lt "$(polls_with good unchanged)" ]
cp "$T/www/good.rss" "$T/next.rss"
sed -i 's#</channel>#<item><title>Three</title><link>http://good.example/3</link><guid>g3</guid></item></channel>#' "$T/next.rss"
mv "$T/next.rss" "$T/www/good.rss"
wait_check "and its news arrives" has_lines "$items" 5
check "the daemon still runs" running
stop_daemon
is "TERM ends with 0" "$status" 0
is "nothing was repeated" "$(repeated_links)" 0

: >"$T/daemon.log"
start_daemon
wait_check "started again, and fetching from the one that stalls" logged " start "
kill -STOP "$daemon" # so that all of it is there at once
kill -TERM "$daemon"
kill -INT "$daemon"
kill -HUP "$daemon"
kill -USR1 "$daemon"
kill -CONT "$daemon"
wait "$daemon"
is "a storm of signals ends it, and ends it well" "$?" 0

plan
