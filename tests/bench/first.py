#!/usr/bin/python3
"""first.py BUILD: the first and the unchanged poll of FEEDS feeds (BENCH_FEEDS, else 2,000) by the whole program, as ratios of CPU against the readers
that are installed (newsboat, python3-feedparser with threads, sfeed) and against the limit program of the kit beside the repository, which fetches,
unpacks with zlib and parses with empty SAX handlers, and does nothing else.

nginx serves the feeds packed, on loopback. CPU is user + system of a program with all its children, in one run of ROUNDS (BENCH_ROUNDS, else 3) side
by side; the ratio of each round is taken, then the median. The readers, who take minutes, run in the first round alone. The unchanged poll is that of a running daemon, start-up apart, for each poll that its status
file counts; beside it that of a run of its own, as the readers have it, who read what they know anew each time.
"""
import gzip
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

import fetch
import many
import poll

FEEDS = int(os.environ.get("BENCH_FEEDS", "2000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SFEED_FEEDS = 200  # its cost is the same for each feed, and some hundred times ours
IN_FLIGHT = 50
DAEMON_ROUNDS, DAEMON_INTERVAL = 5, 4  # seconds
HERE = os.path.dirname(os.path.abspath(__file__))
KIT = os.path.join(os.environ.get("SHARED", os.path.join(HERE, "../../../shared")), "bench")
GOALS = {"limit": (0.8, None), "newsboat": (50, 1000), "python3-feedparser": (35, None), "sfeed_update": (40, None)}


def make_feeds(work):
    """Returns the addresses below the server's root."""
    www = f"{work}/www"
    if os.path.exists(f"{KIT}/gen.py"):
        subprocess.run([sys.executable, f"{KIT}/gen.py", "make", "--out", www, "--feeds", str(FEEDS), "--seed", "8", "--items", "10:30",
                        "--chars", "150:700", "--gz"], check=True, stdout=subprocess.DEVNULL)
        return [f"f{n:05}/feed.xml" for n in range(FEEDS)]
    os.mkdir(www)
    poll.FEEDS = FEEDS
    poll.make_feeds(www)
    for n in range(FEEDS):
        with open(f"{www}/f{n:05}.xml", "rb") as f, open(f"{www}/f{n:05}.xml.gz", "wb") as out:
            out.write(gzip.compress(f.read(), 6))
    return [f"f{n:05}.xml" for n in range(FEEDS)]


def build_limit(work):
    """The limit program, or None."""
    source = f"{KIT}/cmfetch.c"
    if not os.path.exists(source):
        print("limit: skipped, the kit is not there")
        return None
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libcurl", "libuv", "libxml-2.0"], check=True, stdout=subprocess.PIPE, text=True).stdout
    subprocess.run(["cc", "-O2", "-w", "-o", f"{work}/limit", source, *flags.split()], check=True)
    return [f"{work}/limit", "-f", f"{work}/urls", "-c", str(IN_FLIGHT), "-M", "64", "-z", "-p"]


class Reader:
    """One that polls all when it is started; `folder` is what it remembers."""

    def __init__(self, work, name, feeds, write):
        self.name, self.feeds, self.folder, self.write = name, feeds, f"{work}/{name}", write

    def polls(self):
        """us of CPU for each feed: the first poll, and one when nothing has changed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.mkdir(self.folder)
        command = self.write(self.folder)
        return [poll.cpu_of(command)[0] / self.feeds * 1e6 for _ in ("first", "unchanged")]


def write_gazetted(build, urls, more, folder):
    with open(f"{folder}/gazetted.yaml", "w", encoding="ascii") as out:
        out.write(f"""storage: {{directory: {folder}/log, state_directory: {folder}/state}}
fetch: {{interval: {DAEMON_INTERVAL}s, interval_min: 1s, allow_networks: [127.0.0.0/8]}}
hosts: {{gap: 0s, per_host: {IN_FLIGHT}, concurrency: {IN_FLIGHT}}}
log_level: warn
page: {{listen: "127.0.0.1:0"}}
topics_files: [{HERE}/../../classifiers/topics/*.yaml]
shipped_topics: false
feeds:
""")
        out.writelines(f'  - {{name: f{n:05}, url: "{url}"}}\n' for n, url in enumerate(urls))
    return [f"{build}/gazetted", "-c", f"{folder}/gazetted.yaml", *more]


def write_sfeed(urls, folder):
    os.mkdir(f"{folder}/feeds")
    with open(f"{folder}/sfeedrc", "w", encoding="ascii") as out:
        out.write(f'sfeedpath="{folder}/feeds"\nmaxjobs=16\nfeeds() {{\n')
        out.writelines(f'feed "f{n:05}" "{url}"\n' for n, url in enumerate(urls))
        out.write("}\n")
    return ["sfeed_update", f"{folder}/sfeedrc"]


def has_feedparser():
    return subprocess.run(["/usr/bin/python3", "-c", "import feedparser"], check=False, stderr=subprocess.DEVNULL).returncode == 0


def peers_of(work, urls):
    found = [
        (shutil.which("newsboat"), Reader(work, "newsboat", FEEDS, lambda folder: poll.write_newsboat(f"{folder}/newsboat", urls))),
        (has_feedparser(), Reader(work, "python3-feedparser", FEEDS, lambda folder: [
            "/usr/bin/python3", poll.FEEDPARSER, f"{work}/urls", f"{folder}/state", f"{folder}/out.jsonl"])),
        (shutil.which("sfeed_update"), Reader(work, "sfeed_update", min(FEEDS, SFEED_FEEDS), lambda folder: write_sfeed(urls[:SFEED_FEEDS], folder))),
    ]
    for there, reader in found:
        if not there:
            print(f"{reader.name}: skipped, it is not installed")
    return [reader for there, reader in found if there]


def cpu_of_all(daemon):
    return many.cpu(daemon.pid) + sum(many.cpu(p) for p in many.children(daemon.pid))


def unchanged_by_daemon(command, folder):
    """us of CPU for each poll of a daemon that runs, its workers included."""
    daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        before = many.wait_for(folder, FEEDS, daemon)
        spent = cpu_of_all(daemon)
        after = many.wait_for(folder, before["polls"] + DAEMON_ROUNDS * FEEDS, daemon)
        spent = cpu_of_all(daemon) - spent
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()
    if after["items_new"] or after["polls_failed"]:
        sys.exit(f"the daemon's polls were not all unchanged: {after}")
    return spent / (after["polls"] - before["polls"]) * 1e6


def side_by_side(build, work, urls):
    """name: [(first, unchanged)] of each round; the limit has no second poll."""
    limit, peers = build_limit(work), peers_of(work, urls)
    ours = Reader(work, "gazetted", FEEDS, lambda folder: write_gazetted(build, urls, ["-1"], folder))
    figures = {}
    for n in range(ROUNDS):
        figures.setdefault("gazetted -1", []).append(ours.polls())
        figures.setdefault("gazetted", []).append((figures["gazetted -1"][-1][0], unchanged_by_daemon(write_gazetted(build, urls, [], ours.folder), ours.folder)))
        if limit:
            figures.setdefault("limit", []).append((poll.cpu_of(limit)[0] / FEEDS * 1e6, None))
        for reader in peers if n == 0 else []:
            figures.setdefault(reader.name, []).append(reader.polls())
    return figures


def ratio(ours, theirs, which, goal):
    if theirs[0][which] is None:
        return f"{'':36}"
    each = statistics.median(t[which] for t in theirs)
    times = statistics.median(t[which] / o[which] for o, t in zip(ours, theirs))
    return f"{each:12.0f} us {times:8.2f}x  " + (f"(goal {goal:4}x)" if goal else " " * 12)


def main():
    build = os.path.abspath(sys.argv[1])
    if not shutil.which("nginx"):
        print("skipped: nginx is not installed")
        return
    with tempfile.TemporaryDirectory(prefix="gazetted-bench.") as work:
        paths = make_feeds(work)
        server, _, base = fetch.start_nginx(work)
        try:
            urls = [f"{base}/{path}" for path in paths]
            with open(f"{work}/urls", "w", encoding="ascii") as out:
                out.writelines(f"{url}\n" for url in urls)
            figures = side_by_side(build, work, urls)
        finally:
            server.terminate()
            server.wait()
    print(f"{FEEDS} feeds, CPU of each, and as a multiple of that of gazetted\n{'':20}{'first poll':>24}{'':14}{'unchanged poll':>26}")
    for name, theirs in figures.items():
        first, unchanged = GOALS.get(name, (None, None))
        print(f"{name:20}{ratio(figures['gazetted'], theirs, 0, first)}{ratio(figures['gazetted'], theirs, 1, unchanged)}".rstrip())


if __name__ == "__main__":
    main()
