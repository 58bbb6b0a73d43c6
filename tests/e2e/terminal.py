#!/usr/bin/env python3
"""terminal.py COLUMNS ROWS KEY COMMAND...: runs the command on a terminal of its own until it has drawn twice, presses KEY to end it, and prints
what stood there as a page of HTML: for pictures of programs that live in a terminal."""
import fcntl
import html
import os
import pty
import re
import select
import struct
import sys
import termios
import time

PATIENCE = 20  # seconds
COLOURS = {"1": "b", "2": "dim", "7": "inverse", "31": "red", "32": "green", "33": "yellow", "36": "cyan"}
STYLE = """body{margin:0;background:#16181d;color:#d8dade}pre{margin:16px;font:14px/1.35 'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace}
.b{font-weight:bold}.dim{color:#8a9099}.red{color:#ff7b72}.green{color:#7ee787}.yellow{color:#e3b341}.cyan{color:#79c0ff}
.inverse{background:#d8dade;color:#16181d}"""


def run(columns, rows, key, command):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp(command[0], command)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    said, end, pressed = b"", time.monotonic() + PATIENCE, False
    while time.monotonic() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                more = os.read(fd, 65536)
            except OSError:
                break
            said += more
        if not pressed and said.count(b"\x1b[H") >= 2:
            os.write(fd, key.encode())
            pressed = True
    os.waitpid(pid, 0)
    return said.decode(errors="replace")


def last_frame(said):
    frames = [f for f in said.split("\x1b[H")[1:] if "\n" in f]
    return re.sub(r"\x1b\[[?0-9;]*[A-LN-Za-ln-z]", "", frames[-1]).replace("\r", "")


def to_html(text):
    out, place, classes = [], 0, []
    for m in re.finditer(r"\x1b\[([0-9;]*)m", text):
        out.append(span(text[place:m.start()], classes))
        for code in m.group(1).split(";"):
            classes = [] if code in ("", "0") else classes + [COLOURS.get(code, "")]
        place = m.end()
    out.append(span(text[place:], classes))
    return "<!doctype html><meta charset='utf-8'><style>%s</style><pre>%s</pre>" % (STYLE, "".join(out))


def span(text, classes):
    return "<span class='%s'>%s</span>" % (" ".join(classes), html.escape(text)) if text and classes else html.escape(text)


print(to_html(last_frame(run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]))))
