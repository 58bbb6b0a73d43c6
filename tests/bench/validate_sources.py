#!/usr/bin/env python3
"""What the shipped weights would say of ../shared/corpus' development sets if they had not seen them: by five folds, of each set that is
there, learned from as `make model` learns (our own examples decide about thresholds, the other folds are learned from). Near-duplicates
are in one fold. By topic and language, with the expected calibration error, beside weights from our own texts alone and the rules alone.
$1: build folder; more: sets to judge in place of those (weights from our own texts alone, and those with all development sets)."""
import glob
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ctl = os.path.join(sys.argv[1], "gazettectl")
topics = ["--topics", os.path.join(root, "classifiers/topics")]
corpus = os.path.join(os.environ.get("SHARED", os.path.join(root, "../shared")), "corpus")
own = sorted(glob.glob(os.path.join(root, "classifiers/training/*.jsonl")))
FOLDS, HASHES, ALIKE, LEAST = 5, 32, 0.5, 10


def read(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def signature(text):
    """MinHash of the pieces of eight letters; of a long text its beginning."""
    body = re.sub(r"\W+", " ", (text["title"] + " " + text["text"]).lower())[:1500]
    pieces = {body[i:i + 8] for i in range(max(1, len(body) - 7))}
    hashed = [int.from_bytes(hashlib.blake2b(p.encode(), digest_size=8).digest(), "big") for p in pieces]
    return [min(h * (2 * k + 1) + k * 0x9E3779B97F4A7C15 & (1 << 64) - 1 for h in hashed) for k in range(HASHES)]


def groups(texts):
    """Number of the group of each text: those that share a quarter of their signature's bands and half of the signature."""
    parent = list(range(len(texts)))

    def find(i):
        while parent[i] != i:
            i = parent[i]
        return i

    marks, bands = [signature(t) for t in texts], defaultdict(list)
    for i, mark in enumerate(marks):
        for k in range(0, HASHES, 2):
            for j in bands[k, mark[k], mark[k + 1]]:
                if sum(a == b for a, b in zip(mark, marks[j])) >= ALIKE * HASHES:
                    parent[find(i)] = find(j)
            bands[k, mark[k], mark[k + 1]].append(i)
    return [find(i) for i in range(len(texts))]


def run(*args, text=None):
    return subprocess.run([ctl, *args], check=True, capture_output=True, input=text).stdout.decode()


def write(path, texts):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(t, ensure_ascii=False) + "\n" for t in texts)
    return path


def judge(texts, how, folder):
    """Of each text {topic: (probability, is it a match)}."""
    path = write(os.path.join(folder, "judged.jsonl"), texts)
    rows = [json.loads(line) for line in run("classify", *topics, *how, "--json", path).splitlines()]
    return [{t["topic"]: (t["score"], t["decision"] == "match") for t in r["topics"]} for r in rows]


def learn(folder, known):
    model = os.path.join(folder, "m")
    run("train", *topics, "-o", model, *(a for k in known for a in ("--known", k)), *own)
    return ["-m", model]


def by_folds(sets, name, seed, folder):
    texts = sets[name]
    group = groups(texts)
    names = sorted(set(group))
    random.Random(seed).shuffle(names)
    fold = {g: i % FOLDS for i, g in enumerate(names)}
    said = [None] * len(texts)
    for f in range(FOLDS):
        out = [i for i, g in enumerate(group) if fold[g] == f]
        kept = [t for t, g in zip(texts, group) if fold[g] != f]
        known = [write(os.path.join(folder, other + ".jsonl"), kept if other == name else sets[other]) for other in sets]
        for i, verdict in zip(out, judge([texts[i] for i in out], learn(folder, known), folder)):
            said[i] = verdict
    return said


def average_precision(pairs):
    found, total = 0, 0.0
    for rank, (_, is_one) in enumerate(sorted(pairs, key=lambda p: -p[0]), 1):
        found += is_one
        total += found / rank if is_one else 0
    return total / found if found else float("nan")


def calibration_error(pairs):
    bins = defaultdict(list)
    for p, is_one in pairs:
        bins[min(int(p * 10), 9)].append((p, is_one))
    return sum(abs(sum(p for p, _ in b) - sum(is_one for _, is_one in b)) for b in bins.values()) / len(pairs)


def f1(counts):
    return 2 * counts["hit"] / (counts["said"] + counts["is"]) if counts["said"] + counts["is"] else 1.0


def count(texts, said, name):
    c = Counter()
    for t, verdict in zip(texts, said):
        is_one, match = name in t["labels"], verdict[name][1]
        c += Counter({"hit": is_one and match, "said": match, "is": is_one})
    return c


def show(what, texts, said):
    names = sorted(said[0])
    counts = {n: count(texts, said, n) for n in names}
    pairs = {n: [(v[n][0], n in t["labels"]) for t, v in zip(texts, said)] for n in names}
    mean = [sum(f(n) for n in names) / len(names)
            for f in (lambda n: f1(counts[n]), lambda n: average_precision(pairs[n]), lambda n: calibration_error(pairs[n]))]
    print(f"{what}: {len(texts)} texts, macro F1 {mean[0]:.3f}, mean AP {mean[1]:.3f}, ECE {mean[2]:.3f}")
    for n in names:
        print(f"  {n:22} {counts[n]['is']:4} F1 {f1(counts[n]):.3f}  AP {average_precision(pairs[n]):.3f}"
              f"  ECE {calibration_error(pairs[n]):.3f}")
    languages = Counter(t["lang"] for t in texts for _ in t["labels"])
    for language, n in sorted(languages.items()):
        if n < LEAST or len(languages) == 1:
            continue
        here = [(t, v) for t, v in zip(texts, said) if t["lang"] == language]
        both = sum((count(*zip(*here), name) for name in names), Counter())
        print(f"  {language:22} {n:4} F1 of all labels {f1(both):.3f}")
    sys.stdout.flush()


def main():
    given = [os.path.join(corpus, s + ".jsonl") for s in ("abstracts-dev", "doj-dev")]
    sets = {os.path.basename(p)[:-6]: read(p) for p in given if os.path.exists(p)}
    asked = {os.path.basename(p)[:-6]: read(p) for p in sys.argv[2:]}
    if not sets and not asked:
        print("# ../shared/corpus is not here, and no set is named")
    with tempfile.TemporaryDirectory() as folder:
        for name, texts in (asked or sets).items():
            show(name + ", rules alone", texts, judge(texts, ["--no-model"], folder))
            show(name + ", weights from our own texts alone", texts, judge(texts, learn(folder, []), folder))
            for seed in range(0 if asked else int(os.environ.get("SEEDS", "1"))):
                show(f"{name}, by folds ({seed})", texts, by_folds(sets, name, seed, folder))
            if asked:
                known = [write(os.path.join(folder, other + ".jsonl"), sets[other]) for other in sets]
                show(name + ", with the development sets", texts, judge(texts, learn(folder, known), folder))


if __name__ == "__main__":
    main()
