#!/usr/bin/python3
"""many.py BUILD: the whole daemon over real sockets with FEEDS feeds (BENCH_FEEDS, else 10,000) of ITEMS items (BENCH_ITEMS, else 20): CPU, memory and
descriptors, round by round, start-up apart. The first round reads everything, the others are 304s; before the last one the daemon reloads RELOADS times
(BENCH_RELOADS, else 6) a configuration in which CHANGED feeds have come or gone.

Memory is that of the main process; the workers' are shown beside it. CPU is user and system of the main process, in the rounds behind the first,
for each poll that the status file counts. Ends with 1 when memory, the workers' memory or the descriptors grow from the second round on: of each round
the least counts, because what is free goes back to the system once a minute. In one more round wrk, where it is installed (BENCH_WRK=0: not), asks the page all the time: how long the turns of the event loop were
meanwhile is the daemon's own account of it.
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
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "4"))
RELOADS = int(os.environ.get("BENCH_RELOADS", "6"))
CHANGED = FEEDS // 100  # feeds that a reload takes out, or brings back
ROUND_LEAST = 65  # seconds of a round behind the first
GROWTH_MAX = 3  # percent of memory, and GROWTH_MB
GROWTH_MB = 1
CONNECTIONS = 64  # in flight, and as many idle ones
FILES_MORE = 2  # descriptors that are no connections: a journal's segment, a file that is being rotated
INTERVAL = int(os.environ.get("BENCH_INTERVAL", "20"))  # seconds
PATIENCE = int(os.environ.get("BENCH_PATIENCE", "600"))  # seconds until a round counts as never ending
TICK = os.sysconf("SC_CLK_TCK")


def write_configuration(work, base, feeds):
    with open(f"{work}/gazetted.yaml", "w", encoding="utf-8") as out:
        out.write(f"""storage: {{directory: {work}/log, state_directory: {work}/state}}
fetch: {{interval: {INTERVAL}s, interval_min: 1s, allow_networks: [127.0.0.0/8]}}
hosts: {{gap: 0s, per_host: {CONNECTIONS}, concurrency: {CONNECTIONS}, idle_connections: {CONNECTIONS}}}
log_level: info
page: {{listen: "127.0.0.1:0"}}
shipped_topics: false
topics_files: []
feeds:
""")
        out.writelines(f'  - {{name: f{n:05}, url: "{base}/f{n:05}.xml"}}\n' for n in range(feeds))


def cpu(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        values = {line.split(":")[0]: line.split()[1] for line in f if line.startswith(("VmRSS", "RssAnon"))}
    return int(values["VmRSS"]) / 1024, int(values["RssAnon"]) / 1024


def descriptors(pid):
    """Sockets, and all others."""
    kinds = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            kinds.append(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:"))
        except OSError:
            pass  # closed meanwhile
    return sum(kinds), len(kinds) - sum(kinds)


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


class Rounds:
    """What each round cost, and what was left behind it."""

    def __init__(self, work, daemon):
        self.work, self.daemon, self.before, self.spent = work, daemon, {"polls": 0, "polls_unchanged": 0}, 0.0
        self.after = []

    def look(self):
        sockets, files = descriptors(self.daemon.pid)
        rss, anon = memory(self.daemon.pid)
        return {"RSS": rss, "memory": anon, "memory of the workers": sum(memory(p)[0] for p in children(self.daemon.pid)), "sockets": sockets, "files": files}

    def run(self, label, feeds, least):
        """Until each feed was polled, and for so many seconds."""
        end, looks = time.monotonic() + least, []
        c = wait_for(self.work, self.before["polls"] + feeds, self.daemon)
        while not looks or time.monotonic() < end:
            looks.append(self.look())
            time.sleep(min(1, least))
        c, now = counts(self.work), cpu(self.daemon.pid)
        polls, unchanged = (c[k] - self.before[k] for k in ("polls", "polls_unchanged"))
        of = {k: (max if k == "sockets" else min)(x[k] for x in looks) for k in looks[0]}
        print(f"{label:10}{polls:8}{unchanged:8}{(now - self.spent) / polls * 1e6:9.1f} us{of['RSS']:7.1f} MB{of['memory']:7.1f} MB{of['memory of the workers']:7.1f} MB"
              f"{of['sockets']:9}{of['files']:7}", flush=True)
        self.before, self.spent = c, now
        self.after.append(of)


def reload(work, daemon, wanted):
    daemon.send_signal(signal.SIGHUP)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with open(f"{work}/daemon.log", encoding="utf-8") as f:
            if sum(" reloaded " in line for line in f) >= wanted:
                return
        time.sleep(0.1)
    sys.exit("the daemon does not reload")


def grown(what, first, last):
    """Told, and whether it was too much."""
    bad = []
    for name in ("memory", "memory of the workers"):
        most = first[name] * (1 + GROWTH_MAX / 100) + GROWTH_MB
        print(f"{name}, {what}: {first[name]:.1f} MB, then {last[name]:.1f} (at most {most:.1f})")
        bad.append(last[name] > most)
    print(f"descriptors, {what}: {first['files']} and {first['sockets']} sockets, then {last['files']} and {last['sockets']}")
    return any(bad) or last["files"] > first["files"] + FILES_MORE or last["sockets"] > 2 * CONNECTIONS + FILES_MORE


def main():
    build, work = os.path.abspath(sys.argv[1]), tempfile.mkdtemp(prefix="gazetted-many.")
    os.mkdir(f"{work}/feeds")
    poll.FEEDS, poll.ITEMS = FEEDS, ITEMS
    poll.make_feeds(f"{work}/feeds")
    publisher = subprocess.Popen([f"{build}/tests/demo/publisher", "--static", f"{work}/feeds"], stdout=subprocess.PIPE, text=True)
    daemon, bad = None, False
    try:
        base = publisher.stdout.readline().strip()
        write_configuration(work, base, FEEDS)
        log = open(f"{work}/daemon.log", "wb")
        daemon = subprocess.Popen([f"{build}/gazetted", "-c", f"{work}/gazetted.yaml"], stdin=subprocess.DEVNULL, stderr=log)
        rounds = Rounds(work, daemon)
        print(f"{FEEDS} feeds, {FEEDS * ITEMS} items, interval {INTERVAL} s\n{'':10}{'polls':>8}{'304':>8}{'CPU each':>12}{'RSS':>10}{'heap':>10}{'workers':>10}{'sockets':>9}{'files':>7}")
        for n in range(ROUNDS - 1):
            rounds.run(f"round {n + 1}", FEEDS, ROUND_LEAST if n else 0)
        for n in range(RELOADS):
            write_configuration(work, base, FEEDS - CHANGED if n % 2 == 0 else FEEDS)
            reload(work, daemon, n + 1)
            time.sleep(INTERVAL / 4)
        rounds.run("reloaded", FEEDS, ROUND_LEAST)
        if ROUNDS > 3:
            bad = grown("from round to round", rounds.after[1], rounds.after[-2])
        bad = grown(f"over {RELOADS} reloads", rounds.after[-2], rounds.after[-1]) or bad
        if os.environ.get("BENCH_WRK") != "0":
            before, asking = rounds.before, start_wrk(page_of(f"{work}/daemon.log"))
            rounds.run("asked", FEEDS, 0)
            end_wrk(asking, before, rounds.before)
    finally:
        for process in (daemon, publisher):
            if process and process.poll() is None:
                process.terminate()
                process.wait()
        shutil.rmtree(work, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
