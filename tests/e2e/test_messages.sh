#!/bin/sh
# The table of the log's events against the sources: each event that the daemon can say is in it, and nothing else is. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"

"$build/gazettectl" messages --json >"$T/json"
is 'the table is there' $? 0
sed 's/.*"event":"\([^"]*\)".*/\1/' "$T/json" >"$T/table"
check 'it is in order, nothing twice' env LC_ALL=C sort -uc "$T/table"
# The first argument of every call; and the names that come by another way: troubles of the house, what happens to feeds.
for file in $(find "$root/daemon/pipe" "$root/daemon/run" -name '*.c'); do
	tr '\n\t' '  ' <"$file" | grep -oE 'log_(error|warn|info|debug)\( *[^,;]*,|LOG_(EVENT|EACH)\([^,]*, *[^,;]*,|(begin|end)_trouble\([^;]*"[a-z-]*"'
done | grep -oE '"[a-z0-9_-]+"' | tr -d '"' >"$T/said"
"$build/gazettectl" schema event | sed 's/.*"kind":{[^}]*"enum":\[\([^]]*\)\].*/\1/' | tr -d '"' | tr ',' '\n' >>"$T/said"
LC_ALL=C sort -u "$T/said" >"$T/sources"
check 'many are found' test "$(wc -l <"$T/sources")" -gt 60
check 'the daemon says nothing that is not in the table' sh -c 'LC_ALL=C comm -23 "$1" "$2" | sed "s/^/# /" | (! grep .)' sh "$T/sources" "$T/table"
check 'nothing is in the table that it does not say' sh -c 'LC_ALL=C comm -13 "$1" "$2" | sed "s/^/# /" | (! grep .)' sh "$T/sources" "$T/table"
check 'one is told alone' sh -c '"$1" messages alert-dead | grep -q "^alert-dead *warn *A delivery is given up"' sh "$build/gazettectl"
check 'with what can be done' sh -c '"$1" messages alert-dead | grep -q "Mend the script, then gazettectl alerts retry.$"' sh "$build/gazettectl"
# A name that an advice tells to look at is there: a key of the configuration, a command, another event.
"$build/gazettectl" config >"$T/keys"
grep -o '"act":"[^"]*"' "$T/json" | grep -oE '[a-z]+_[a-z_]+' | sort -u >"$T/named"
check 'advice names keys and events' test "$(wc -l <"$T/named")" -gt 5
check 'and only those that there are' sh -c 'while read -r word; do grep -qw -- "$word" "$2" "$3" || echo "# $word"; done <"$1" | (! grep .)' sh "$T/named" "$T/keys" "$T/table"
"$build/gazettectl" messages no-such-event >"$T/out" 2>"$T/err"
is 'one that is none' $? 1
plan
