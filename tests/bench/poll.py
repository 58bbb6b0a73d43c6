#!/usr/bin/python3
"""poll.py BUILD: CPU per polled feed, in one run, against newsboat and python3-feedparser on the same loopback feeds.

Makes FEEDS feeds of ITEMS items each out of our own sample releases, serves them with the demo publisher in its static mode, and polls them with
each reader: once fresh (everything is new) and once more (nothing has changed). CPU is user + system of the reader with all its children.
"""
import html
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

FEEDS = int(os.environ.get("BENCH_FEEDS", "1000"))
ITEMS = 20
HERE = os.path.dirname(os.path.abspath(__file__))
FEEDPARSER = os.path.join(HERE, "peer_feedparser.py")


def make_feeds(folder):
    with open(os.path.join(HERE, "../demo/releases.jsonl"), encoding="utf-8") as f:
        releases = [json.loads(line) for line in f]
    choose = random.Random(8)
    for n in range(FEEDS):
        with open(f"{folder}/f{n:05}.xml", "w", encoding="utf-8") as out:
            out.write('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
                      f"<title>Feed {n}</title><link>http://f{n}.example/</link><description>Bench</description>\n")
            for i in range(ITEMS):
                r = choose.choice(releases)
                out.write(f"<item><title>{html.escape(r['title'])} {n}-{i}</title><link>http://f{n}.example/{i}</link>"
                          f"<guid>f{n}-{i}</guid><pubDate>Sat, 21 Nov 2026 {i:02}:00:00 GMT</pubDate>"
                          f"<description>{html.escape(r['html'])}</description></item>\n")
            out.write("</channel></rss>\n")


def cpu_of(command, good=(0,), **options):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, **options)
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in good:
        sys.exit(f"{command[0]} ended with {done.returncode}:\n{done.stderr.decode()[-2000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def write_gazetted(work, base, build):
    with open(f"{work}/gazetted.yaml", "w", encoding="utf-8") as out:
        out.write(f"""storage: {{directory: {work}/log, state_directory: {work}/state}}
fetch: {{allow_networks: [127.0.0.0/8]}}
hosts: {{gap: 0s, per_host: 16, concurrency: 64}}
log_level: warn
topics_files: [{os.path.abspath(HERE)}/../../classifiers/topics/*.yaml]
shipped_topics: false
feeds:
""")
        for n in range(FEEDS):
            out.write(f'  - {{name: f{n:05}, url: "{base}/f{n:05}.xml"}}\n')
    return [f"{build}/gazetted", "-c", f"{work}/gazetted.yaml", "-1"]


def write_newsboat(folder, urls):
    os.mkdir(folder)
    with open(f"{folder}/urls", "w", encoding="utf-8") as out:
        out.writelines(f"{url}\n" for url in urls)
    with open(f"{folder}/config", "w", encoding="utf-8") as out:
        out.write("reload-threads 16\nmax-items 0\n")
    return ["newsboat", "-u", f"{folder}/urls", "-C", f"{folder}/config", "-c", f"{folder}/cache.db", "-x", "reload"]


def write_feedparser(work, base):
    with open(f"{work}/urls", "w", encoding="utf-8") as out:
        out.writelines(f"{base}/f{n:05}.xml\n" for n in range(FEEDS))
    return ["/usr/bin/python3", FEEDPARSER, f"{work}/urls", f"{work}/feedparser.state", f"{work}/feedparser.jsonl"]


def count_lines(path):
    with open(path, "rb") as f:
        return sum(1 for _ in f)


def main():
    build = os.path.abspath(sys.argv[1])
    work = tempfile.mkdtemp(prefix="gazetted-bench.")
    os.mkdir(f"{work}/feeds")
    make_feeds(f"{work}/feeds")
    publisher = subprocess.Popen([f"{build}/tests/demo/publisher", "--static", f"{work}/feeds"], stdout=subprocess.PIPE, text=True)
    try:
        base = publisher.stdout.readline().strip()
        readers = {"gazetted": write_gazetted(work, base, build),
                   "newsboat": write_newsboat(f"{work}/newsboat", [f"{base}/f{n:05}.xml" for n in range(FEEDS)]),
                   "python3-feedparser": write_feedparser(work, base)}
        figures = {name: [cpu_of(command) for _ in ("fresh", "again")] for name, command in readers.items()}
        items = count_lines(f"{work}/log/items.jsonl")
        if items != FEEDS * ITEMS:
            sys.exit(f"gazetted wrote {items} of {FEEDS * ITEMS} items")
    finally:
        publisher.terminate()
        publisher.wait()
        shutil.rmtree(work, ignore_errors=True)
    ours = figures["gazetted"]
    print(f"{FEEDS} feeds of {ITEMS} items, CPU per polled feed (and as a multiple of gazetted's)")
    print(f"{'':20}{'first poll':>22}{'unchanged poll':>26}")
    for name, (fresh, again) in figures.items():
        print(f"{name:20}{fresh[0] / FEEDS * 1e6:10.0f} us {fresh[0] / ours[0][0]:7.1f}x{again[0] / FEEDS * 1e6:14.0f} us "
              f"{again[0] / ours[1][0]:7.1f}x")


if __name__ == "__main__":
    main()
