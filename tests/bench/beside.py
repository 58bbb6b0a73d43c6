#!/usr/bin/python3
"""beside.py BUILD BUILD...: what an unchanged poll costs in CPU and what the daemon takes in memory, of several builds side by side: their daemons poll the
same publisher in the same minutes, so that what else the machine does meets all of them alike.

As many.py does it: FEEDS feeds (BENCH_FEEDS, else 10,000) of ITEMS items (BENCH_ITEMS, else 20), each polled every BENCH_INTERVAL seconds (else 20). When
all have read everything, BENCH_WINDOWS windows (else 6) of WINDOW seconds follow; the median is told, and the least, which is nearest to a machine that
does nothing else. CPU is what the scheduler counted for all threads of the main process; polls are the lines of the ledger.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import many
import poll

WINDOWS = int(os.environ.get("BENCH_WINDOWS", "6"))
WINDOW = int(os.environ.get("BENCH_WINDOW", "10"))  # seconds
SETTLE = int(os.environ.get("BENCH_SETTLE", "65"))  # seconds: the daemon gives free memory back once a minute


class Daemon:
    def __init__(self, build, work, base):
        os.mkdir(work)
        many.write_configuration(work, base)
        self.build, self.work, self.windows = build, work, []
        with open(f"{work}/daemon.log", "wb") as log:
            self.process = subprocess.Popen([f"{build}/gazetted", "-c", f"{work}/gazetted.yaml"], stdin=subprocess.DEVNULL, stderr=log)

    def cpu_us(self):
        tasks, spent = f"/proc/{self.process.pid}/task", 0
        for task in os.listdir(tasks):
            try:
                with open(f"{tasks}/{task}/schedstat", encoding="ascii") as f:
                    spent += int(f.read().split()[0])
            except OSError:  # it has ended meanwhile
                pass
        return spent / 1000

    def polls(self):
        with open(f"{self.work}/log/polls.jsonl", "rb") as f:
            f.seek(max(0, os.fstat(f.fileno()).st_size - 65536))
            lines = [line for line in f.read().splitlines(keepends=True) if line.endswith(b"\n")]
        return json.loads(lines[-1])["seq"]

    def begin(self):
        self.before = self.polls(), self.cpu_us()

    def end(self):
        polls, spent = self.polls() - self.before[0], self.cpu_us() - self.before[1]
        if polls > 0:
            self.windows.append(spent / polls)

    def tell(self):
        rss, anon = many.memory(self.process.pid)
        print(f"{self.build:40}{statistics.median(self.windows):8.1f} us  least {min(self.windows):6.1f} us {rss:7.1f} MB{anon:7.1f} MB heap")


def main():
    builds, work, daemons = [os.path.abspath(b) for b in sys.argv[1:]], tempfile.mkdtemp(prefix="gazetted-beside."), []
    os.mkdir(f"{work}/feeds")
    poll.FEEDS, poll.ITEMS = many.FEEDS, many.ITEMS
    poll.make_feeds(f"{work}/feeds")
    publisher = subprocess.Popen([f"{builds[0]}/tests/demo/publisher", "--static", f"{work}/feeds"], stdout=subprocess.PIPE, text=True)
    try:
        base = publisher.stdout.readline().strip()
        daemons = [Daemon(build, f"{work}/{n}", base) for n, build in enumerate(builds)]
        for d in daemons:
            many.wait_for(d.work, many.FEEDS, d.process)
        time.sleep(SETTLE)
        for _ in range(WINDOWS):
            for d in daemons:
                d.begin()
            time.sleep(WINDOW)
            for d in daemons:
                d.end()
        print(f"{many.FEEDS} feeds of {many.ITEMS} items, each polled every {many.INTERVAL} s: CPU of a poll, and memory of the main process")
        for d in daemons:
            d.tell()
    finally:
        for process in [d.process for d in daemons] + [publisher]:
            process.terminate()
            process.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
