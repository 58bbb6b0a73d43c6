#!/usr/bin/python3
"""faulty.py BUILD SERVER: feeds of which 15 % are at fault (SERVER is faultd.py of the kit beside the repository), against a client with 16 slots (curl -Z):
how long until every healthy feed was read once, and whether the healthy ones are on time in the rounds behind that.

Both get the same time-out. A fault is a fixed function of the feed's path, so both meet the same ones. Each feed is on a host of its own, as NAME.localhost,
which libcurl itself finds on loopback: on one host, hosts.per_host (64 at most) would bound what the daemon has in flight, slow ones included, and 50 feeds
that stall would hold nearly all of it until their time-outs. `-1` asks without the spread that a start has. Late is how much later than planned a healthy feed
was asked, by the ledger.

Seconds are the clock's, so a machine that does something else meanwhile shows: a main thread that waits for a processor for longer than answers take meets them all
at once, and asks in waves of hosts.concurrency. How long it waited is told; where that is most of the time the ratio says nothing of the daemon. The rest is the model's: 5 % of the feeds hold a place for all of the time-out,
and a healthy one may itself take some seconds (LATENCY), whoever asks."""
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime

import poll

FEEDS = int(os.environ.get("BENCH_FAULTY", "1000"))
ITEMS = 20
TIMEOUT = 10  # seconds
INTERVAL = 20  # seconds
ROUNDS = 3
LATENCY = "200:0.8"  # ms, the median and the sigma of a log-normal
MIX = {"stall": 0.03, "reset": 0.03, "trunc": 0.03, "e500": 0.03, "drip": 0.02, "badxml": 0.01}
SEED = 1
GOAL = 7.0


def is_healthy(path):
    return random.Random(f"{SEED}{path}").random() >= sum(MIX.values())


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)


def url_of(port, path):
    return f"http://{path[1:-len('.xml')]}.localhost:{port}{path}"


def write_configuration(work, port, paths):
    with open(f"{work}/gazetted.yaml", "w", encoding="utf-8") as out:
        out.write(f"""storage: {{directory: {work}/log, state_directory: {work}/state}}
fetch: {{interval: {INTERVAL}s, interval_min: 1s, timeout: {TIMEOUT}s, allow_networks: [127.0.0.0/8]}}
hosts: {{gap: 0s}}
shipped_topics: false
topics_files: []
feeds:
""")
        out.writelines(f'  - {{name: f{n:05}, url: "{url_of(port, path)}"}}\n' for n, path in enumerate(paths))


def polls(work):
    """Of the ledger: for each healthy feed when it was asked and when its next poll was planned."""
    with open(f"{work}/log/polls.jsonl", encoding="utf-8") as f:
        for line in f:
            p = json.loads(line)
            at, following = (datetime.fromisoformat(p[key].replace("Z", "+00:00")).timestamp() for key in ("at", "next"))
            yield p["feed"], p["result"], at - p["ms"] / 1000, at, following


def curl(work, port, paths):
    """Seconds until the last healthy feed, and until the end."""
    with open(f"{work}/curl", "w", encoding="ascii") as out:
        out.writelines(f'url = "{url_of(port, path)}"\noutput = "/dev/null"\n' for path in paths)
    began = time.monotonic()
    client = subprocess.Popen(["stdbuf", "-oL", "curl", "-q", "-s", "--no-progress-meter", "-Z", "--parallel-max", "16", "--max-time", str(TIMEOUT), "--noproxy", "*", "-w", "%{url}\\n", "-K", f"{work}/curl"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    healthy = 0.0
    for line in client.stdout:
        if is_healthy("/" + line.strip().rsplit("/", 1)[1]):
            healthy = time.monotonic() - began
    client.wait()
    return healthy, time.monotonic() - began


def run_delay(pid):
    """Seconds that the main thread had a processor, and that it waited for one; None: it has ended."""
    try:
        with open(f"/proc/{pid}/task/{pid}/schedstat", encoding="ascii") as f:
            return [int(ns) / 1e9 for ns in f.read().split()[:2]]
    except OSError:
        return None


def once(build, work, healthy):
    began, wall, spent = time.monotonic(), time.time(), [0.0, 0.0]
    daemon = subprocess.Popen([f"{build}/gazetted", "-1", "-c", f"{work}/gazetted.yaml"], stderr=subprocess.DEVNULL)
    while daemon.poll() is None:
        spent = run_delay(daemon.pid) or spent
        time.sleep(0.1)
    took = time.monotonic() - began
    read = [at for feed, result, _, at, _ in polls(work) if feed in healthy and result == "ok"]
    if len(read) != len(healthy):
        sys.exit(f"{len(read)} of {len(healthy)} healthy feeds were read")
    return max(read) - wall, took, spent


def lateness(build, work, healthy):
    daemon = subprocess.Popen([f"{build}/gazetted", "-c", f"{work}/gazetted.yaml"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep((ROUNDS + 1) * INTERVAL)
    daemon.terminate()
    daemon.wait()
    planned, late = {}, []
    for feed, _, asked, _, following in polls(work):
        before = planned.setdefault(feed, [])
        if feed in healthy and len(before) > 1:  # the first one behind `-1` waits for the daemon's start
            late.append(asked - before[-1])
        before.append(following)
    return sorted(late)


def main():
    build, server = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    work, port = tempfile.mkdtemp(prefix="gazetted-faulty."), free_port()
    os.mkdir(f"{work}/feeds")
    poll.FEEDS, poll.ITEMS = FEEDS, ITEMS
    poll.make_feeds(f"{work}/feeds")
    paths = [f"/f{n:05}.xml" for n in range(FEEDS)]
    healthy = {f"f{n:05}" for n, path in enumerate(paths) if is_healthy(path)}
    publisher = subprocess.Popen([sys.executable, server, "--port", str(port), "--corpus", f"{work}/feeds", "--lat", LATENCY, "--seed", str(SEED),
                                  "--mix", ",".join(f"{k}={v}" for k, v in MIX.items())], stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        write_configuration(work, port, paths)
        theirs, their_end = curl(work, port, paths)
        ours, our_end, spent = once(build, work, healthy)
        print(f"{FEEDS} feeds, {FEEDS - len(healthy)} at fault, time-out {TIMEOUT} s\n{'':24}{'healthy read':>14}{'all ended':>12}")
        print(f"{'curl -Z, 16 slots':24}{theirs:12.1f} s{their_end:10.1f} s\n{'gazetted -1':24}{ours:12.1f} s{our_end:10.1f} s")
        print(f"{'ratio':24}{theirs / ours:13.1f}x{their_end / our_end:11.1f}x  (healthy: at least {GOAL}x)")
        print(f"its main thread had a processor for {spent[0]:.1f} s and waited for one for {spent[1]:.1f} s", flush=True)
        late = lateness(build, work, healthy)
        print(f"{len(late)} polls of healthy feeds later than planned by: median {late[len(late) // 2] * 1000:.0f} ms, 99 % {late[len(late) * 99 // 100] * 1000:.0f} ms, the worst {late[-1] * 1000:.0f} ms")
    finally:
        publisher.terminate()
        publisher.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
