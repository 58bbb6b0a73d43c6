#!/usr/bin/env python3
"""Does what the weights learned hold where they have not been? Tables of macro F1 and mean average precision:
each language judged by weights learned from the others, and each of ../shared/corpus' sets by weights from our own
examples and the other way round. $1: build folder."""
import glob
import json
import os
import subprocess
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ctl = os.path.join(sys.argv[1], "gazettectl")
topics = ["--topics", os.path.join(root, "classifiers/topics")]
corpus = os.path.join(os.environ.get("SHARED", os.path.join(root, "../shared")), "corpus")


def ask(*args):
    return json.loads(subprocess.run([ctl, *args, "--json"], check=True, capture_output=True).stdout)


def learn(model, texts, known=()):
    more = [a for k in known for a in ("--known", k)]
    ask("train", *topics, "-o", model, *more, *texts)


def row(name, model, texts):
    rules = ask("eval", *topics, "--no-model", texts)
    both = ask("eval", *topics, "-m", model, texts)
    print(f"{name:40} {rules['texts']:6} {rules['macro_f1']:9.3f} {rules['mean_average_precision']:6.3f}"
          f" {both['macro_f1']:11.3f} {both['mean_average_precision']:6.3f} {both['ece']:6.3f}", flush=True)


def main():
    own = sorted(glob.glob(os.path.join(root, "classifiers/training/*.jsonl")))
    print(f"{'judged, by weights learned from':40} {'texts':>6} {'rules: F1':>9} {'AP':>6} {'weights: F1':>11}"
          f" {'AP':>6} {'ECE':>6}")
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "m")
        for path in own:
            learn(model, [p for p in own if p != path])
            row(os.path.basename(path)[:-6] + ", from the other languages", model, path)
        sets = [os.path.join(corpus, s + ".jsonl") for s in ("abstracts-dev", "doj-dev")]
        if not all(os.path.exists(s) for s in sets):
            print("# ../shared/corpus is not here: no other sources")
            return
        learn(model, own)
        for path in sets:
            row(os.path.basename(path) + ", from our own texts", model, path)
        everything = os.path.join(folder, "own.jsonl")
        with open(everything, "wb") as out:
            for path in own:
                with open(path, "rb") as f:
                    out.write(f.read())
        learn(model, sets)
        row("our own texts, from " + " and ".join(os.path.basename(s)[:-6] for s in sets), model, everything)


main()
