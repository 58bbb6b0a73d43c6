#!/usr/bin/env python3
"""Does it matter in which script Chinese is written? Our own Chinese examples, all of them made Simplified by OpenCC's phrase engine, are learned from, fold by
fold; the others are judged in Simplified and in Traditional. Macro F1 of both, with the shipped topics' rules and without any phrase. What is
left of the difference is characters whose fold is not what a whole phrase makes of them. $1: build folder; SEEDS: divisions into folds (default 3)."""
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from validate_sources import ctl, root, write

NAMES = ["child-online-safety", "cybercrime", "illegal-employment"]
FOLDS = 5
BARE = "topic: %s\nthresholds: {match: 0.8, review: 0.5}\nphrases: [{any: qqzzxqq, weight: 1}]\n"


def run(*args, text=None):
    return subprocess.run(args, check=True, capture_output=True, input=text, encoding="utf-8").stdout


def convert(texts, how):
    lines = run("opencc", "-c", how, text="".join(json.dumps([t["title"], t["text"]], ensure_ascii=False) + "\n" for t in texts))
    return [dict(t, title=a, text=b) for t, (a, b) in zip(texts, map(json.loads, lines.splitlines()))]


def matches(folder, topics, texts):
    rows = run(ctl, "classify", *topics, "-m", os.path.join(folder, "m"), "--json", write(os.path.join(folder, "asked"), texts))
    return [{t["topic"] for t in json.loads(row)["topics"] if t["decision"] == "match"} for row in rows.splitlines()]


def macro_f1(texts, said):
    total = 0
    for name in NAMES:
        hit = sum(name in t["labels"] and name in s for t, s in zip(texts, said))
        total += 2 * hit / (sum(name in t["labels"] for t in texts) + sum(name in s for s in said)) / len(NAMES)
    return total


def measure(what, topics, simplified, traditional, folder):
    scores = [[], []]
    changed = 0
    for seed in range(int(os.environ.get("SEEDS", "3"))):
        order = list(range(len(simplified)))
        random.Random(seed).shuffle(order)
        said = [{}, {}]
        for f in range(FOLDS):
            out = order[f::FOLDS]
            kept = [simplified[i] for i in sorted(set(order) - set(out))]
            run(ctl, "train", *topics, "-o", os.path.join(folder, "m"), write(os.path.join(folder, "learned"), kept))
            for k, texts in enumerate((simplified, traditional)):
                said[k].update(zip(out, matches(folder, topics, [texts[i] for i in out])))
        for k in range(2):
            scores[k].append(macro_f1(simplified, [said[k][i] for i in range(len(simplified))]))
        changed += sum(said[0][i] != said[1][i] for i in said[0])
    one, two = (100 * sum(s) / len(s) for s in scores)
    print(f"{what:22} {len(simplified)} texts: Simplified {one:.2f}, Traditional {two:.2f}: {one - two:+.2f} points lost,"
          f" {changed} of {len(simplified) * len(scores[0])} decisions differ", flush=True)


def main():
    if not shutil.which("opencc"):
        print("# opencc is not installed: nothing is measured")
        return
    read = {s: [json.loads(line) for p in glob.glob(os.path.join(root, f"classifiers/training/{s}.jsonl"))
                for line in open(p, encoding="utf-8")] for s in ("zh-Hans", "zh-Hant")}
    simplified = read["zh-Hans"] + convert(read["zh-Hant"], "hk2s")
    traditional = convert(read["zh-Hans"], "s2hk") + read["zh-Hant"]
    with tempfile.TemporaryDirectory() as folder:
        measure("shipped topics", ["--topics", os.path.join(root, "classifiers/topics")], simplified, traditional, folder)
        bare = []
        for name in NAMES:
            path = os.path.join(folder, name + ".yaml")
            with open(path, "w", encoding="utf-8") as out:
                out.write(BARE % name)
            bare += ["-t", path]
        measure("no phrases", bare, simplified, traditional, folder)


main()
