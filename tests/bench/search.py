#!/usr/bin/env python3
"""search.py BUILD: CPU of `gazettectl search` over a compressed store against `zstdcat | grep -c`, in turns, as ratios of throughput.
Rare: one record of a thousand has the word; a third: every third is found and printed."""
import json
import os
import random
import subprocess
import sys
import tempfile

LINES = 40000
ROUNDS = 5
NAME = "items-20261121T101503Z-%d.jsonl" % LINES


def make(folder):
    random.seed(11)
    words = ["%s%s" % (a, b) for a in ("ran", "pol", "ver", "sec", "net", "dat") for b in ("som", "itik", "lag", "ure", "zwerk", "en")]
    path = os.path.join(folder, NAME)
    with open(path, "w", encoding="utf-8") as out:
        for seq in range(1, LINES + 1):
            text = " ".join(random.choices(words, k=180))
            text += " zebra" * (seq % 1000 == 0) + " giraffe" * (seq % 3 == 0)
            record = {"v": 1, "seq": seq, "kind": "new", "key": "%032x" % random.getrandbits(128), "seen": "2026-11-21T10:15:03Z", "feed": "a",
                      "url": "https://a.example/%d" % seq, "title": " ".join(random.choices(words, k=8)), "content_text": text}
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    size = os.path.getsize(path)
    subprocess.run(["zstd", "-q", "--rm", "-9", path], check=True)
    return size


def cpu_of(command):
    before = os.times()
    done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system, done.stdout


def compare(ctl, folder, word, expected):
    ours = theirs = 0.0
    for _ in range(ROUNDS):
        cpu, out = cpu_of("%s search -d %s -o json %s | wc -l" % (ctl, folder, word))
        assert int(out) == expected, out
        ours += cpu
        cpu, out = cpu_of("zstdcat %s/%s.zst | grep -c %s" % (folder, NAME, word))
        assert int(out) == expected, out
        theirs += cpu
    return ours / ROUNDS, theirs / ROUNDS


def main():
    ctl = os.path.abspath(os.path.join(sys.argv[1], "gazettectl"))
    with tempfile.TemporaryDirectory() as folder:
        size = make(folder)
        for name, word, expected in (("rare", "zebra", LINES // 1000), ("a third", "giraffe", LINES // 3)):
            ours, theirs = compare(ctl, folder, word, expected)
            print("search, %-8s %6.0f MB/s of CPU  zstdcat | grep -c %6.0f MB/s  %5.2f of it"
                  % (name, size / ours / 1e6, size / theirs / 1e6, theirs / ours))


main()
