#!/bin/sh
# The page of the real daemon: who may ask and how, what is refused, slow clients, many clients, the end of the daemon while it is asked. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"

start_publisher
echo 'page: {listen: "127.0.0.1:0", public_name: gazette.example, timeout: 3s, connections: 20}' >"$T/conf.extra"
write_conf
write_topic police police
add_publisher_feeds
add_feed broken "$url/nowhere.rss"
start_daemon
wait_check "it says where it is" logged " page address="
port=$(sed -n 's/.* page address=.* port=\([0-9]*\).*/\1/p' "$T/daemon.log")
page=http://127.0.0.1:$port
wait_check "items arrive" has_lines "$items" 10
wait_check "and polls" has_poll broken failed 2
wait_for grep -q 'HTTP 404' "$T/state/status.json"

get() { # PATH OPTIONS…: sets $code; body and head in $T/body, $T/head
	path=$1
	shift
	code=$(curl -sS --max-time 20 --path-as-is -o "$T/body" -D "$T/head" -w '%{http_code}' "$@" "$page$path" 2>"$T/curl.err")
}
says() { grep -qF -- "$1" "$T/body"; }
field() { tr -d '\r' <"$T/head" | sed -n "s/^$1: //Ip"; }
raw() { # TEXT: as it is, to the port; what comes back
	printf "$1" | timeout 10 "$python" -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(sys.stdin.buffer.read())
while part := s.recv(65536):
    sys.stdout.buffer.write(part)
' "$port" 2>/dev/null | head -n 1 | tr -d '\r'
}
python=$(command -v python3) || skip_all "no python3"

for path in / /feeds /feeds/broken /items '/items?q=the&topic=police' /items/1 /topics /topics/police /style.css; do
	get "$path"
	is "$path" "$code" 200
done
for path in /index.json /feeds.json /feeds/broken.json /items.json /items/1.json /topics.json /topics/police.json; do
	get "$path"
	check "$path is JSON" "$python" -c 'import json, sys; json.load(open(sys.argv[1]))' "$T/body"
done
get /
check "the overview tells the state" says "feeds</strong>"
check "and what is broken" says /feeds/broken
is "nothing from elsewhere may be loaded" "$(field content-security-policy | grep -c "default-src 'none'.*frame-ancestors 'none'")" 1
is "no guessing of types" "$(field x-content-type-options)" nosniff
get /feeds/broken
check "a feed tells its error" says "not found"
get /topics/police.json
check "a topic counts its matches" "$python" -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert sum(d["matches"]) == d["matches"][-1] > 0, d
assert sum(d["scores"]) == sum(d["matches"]) + sum(d["reviews"]), d
assert sum(d["agencies"].values()) == sum(d["languages"].values()) == sum(d["matches"]), d' "$T/body"

# What is known already is not sent again; HEAD has the same head and no body.
get /style.css
tag=$(field etag) length=$(field content-length)
: >"$T/body"
get /style.css -H "If-None-Match: $tag"
is "not modified" "$code $(wc -c <"$T/body" | tr -d ' ')" "304 0"
get /style.css -I
is "HEAD" "$code $(field etag) $(field content-length)" "200 $tag $length"

# Other names, other methods, other paths.
for host in "127.0.0.1:$port" localhost "localhost:$port" gazette.example GAZETTE.example:443 '[::1]' '[::1]:80' 10.1.2.3; do
	get /style.css -H "Host: $host"
	is "Host: $host may ask" "$code" 200
done
for host in evil.example "evil.example:$port" 127.0.0.1.evil.example localhost.evil.example 'gazette.example.evil' 'a:b:c' '[::1' ''; do
	get /style.css -H "Host: $host"
	check "Host: '$host' may not" test "$code" = 421 -o "$code" = 400 -o "$code" = 000
done
is "nor nobody" "$(raw 'GET / HTTP/1.0\r\n\r\n' | cut -d' ' -f2)" 421
for method in POST PUT DELETE OPTIONS PATCH TRACE; do
	get / -X "$method"
	is "$method" "$code $(field allow)" "405 GET, HEAD"
done
for path in /nothing // /../ /feeds/../../etc/passwd /items/%2e%2e%2f%2e%2e%2fetc%2fpasswd /items/0 /items/-1 /items/1%00.json '/%3Cscript%3E' /style.css/x \
	/websub/x /feeds/%0d%0aX-Evil:%201; do
	get "$path"
	check "$path: none" test "$code" = 404 -o "$code" = 400
	check "and says nothing of it" sh -c "! grep -qi -e evil -e '<script' '$T/head' '$T/body'"
done
long=$(head -c 600 /dev/zero | tr '\0' a)
get "/items?q=$long"
is "a long query" "$code" 414
get "/$long"
is "a long path" "$code" 414
long=$(head -c 40000 /dev/zero | tr '\0' a)
get "/items?q=$long"
check "a huge one" test "$code" = 414 -o "$code" = 431 -o "$code" = 000
get / -H "X-Long: $long"
check "a huge head" test "$code" = 431 -o "$code" = 413 -o "$code" = 000
get '/items?q=%3Cscript%3Ealert(1)%3C/script%3E'
check "words are shown as text" sh -c "! grep -q '<script' '$T/body' && grep -q '&lt;script&gt;' '$T/body'"
is "of no request comes nothing" "$(raw '\001\002\003\r\n\r\n')" ""
is "a body is not wanted" "$(raw 'GET /style.css HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc' | cut -d' ' -f2)" 413

# A client that says a byte now and then is ended; those that take all places hold up nobody for long.
"$python" "$root/tests/e2e/slow_clients.py" "$port" 20 20 >"$T/slow" 2>&1 &
slow=$!
started="$started $slow"
sleep 1
before=$(lines "$polls")
sleep 1
check "the daemon goes on polling meanwhile" has_lines "$polls" $((before + 1))
get /style.css
is "there is a place again" "$code" 200
wait "$slow"
is "slow clients are ended" "$(cat "$T/slow")" "20 ended"

# Many at once, and the daemon ends while they ask.
for i in 1 2 3 4 5 6 7 8; do
	(for k in 1 2 3 4 5; do curl -sS -o /dev/null -w '%{http_code}\n' "$page/items?q=nothing$i$k"; done >"$T/many.$i" 2>&1) &
	many="${many:-} $!"
done
for pid in $many; do wait "$pid"; done
is "forty at once" "$(cat "$T"/many.* | sort | uniq -c | sed 's/ *//')" "40 200"
(while curl -sS --max-time 5 -o /dev/null "$page/"; do :; done) 2>/dev/null &
asking=$!
started="$started $asking"
sleep 0.5
stop_daemon
is "it ends while it is asked" "$status" 0
wait "$asking" 2>/dev/null

# A socket in the file system, for the daemon's group; its file is taken over from a daemon that was killed, and from nobody else.
socket=$T/page.sock
echo "page: {listen: \"unix:$socket\"}" >"$T/conf.extra"
write_conf
local_status() {
	curl -sS --max-time 5 --unix-socket "$socket" -o /dev/null -w '%{http_code}' http://localhost/ 2>/dev/null
}
answers() { [ "$(local_status)" = 200 ]; }
start_daemon
wait_check "by a socket" answers
is "for user and group" "$(stat -c %a "$socket")" 660
kill_daemon
check "a kill leaves its file" test -S "$socket"
start_daemon
wait_check "which the next one takes over" answers
stop_daemon
check "an orderly end does not" sh -c "! test -e '$socket'"
echo mine >"$socket"
start_daemon
wait "$daemon"
is "another file is left alone" "$? $(cat "$socket")" "78 mine"
rm "$socket"

# Off is the default.
rm "$T/conf.extra"
write_conf
: >"$T/daemon.log"
start_daemon
wait_check "another life" logged " start "
stop_daemon
check "without page.listen there is none" sh -c "! grep -q ' page address=' '$T/daemon.log'"
plan
