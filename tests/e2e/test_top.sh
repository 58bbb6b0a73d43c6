#!/bin/sh
# gazettectl top on a terminal of our own: it draws, follows the size, and leaves the terminal as it was however it ends. $1: build folder. TAP.
set -u
. "$(dirname "$0")/lib.sh"
begin "$1"
mkdir "$T/state"
cat >"$T/state/status.json" <<'EOF'
{"v":1,"version":"9","at":"2026-11-21T10:15:00.000Z","counts":{"feeds":1},"feeds":[{"name":"harbour","health":"ok","title":"A harbour whose name is long enough for a wide terminal alone","items":3}]}
EOF
"$build/gazettectl" top -d "$T/state" >"$T/out" 2>"$T/err" </dev/null
is 'without a terminal it is refused' $? 64
check 'saying what to do instead' grep -q 'status --json' "$T/err"

cat >"$T/drive.py" <<'EOF'
# drive.py HOW PROGRAM…: on a pseudo-terminal; HOW it is ended: q, end (Ctrl-C as a key), or a signal's name.
import fcntl, os, pty, select, signal, struct, sys, termios, time
how, command = sys.argv[1], sys.argv[2:]
main, side = pty.openpty()
before = termios.tcgetattr(side)

def size(rows, columns):
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

size(24, 80)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(side, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(side, fd)
    os.environ['TERM'] = 'xterm'
    os.execv(command[0], command)

seen = b''
def until(wanted, seconds=20):
    global seen
    end = time.monotonic() + seconds
    while wanted not in seen:
        assert time.monotonic() < end, (wanted, seen[-2000:])
        if select.select([main], [], [], 0.1)[0]:
            seen += os.read(main, 65536)

until(b'fails')
until(b'harbour')
assert b'\x1b[?1049h' in seen and b'\x1b[?25l' in seen, seen[:200]
assert termios.tcgetattr(side)[3] & (termios.ICANON | termios.ECHO) == 0
assert b'wide terminal alone' not in seen
size(40, 160)
os.kill(pid, signal.SIGWINCH)
until(b'wide terminal alone', 20)
if how == 'sorted':
    os.write(main, b'n')
    until(b'by name')
    how = 'q'
if how == 'q':
    os.write(main, b'q')
elif how == 'end':
    os.write(main, b'\x03')
else:
    os.kill(pid, getattr(signal, how))
until(b'\x1b[?25h\x1b[?1049l')
_, status = os.waitpid(pid, 0)
assert termios.tcgetattr(side)[3] == before[3], 'the terminal is not as it was'
if how in ('q', 'end'):
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0, status
else:
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == getattr(signal, how), status
EOF
for how in q end sorted SIGTERM SIGHUP SIGINT SIGSEGV; do
	check "the terminal is as it was after $how" python3 "$T/drive.py" $how "$build/gazettectl" top -d "$T/state"
done

# --- how far long work is, on stderr while that is a terminal
mkdir "$T/log"
seq 5000 | sed 's/.*/{"v":1,"seq":&,"seen_at":"2026-11-21T10:15:00.000Z","kind":"new","feed":"harbour","title":"Ferry &","topics":[]}/' >"$T/log/items.jsonl"
cat >"$T/beside.py" <<'EOF'
# beside.py FILE PROGRAM…: its standard error is a terminal and is copied to FILE, its output stays.
import os, pty, subprocess, sys
main, side = pty.openpty()
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stderr=side)
os.close(side)
with open(sys.argv[1], 'wb') as f:
    try:
        while data := os.read(main, 65536):
            f.write(data)
    except OSError:
        pass
child.wait()
EOF
python3 "$T/beside.py" "$T/err" "$build/gazettectl" search 'ferry 4' -d "$T/log" -o json >"$T/out"
check 'search tells how far it is' grep -q 'searching: 4096 lines' "$T/err"
is 'and finds what it finds' "$(lines "$T/out")" 1111
python3 "$T/beside.py" "$T/err" "$build/gazettectl" verify -d "$T/log" >"$T/out"
check 'so does verify' grep -q 'items: 4096 lines' "$T/err"
"$build/gazettectl" search 'ferry 4' -d "$T/log" -o json >"$T/out" 2>"$T/err"
check 'nothing is told elsewhere' test ! -s "$T/err"
plan
