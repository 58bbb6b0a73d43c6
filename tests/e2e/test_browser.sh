#!/bin/sh
# The page in a browser: headless Chromium clicks through it and looks at it. BROWSER=0 leaves it out; with PICTURES=FOLDER the screenshots stay there.
# $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
[ "${BROWSER:-1}" != 0 ] || skip_all "BROWSER=0"
python=/usr/bin/python3 # Debian's, which has its packages
[ -x /usr/bin/chromium ] && [ -x /usr/bin/chromedriver ] || skip_all "no Chromium with its driver (packages chromium, chromium-driver)"
"$python" -c 'import selenium' 2>/dev/null || skip_all "no Selenium (package python3-selenium)"
begin "$1"

start_publisher --every "${DEMO_EVERY:-100}"
{
	echo 'page: {listen: "127.0.0.1:0"}'
	echo "topics_files: [\"$root/classifiers/topics/*.yaml\"]"
} >"$T/conf.extra"
write_conf
add_publisher_feeds
add_feed broken "$url/nowhere.rss"
start_daemon
wait_for logged " page address=" || { echo "Bail out! the daemon does not listen"; exit 99; }
page=http://127.0.0.1:$(sed -n 's/.* page address=.* port=\([0-9]*\).*/\1/p' "$T/daemon.log")
matches() { # N: at least
	[ "$(grep -c '"decision":"match"' "$items" 2>/dev/null)" -ge "$1" ]
}
wait_check "items match" matches 5
wait_check "a feed is broken" has_poll broken failed 3
wait_check "the status tells so" grep -q 'HTTP 404' "$T/state/status.json"
item=$(grep '"decision":"match"' "$items" | sed -n '1s/.*"seq":\([0-9]*\).*/\1/p')
feed=$(grep '"decision":"match"' "$items" | value feed | head -n 1)

mkdir "$T/pictures" "$T/home"
HOME=$T/home XDG_CONFIG_HOME=$T/home XDG_CACHE_HOME=$T/home timeout 180 "$python" "$root/tests/e2e/browser.py" "$page" "$T/pictures" "$item" "$feed" \
	>"$T/browser" 2>"$T/browser.err"
is "the browser came to its end" "$?" 0
sed 's/^/# /' "$T/browser.err"
while read -r line; do
	case $line in
	"ok "*) result ok "${line#ok }" ;;
	*) result not-ok "${line#not ok }" ;;
	esac
done <"$T/browser"
if [ -n "${PICTURES:-}" ]; then
	mkdir -p "$PICTURES"
	"$python" "$root/tests/e2e/terminal.py" 118 26 q "$build/gazettectl" top -c "$T/gazetted.yaml" --color always >"$T/top.html"
	sed -n "/\"seq\":$item,/p" "$items" | "$build/gazettectl" explain -o html --topics "$root/classifiers/topics" - >"$T/explain.html"
	for name in top explain; do
		HOME=$T/home chromium --headless --no-sandbox --hide-scrollbars --window-size=1040,440 --screenshot="$T/pictures/$name.png" "file://$T/$name.html" 2>/dev/null
	done
	cp "$T"/pictures/*.png "$PICTURES"
	echo "# the pictures are in $PICTURES"
fi
stop_daemon
is "the daemon ends" "$status" 0
plan
