#!/bin/sh
# gazettectl feeds discover: pages that name their feeds in every way, feeds, redirects, hostile pages; what it prints is loaded again. $1: build
# folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"

python3 "$root/tests/e2e/discover_server.py" "$T/url" >"$T/requests" 2>"$T/server.log" &
started="$started $!"
wait_for test -s "$T/url" || { echo "Bail out! the server does not start"; exit 99; }
url=$(cat "$T/url")
write_conf

discover() { # ARGUMENTS…: sets $status
	: >"$T/requests"
	"$build/gazettectl" feeds discover -c "$T/gazetted.yaml" "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
}

says() { # TEXT PATTERN
	check "$1" grep -q -e "$2" "$T/out"
}

silent() { # TEXT PATTERN
	check "$1" sh -c '! grep -q -e "$1" "$2"' sh "$2" "$T/out"
}

asked() { # TEXT PATH TIMES
	is "$1" "$(grep -c "^$2 " "$T/requests")" "$3"
}

discover "$url/many/"
is "a page with feeds" "$status" 0
is "all of them, each once" "$(grep -c '^  - name: ' "$T/out")" 4
says "relative to the base" "^    url: \"\\?$url/many/feeds/en.xml\"\\?\$"
says "its title and its language" '^    title: News$'
says "format, items, newest date, and how it was found" '# rss20, 2 items, newest 2026-11-20T08:00:00Z; named by <link>'
says "Atom, another script" '^    title: "新聞"$'
says "the language of that" '^    language: zh-Hant$'
says "JSON Feed" '# json11, 1 items; named by <link>'
says "a feed behind a page of feeds" "/many/feeds/fr.rss"
silent "other sites are not asked for such a page" other.invalid
says "what is none, and why" "# no feed: $url/many/feeds/gone.xml (status 404)"
asked "named twice, asked once" /many/feeds/en.xml 1
asked "the usual places are not tried" /rss.xml 0
check "who asks is said" grep -q 'gazetted/.*test@gazetted.example' "$T/requests"

cp "$T/out" "$T/feeds.d/found.yaml"
printf 'feeds_files: [feeds.d/found.yaml]\n' >>"$T/gazetted.yaml"
write_topic t word
"$build/gazetted" -t -c "$T/gazetted.yaml" >"$T/out" 2>"$T/err"
check "what was printed is a feeds file" grep -q '^Valid: 4 feeds' "$T/out"
discover "$url/many/"
is "feeds that are there already are named" "$(grep -c '# feed .* has this address' "$T/out")" 4
rm "$T/feeds.d/found.yaml"
write_conf

discover -o json "$url/many/"
is "JSON, a line each" "$(grep -c '"format":' "$T/out")" 4
says "with all members" '{"found":"link","url":"http://.*en.xml","format":"rss20","title":"News","language":"en","items":2,"newest":"2026-11-20T08:00:00Z"}'

discover "$url/header"
is "a Link header" "$status" 0
says "found by it" "2 items.*; named by a Link header"

discover "$url/lonely/"
is "the usual places" "$status" 0
says "one of them" "# rss20, 0 items; where feeds often are"

discover "$url/feed-itself"
says "the address itself is a feed" "; the address itself is a feed"
is "nothing else is asked then" "$(lines "$T/requests")" 1

discover "$url/moved"
says "what moved for good has its new address" "url: \"\\?$url/many/feeds/en.xml"
discover "$url/for-now"
says "what moved for now keeps its own" "url: \"\\?$url/for-now"

discover "$url/later"
is "what is to be asked later" "$status" 69
says "is not asked now" "(status 302: a redirect that is not to be followed before its Retry-After)"
is "its target neither" "$(lines "$T/requests")" 1

discover "$url/nothing"
is "a page that is not there" "$status" 69
says "and why" "(status 404)"
discover "http://127.0.0.1:1/"
is "nobody listens" "$status" 69
LC_ALL=C discover "http://bücher.invalid/"
says "a name beyond ASCII is looked up as IDNA has it" "xn--bcher-kva.invalid"
discover "ftp://127.0.0.1/"
is "other schemes are not asked" "$status" 64
discover "http://user:x@127.0.0.1/"
is "addresses with credentials are not asked" "$status" 64
discover
is "no address" "$status" 64

discover "$url/evil/"
is "a hostile page has a feed, too" "$status" 0
is "one" "$(grep -c '^  - name: ' "$T/out")" 1
silent "its title stays a title" '^  - name: evil'
silent "a language that is none is left out" language:
check "no escape gets out" sh -c '! grep -q "$(printf "\\033")" "$1"' sh "$T/out"
says "redirects to files are refused" "evil/to-file (.*only http and https are followed)"
says "redirects to private addresses are refused" "evil/to-private (.*192.168.7.7 is a private address"
says "private addresses are refused" "10.1.2.3/rss (.*is a private address"
says "metadata too" "169.254.169.254/latest (.*is a private address"
silent "addresses with credentials are not asked for" secret
silent "files are not read" "url: \"\\?file"
says "too large" "evil/huge (.*body_max"

sed -i '/allow_networks/d' "$T/gazetted.yaml"
discover "$url/many/"
is "loopback is private unless it is allowed" "$status" 69
discover --allow-network 127.0.0.0/8 "$url/feed-itself"
is "the command line may allow it" "$status" 0
discover --allow-network localhost "$url/feed-itself"
is "a network that is none" "$status" 64
write_conf

discover "$url/crowd/"
is "a crowd of links without a feed" "$status" 1
is "is asked a bounded number of times" "$(lines "$T/requests")" 60
says "and the rest is counted" "# 4[0-9][0-9] more links look like feeds and were not asked"
plan
