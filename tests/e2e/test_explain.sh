#!/bin/sh
# gazettectl explain as a page: everything is escaped, nothing comes from elsewhere, the same answer again. $1: build folder.
. "$(dirname "$0")/lib.sh"
begin "$1"

page() { # FILE: sets $status
	status=0
	"$build/gazettectl" explain -o html -t "$T/topics.d/wolf.yaml" "$1" >"$T/page.html" 2>"$T/err" || status=$?
}

says() { # TEXT
	grep -qF -- "$1" "$T/page.html"
}

cat >"$T/topics.d/wolf.yaml" <<-END
	topic: wolf
	title: Wolves & <others>
	thresholds: {match: 0.8, review: 0.5}
	phrases:
	  - {any: wolf, weight: 8}
	  - {any: script, weight: 2}
	  - {any: sheep, weight: -9}
END
printf '%s\n' '{"id":"<b>1</b>","title":"A wolf <script>alert(\"1\")</script> '"'"'&amp;","text":"One\nwolf \u202egnp.exe\u0007 a\u0000b","lang":"en"}' >"$T/one.jsonl"
page "$T/one.jsonl"
is "a page is made" "$status" 0
check "the words that counted are marked, with what they weigh" says '<b>A <mark title="+7.02">wolf</mark> &lt;<mark title="+1.76">script</mark>&gt;alert(&quot;1&quot;)'
check "names are escaped" says "Wolves &amp; &lt;others&gt;"
check "and identities" says "<bdi>&lt;b&gt;1&lt;/b&gt;</bdi>"
check "and apostrophes and what looks escaped" says "&#39;&amp;amp;"
check "controls and what turns the direction are visible" says '\u202egnp.exe\x07 a\x00b'
check "lines stay" says '<p class="text" dir="auto">One'
is "nothing of the text is markup" "$(grep -c '<script\|<b>1' "$T/page.html")" 0
is "nothing comes from elsewhere" "$(grep -c 'src=\|href=\|http:\|https:\|url(' "$T/page.html")" 0
check "nor may it" says "default-src 'none'"
check "it says what a match hangs on" says "<p>No match without <bdi>wolf</bdi>"
check "and by which topics it was made" says '<p class="dim">model '
check "dark screens are thought of" says "prefers-color-scheme: dark"
cp "$T/page.html" "$T/first.html"
page "$T/one.jsonl"
check "the same again" cmp -s "$T/first.html" "$T/page.html"

printf 'A wolf in the clothes of a sheep\n' >"$T/plain.txt"
page "$T/plain.txt"
check "what keeps a text from being a match is said too" says "<p>A match without <bdi>sheep</bdi>"
check "and marked as such" says '<mark class="against" title="-13.50">sheep</mark>'
ctl explain -t "$T/topics.d/wolf.yaml" "$T/plain.txt"
is "as on a terminal" "$(printf '%s\n' "$said" | sed -n 's/^ *\(a match without .*\)/\1/p')" "a match without sheep"
ctl explain -o json -t "$T/topics.d/wolf.yaml" "$T/plain.txt"
check "or for programs" sh -c 'printf "%s" "$1" | grep -q "\"decision\":\"none\""' - "$said"

# A wolf at both ends of a title of a megabyte, of two bytes a letter, and of a text of such.
python3 - "$T/long.jsonl" <<-END
	import json, sys
	long = "wolf" + "\u00e9" * 500000 + " wolf. " + "\u00e9" * 500000 + " wolf"
	json.dump({"id": "i" * 1000000, "title": long, "text": long, "lang": "en"}, open(sys.argv[1], "w"))
END
page "$T/long.jsonl"
is "of a title and a text without end" "$status" 0
is "a page has what can be read" "$(test "$(wc -c <"$T/page.html")" -lt 100000 && echo yes)" yes
check "of an identity its beginning" says '<span class="dim">… 999800 bytes left out</span></bdi></p>'
check "as of the heading" says 'é<span class="dim">… 1999816 bytes left out</span></h2>'
check "around the words that counted the ends of what is between them" says 'é<span class="dim">… 992006 bytes left out …</span>é'
is "nothing is cut through a character" "$(iconv -f utf-8 -t utf-8 "$T/page.html" >/dev/null 2>&1 && echo yes)" yes
page "$T/no-such-file"
is "a file that is not there" "$status" 66
plan
