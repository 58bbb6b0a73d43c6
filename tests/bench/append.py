#!/usr/bin/env python3
"""append.py BUILD: CPU per line of 2 KB of our store alone, not synced, and of journal and store together, 64 lines made durable at a time, against
rsyslog's imtcp and omfile, without and with sync, in turns, as ratios; and a bare writev, which shows what the kernel's copy costs anyone."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

LINES = 32768
PEER_LINES = {"off": LINES, "on": 4096}  # it syncs each line: a disk takes a minute for more
LINE = b"x" * 2000
ROUNDS = 3
CONFIG = """global(maxMessageSize="64k" workDirectory="{0}")
module(load="imtcp")
main_queue(queue.size="100000" queue.dequeuebatchsize="1024")
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="all") {{ action(type="omfile" file="{0}/out" template="raw" sync="{1}") }}
input(type="imtcp" port="0" address="127.0.0.1" listenPortFileName="{0}/port" ruleset="all")
"""


def wait_for(condition):
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    sys.exit("append.py: rsyslogd does not get on")


def cpu_of(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rsyslog(folder, sync):
    config, port, out = (os.path.join(folder, name) for name in ("conf", "port", "out"))
    with open(config, "w", encoding="ascii") as text:
        text.write(CONFIG.format(folder, sync))
    daemon = subprocess.Popen(["rsyslogd", "-n", "-f", config, "-i", os.path.join(folder, "pid")], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: os.path.exists(port) and os.path.getsize(port))
        with open(port, encoding="ascii") as number:
            place = ("127.0.0.1", int(number.read()))
        lines = PEER_LINES[sync]
        before = cpu_of(daemon.pid)
        with socket.create_connection(place) as to:
            to.sendall((LINE + b"\n") * lines)
        wait_for(lambda: os.path.exists(out) and os.path.getsize(out) >= lines * (len(LINE) + 1))
        return (cpu_of(daemon.pid) - before) / lines * 1e6
    finally:
        daemon.terminate()
        daemon.wait()


def ours(program, folder):
    out = subprocess.run([program, folder, str(LINES)], stdout=subprocess.PIPE, check=True).stdout
    return [float(figure) for figure in out.split()]


def main():
    program = os.path.abspath(os.path.join(sys.argv[1], "tests/bench/bench_append"))
    peer = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin:/sbin")
    mine, theirs = [], {sync: [] for sync in PEER_LINES}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            mine.append(ours(program, folder))
        for sync, taken in theirs.items() if peer else ():
            with tempfile.TemporaryDirectory() as folder:
                taken.append(rsyslog(folder, sync))
    durable, store, bare = (min(column) for column in zip(*mine))
    print("CPU per line of 2 KB, us, the best of %d rounds" % ROUNDS)
    for name, figure in ("bare writev, 64 lines, no sync", bare), ("store alone, no sync", store), ("journal and store, 64 lines per sync", durable):
        print("append, %-38s %6.2f" % (name, figure))
    if not peer:
        return
    off, on = min(theirs["off"]), min(theirs["on"])
    for name, figure in ("rsyslog omfile, sync off", off), ("rsyslog omfile, sync on", on):
        print("append, %-38s %6.2f" % (name, figure))
    for name, ratio in (
        ("without sync: omfile / store alone", off / store),
        ("durable: omfile / journal and store", on / durable),
        ("omfile not durable / ours durable", off / durable),
    ):
        print("append, %-38s %5.1fx" % (name, ratio))


main()
