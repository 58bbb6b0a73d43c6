#!/usr/bin/python3
"""many.py BUILD: the whole daemon over real sockets with FEEDS feeds (BENCH_FEEDS, else 10,000) of ITEMS items (BENCH_ITEMS, else 20): CPU and memory,
round by round, start-up apart. The first round reads everything, the others are 304s.

Memory is that of the main process; the workers' are shown beside it. CPU is user and system of the main process, in the rounds behind the first,
for each poll that the status file counts. In the last round wrk, where it is installed, asks the page all the time: how long the turns of the event loop
were meanwhile is the daemon's own account of it.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import poll

FEEDS = int(os.environ.get("BENCH_FEEDS", "10000"))
ITEMS = int(os.environ.get("BENCH_ITEMS", "20"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
INTERVAL = int(os.environ.get("BENCH_INTERVAL", "20"))  # seconds
PATIENCE = int(os.environ.get("BENCH_PATIENCE", "600"))  # seconds until a round counts as never ending
TICK = os.sysconf("SC_CLK_TCK")


def write_configuration(work, base):
    with open(f"{work}/gazetted.yaml", "w", encoding="utf-8") as out:
        out.write(f"""storage: {{directory: {work}/log, state_directory: {work}/state}}
fetch: {{interval: {INTERVAL}s, interval_min: 1s, allow_networks: [127.0.0.0/8]}}
hosts: {{gap: 0s, per_host: 64, concurrency: 64}}
log_level: info
page: {{listen: "127.0.0.1:0"}}
shipped_topics: false
topics_files: []
feeds:
""")
        out.writelines(f'  - {{name: f{n:05}, url: "{base}/f{n:05}.xml"}}\n' for n in range(FEEDS))


def cpu(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        values = {line.split(":")[0]: line.split()[1] for line in f if line.startswith(("VmRSS", "RssAnon"))}
    return int(values["VmRSS"]) / 1024, int(values["RssAnon"]) / 1024


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(p) for p in f.read().split()]


def counts(work):
    try:
        with open(f"{work}/state/status.json", encoding="utf-8") as f:
            return json.load(f)["counts"]
    except (OSError, ValueError):
        return {"polls": 0, "polls_unchanged": 0, "polls_failed": 0, "items_new": 0, "aliases": 0}


def wait_for(work, polls, daemon):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if daemon.poll() is not None:
            sys.exit(f"the daemon ended with {daemon.returncode}")
        c = counts(work)
        if c["polls"] >= polls:
            return c
        time.sleep(0.2)
    sys.exit(f"only {c['polls']} of {polls} polls in {PATIENCE} s")


def page_of(log):
    with open(log, encoding="utf-8") as f:
        port = next(word for line in f if " page " in line for word in line.split() if word.startswith("port="))
    return f"http://127.0.0.1:{port[5:]}"


def start_wrk(page):
    """Both pages at once, until the round has ended."""
    if not shutil.which("wrk"):
        print("wrk is missing: the page is not asked meanwhile")
        return []
    return [subprocess.Popen(["wrk", "-t1", "-c4", f"-d{PATIENCE}s", page + path], stdout=subprocess.PIPE, text=True)
            for path in ("/", "/metrics")]


def end_wrk(asking, before, after):
    for process in asking:
        process.send_signal(signal.SIGINT)
        said = process.communicate()[0]
        print(f"  {process.args[-1].rsplit('/', 1)[-1] or 'overview':10}", " ".join(line.strip() for line in said.splitlines() if "Requests/sec" in line or "Latency" in line))
    turns, slow = after["loop_turns"] - before["loop_turns"], after["loop_slow"] - before["loop_slow"]
    print(f"  turns of the loop meanwhile: {turns}, of more than 10 ms: {slow} ({slow / max(turns, 1):.2%}); the longest since the start {after['loop_max_us'] / 1000:.1f} ms")


def main():
    build, work = os.path.abspath(sys.argv[1]), tempfile.mkdtemp(prefix="gazetted-many.")
    os.mkdir(f"{work}/feeds")
    poll.FEEDS, poll.ITEMS = FEEDS, ITEMS
    poll.make_feeds(f"{work}/feeds")
    publisher = subprocess.Popen([f"{build}/tests/demo/publisher", "--static", f"{work}/feeds"], stdout=subprocess.PIPE, text=True)
    daemon = None
    try:
        write_configuration(work, publisher.stdout.readline().strip())
        log = open(f"{work}/daemon.log", "wb")
        daemon = subprocess.Popen([f"{build}/gazetted", "-c", f"{work}/gazetted.yaml"], stdin=subprocess.DEVNULL, stderr=log)
        before = wait_for(work, FEEDS, daemon)
        print(f"{FEEDS} feeds, {FEEDS * ITEMS} items, interval {INTERVAL} s\n{'':10}{'polls':>8}{'304':>8}{'CPU each':>12}{'RSS':>10}{'heap':>10}{'workers':>10}")
        spent = cpu(daemon.pid)
        for n in range(ROUNDS):
            rss, anon = memory(daemon.pid)
            workers = sum(memory(p)[0] for p in children(daemon.pid))
            label = f"round {n + 1}"
            asking = start_wrk(page_of(f"{work}/daemon.log")) if n == ROUNDS - 1 else []
            if n:
                c, now = wait_for(work, before["polls"] + FEEDS, daemon), cpu(daemon.pid)
                polls = c["polls"] - before["polls"]
                rss, anon = memory(daemon.pid)
                print(f"{label:10}{polls:8}{c['polls_unchanged'] - before['polls_unchanged']:8}{(now - spent) / polls * 1e6:9.1f} us{rss:7.1f} MB{anon:7.1f} MB{workers:7.1f} MB", flush=True)
                if asking:
                    end_wrk(asking, before, counts(work))
                before, spent = c, now
            else:
                print(f"{label:10}{before['polls']:8}{before['polls_unchanged']:8}{spent / before['polls'] * 1e6:9.1f} us{rss:7.1f} MB{anon:7.1f} MB{workers:7.1f} MB", flush=True)
    finally:
        for process in (daemon, publisher):
            if process and process.poll() is None:
                process.terminate()
                process.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
