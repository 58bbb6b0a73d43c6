#!/bin/sh
# A server says an answer twice, the second time over a connection that nobody waits on: what two feeds of one host list stays apart, over http and over
# https. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout "$T/key.pem" -out "$T/ca.pem" \
	-subj /CN=gazetted -addext subjectAltName=IP:127.0.0.1 2>/dev/null
python3 -u "$root/tests/e2e/stray_server.py" "$T/ca.pem" "$T/key.pem" >"$T/served" 2>"$T/server.log" &
started="$started $!"
wait_for sh -c 'grep -q https "$1" || ! kill -0 "$2" 2>/dev/null' sh "$T/served" "$!"
read -r plain tls <"$T/served" || skip_all "no server: $(tail -n 1 "$T/server.log")"

write_conf
# No request is on its way when the second answer comes: nobody could tell them apart then.
sed -i "s/^hosts: {gap: 0,/hosts: {gap: 200ms,/" "$T/gazetted.yaml"
for feed in a b; do
	add_feed "plain-$feed" "$plain/plain-$feed" "interval: 1s" "interval_min: 500ms"
	add_feed "tls-$feed" "$tls/tls-$feed" "interval: 1s" "interval_min: 500ms" "ca_file: $T/ca.pem"
done
start_daemon
polled() { n=$(grep -c "\"feed\":\"$1\"" "$polls" 2>/dev/null); [ "${n:-0}" -ge 5 ]; }
for feed in plain-a plain-b tls-a tls-b; do
	wait_for polled $feed
	check "$feed was read again and again" polled $feed
done
foreign() { grep "\"feed\":\"$1\"" "$items" | grep -vc "own-$1-"; }
for feed in plain-a plain-b tls-a tls-b; do
	check "$feed has items" [ "$(grep -c "\"feed\":\"$feed\"" "$items")" -ge 4 ]
	is "$feed has no item of another" "$(foreign $feed)" 0
done

plan
