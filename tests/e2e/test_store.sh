#!/bin/sh
# test_store BUILD: seals, proofs and what `verify` says of stores that somebody changed; a state that is damaged.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
begin "$1"
command -v openssl >/dev/null || skip_all "no openssl command"
ctl=$build/gazettectl

start_publisher
write_conf
sed -i "s|^storage:|storage:\n  sign_key_file: $T/sign.pem|" "$T/gazetted.yaml"
openssl genpkey -algorithm ed25519 -out "$T/sign.pem" 2>/dev/null
openssl pkey -in "$T/sign.pem" -pubout -out "$T/sign.pub" 2>/dev/null
openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout -out "$T/other.pub" 2>/dev/null
write_topic police police
add_publisher_feeds

seals() { # STORE N: so many seals of it are there
	[ "$(find "$T/log" -name "$1-*.seal" | wc -l)" -ge "$2" ]
}
compressed() { # N: so many closed files of items are compressed
	[ "$(find "$T/log" -name 'items-*.zst' | wc -l)" -ge "$1" ]
}
says() { # WORD COMMAND…
	word=$1
	shift
	"$@" | grep -q "$word"
}
verify() { "$ctl" verify -c "$T/gazetted.yaml" "$@" >"$T/verify.out" 2>&1; }

start_daemon
wait_check "items arrive" has_lines "$items" 10
wait_check "the feeds were polled" has_lines "$polls" 10
kill -USR1 "$daemon"
wait_check "a closed file gets its seal" seals items 1
wait_check "and is compressed" compressed 1
stop_daemon
poll_once
check "the stores are whole, and signed" verify --public-key "$T/sign.pub"
check "another key did not sign" sh -c "! $ctl verify -c $T/gazetted.yaml --public-key $T/other.pub >/dev/null"
seal=$("$ctl" verify -c "$T/gazetted.yaml" --json | sed -n 's/.*"store":"items".*"seal":"\([0-9a-f]*\)".*/\1/p')
check "the newest seal's hash is told" test "${#seal}" = 64
check "a hash that is found" verify --trusted "$seal"
check "a hash that is not" sh -c "! $ctl verify -c $T/gazetted.yaml --trusted $(printf %064d 7) >/dev/null"

# A slice for somebody else.
"$ctl" export -c "$T/gazetted.yaml" --proof --seq 3-5 >"$T/proof"
check "a slice is proven by the key" says proven "$ctl" verify --proof "$T/proof" --public-key "$T/sign.pub"
check "and by the seal's hash alone" says proven "$ctl" verify --proof "$T/proof" --trusted "$seal"
is "it holds the records byte by byte" "$(sed -n '4p;6p;8p' "$T/proof" | cksum)" "$(zstd -dc "$T"/log/items-*.zst | sed -n 3,5p | cksum)"
check "consecutive ones" says consecutive "$ctl" verify --proof "$T/proof" --trusted "$seal"
"$ctl" export -c "$T/gazetted.yaml" --proof --topic police >"$T/topic" || true
check "one topic's records are a selection" says selection "$ctl" verify --proof "$T/topic" --trusted "$seal"
check "a topic's store has no chain to prove it by" sh -c "$ctl export -c $T/gazetted.yaml --proof -s police 2>&1 | grep -q 'has no chain: --topic police'"
refused() { # TEXT SED-SCRIPT: the proof, changed so, does not prove
	sed "$2" "$T/proof" >"$T/forged"
	check "$1" sh -c "! cmp -s $T/proof $T/forged && ! $ctl verify --proof $T/forged --public-key $T/sign.pub >/dev/null 2>&1"
}
refused "a changed word" '4s/"title":"./"title":"#/'
refused "a changed number" '4s/"seq":3/"seq":4/'
refused "two records swapped" '4{h;d};6{G;s/\(.*\)\n\(.*\)/\2/;}'
refused "another place" '3s/"leaf":2/"leaf":3/'
refused "a changed root" '2s/"root":"......../"root":"00000000/'
refused "a seal without its signature" '2s/,"key":.*}/}/'
refused "a record that is missing" '7,8d'
refused "a record that is there twice" '1s/"records":3/"records":4/;7h;8{H;p;x;}'
refused "no record at all" '1s/"records":3/"records":0/;3,$d'
check "of a forged one nothing good is said" sh -c "! $ctl verify --proof $T/forged --public-key $T/sign.pub 2>/dev/null | grep -e consecutive -e selection"
check "nothing trusted, nothing proven" sh -c "! $ctl verify --proof $T/proof >/dev/null 2>&1"

# Somebody with write access to the stores. Each on a copy of its own.
tampered() { # TEXT SAID COMMAND: what it does in a copy of the folder is found, and said
	rm -rf "$T/copy"
	cp -r "$T/log" "$T/copy"
	(cd "$T/copy" && zstd -q -d --rm items-*.zst && sh -c "$3")
	"$ctl" verify -d "$T/copy" --public-key "$T/sign.pub" >"$T/verify.out" 2>&1 && said=whole || said=$(cat "$T/verify.out")
	case $said in *"$2"*) result ok "$1" ;; *) result not-ok "$1"; echo "$said" | sed 's/^/#   /' ;; esac
}
tampered "an edited line" "chain broken" "sed -i '4s/\"title\":\"./\"title\":\"#/' items-*.jsonl"
tampered "two swapped lines" "seq 4 after 5" "sed -i '4{h;d};5G' items-*.jsonl"
tampered "a line that was taken out" "1 missing" "sed -i 4d items-*.jsonl"
tampered "the newest lines of a closed file" "not the one that was sealed" "sed -i '\$d' items-*.jsonl"
tampered "a file that is gone" "the file is missing" "rm items-*.jsonl; printf '{\"v\":1,\"seq\":1}\\n' >items.jsonl"
tampered "a seal that was made anew" "not signed" "sed -i 's/,\"key\":.*}/}/' items-*.seal"
tampered "a seal that is garbage" "is no seal of this file" "echo garbage | tee items-*.seal"
tampered "a seal that is a folder" "is no seal of this file" "rm items-*.seal; mkdir \$(basename items-*.jsonl .jsonl).seal"
tampered "a file that is a folder" "lines cannot be read: it is a folder" "f=\$(echo items-*.jsonl); rm \$f; mkdir \$f"
tampered "a seal of other lines" "is not signed by this key" "sed -i 's/\"bytes\":/&1/' items-*.seal"
cat >"$T/rechain.py" <<'P'
import glob, hashlib, re
name = glob.glob("items-*.jsonl")[0]
chain, out = "0" * 64, []
for line in open(name, encoding="utf-8", newline="\n"):
    body = line[:line.rindex(',"chain":"')].replace('"title":"', '"title":"#', 1)
    chain = hashlib.sha256((chain + body).encode()).hexdigest()
    out.append('%s,"chain":"%s"}\n' % (body, chain))
open(name, "w", encoding="utf-8", newline="\n").writelines(out)
P
tampered "a chain that was made anew" "not the one that was sealed" "python3 $T/rechain.py"
tampered "a line that is no JSON" "not JSON" "sed -i '4s/.*/garbage/' items-*.jsonl"

# Damage to the state: nothing is written twice, nothing is lost.
for how in cut noise zeros flip wal-gone; do
	state=$T/state/state.db
	case $how in
	cut) truncate -s 9000 "$state" ;;
	noise) head -c 40960 /dev/urandom >"$state" ;;
	zeros) head -c 40960 /dev/zero >"$state" ;;
	flip) python3 -c 'import sys; b = bytearray(open(sys.argv[1], "rb").read())
for i in range(150, len(b), 199): b[i] ^= 0x55
open(sys.argv[1], "wb").write(b)' "$state" ;;
	wal-gone) rm -f "$state-wal" "$state-shm" ;;
	esac
	item_links >"$T/before"
	poll_once
	is "state $how: it runs" "$status" 0
	is "state $how: nothing twice" "$(repeated_links)" 0
	item_links >"$T/after"
	is "state $how: nothing lost" "$(comm -23 "$T/before" "$T/after")" ""
	check "state $how: the stores are whole" verify --public-key "$T/sign.pub"
done
check "what was damaged is kept aside" sh -c "ls $T/state/ | grep -q '^state.db.damaged-'"

# A bit of a compressed file, and the state and the checkpoint are lost as well.
closed=$(find "$T/log" -name 'items-*.zst' | head -n 1)
python3 -c 'import sys; f = open(sys.argv[1], "r+b"); f.seek(len(f.read()) // 2); b = f.read(1); f.seek(-1, 1); f.write(bytes([b[0] ^ 16]))' "$closed"
rm -r "$T/state/journal" "$T/state/state.db" "$T/log/.checkpoint"
poll_once
is "with a damaged file it runs" "$status" 0
check "and says which" logged "store-damaged reason=\"$(basename "$closed"): "
poll_once
is "and again" "$status" 0
verify
is "the stores are not whole" "$?" 1
check "it is said where" grep -q "^$(basename "$closed"):[0-9]*: lines cannot be read: " "$T/verify.out"
check "and the rest is looked at" grep -q "^polls  *[0-9]* lines" "$T/verify.out"
ctl search --json --feed '*'
is "a search tells that it missed something" "$status" 65
check "and finds the rest" sh -c 'printf "%s\n" "$1" | grep -q "^{"' - "$said"

# A damaged seal is no reason to seal nothing any more.
sed -i 's/^{/[/' "$T"/log/items-*.seal
check "there are lines for another file" has_lines "$items" 1
polled=$(lines "$polls")
start_daemon
wait_check "the daemon polls" has_lines "$polls" $((polled + 1))
kill -USR1 "$daemon"
wait_check "the file behind a damaged seal gets its own" seals items 2
stop_daemon
verify
check "verify says which seal is damaged" grep -q "^items-.*\.seal:1: is no seal of this file" "$T/verify.out"
check "and what is left without one" grep -q "has no seal, though a later one has" "$T/verify.out"
is "but nothing of the chain of seals" "$(grep -c "seal before it" "$T/verify.out")" 0

python3 -c 'import sys; f = open(sys.argv[1], "r+b"); f.seek(60); f.write(b"\0\0\0\143")' "$T/state/state.db"
cksum "$T/state/state.db" >"$T/cksum"
poll_once
is "a newer state is refused" "$status" 78
check "and not touched" sh -c "cksum $T/state/state.db | cmp -s - $T/cksum"
plan
