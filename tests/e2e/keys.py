#!/usr/bin/env python3
"""keys.py KEYS COMMAND...: runs the command on a terminal of its own and presses a key whenever it asks ("[q]uit").
A key is a letter, or ^TERM, ^STOP (and CONT) by signal, ^C as a person types it, ^UP for a cursor key. Prints what it said, and a last line
"STATUS N settings kept|lost"."""
import os
import pty
import re
import select
import signal
import sys
import termios
import time

keys = re.findall(r"\^[A-Z]+|.", sys.argv[1])
asked = 0
said = b""
main, other = pty.openpty()
before = termios.tcgetattr(other)
pid = os.fork()
if pid == 0:
    os.setsid()
    for n in range(3):
        os.dup2(other, n)
    os.execvp(sys.argv[2], sys.argv[2:])


def press(key):
    if key == "^TERM":
        os.kill(pid, signal.SIGTERM)
    elif key == "^STOP":
        os.kill(pid, signal.SIGTSTP)
        while os.waitpid(pid, os.WUNTRACED | os.WNOHANG)[0] == 0:
            time.sleep(0.01)
        print("stopped: settings", "kept" if termios.tcgetattr(other) == before else "lost")
        os.kill(pid, signal.SIGCONT)
        end = time.time() + 20
        while termios.tcgetattr(other) == before and time.time() < end:
            time.sleep(0.01)
        press(keys.pop(0))
    elif key == "^C":
        os.write(main, b"\x03")
    elif key in ("^UP", "x"):  # mean nothing: the question stays
        os.write(main, b"\x1b[A" if key == "^UP" else b"x")
        time.sleep(0.1)
        press(keys.pop(0))
    else:
        os.write(main, key.encode())


status = None
end = time.time() + 20
while status is None and time.time() < end:
    if select.select([main], [], [], 0.05)[0]:
        said += os.read(main, 65536)
    if said.count(b"[q]uit") > asked and keys:
        asked += 1
        press(keys.pop(0))
    done, code = os.waitpid(pid, os.WNOHANG)
    if done:
        status = code
while select.select([main], [], [], 0.05)[0]:
    said += os.read(main, 65536)
kept = termios.tcgetattr(other) == before
if status is None:
    os.kill(pid, signal.SIGKILL)
print(said.decode().replace("\r\n", "\n"))
if status is not None:
    status = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
print("STATUS", status, "settings", "kept" if kept else "lost")
