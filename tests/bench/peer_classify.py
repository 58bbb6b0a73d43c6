#!/usr/bin/env python3
"""Our learner against scikit-learn's TF-IDF linear SVM (words, pairs, pieces of four letters) and fastText, on labelled texts by five-fold
cross-validation, without any phrases; and the CPU time of learning and asking, against fastText. $1: build folder; then files of the corpus' format
(default: ../shared/corpus/doj-dev.jsonl and our own examples). The peers get the best threshold of all, found on the answers; ours is chosen within
its bounds. Skips what is not installed."""
import glob
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ctl = os.path.join(sys.argv[1], "gazettectl")


def measure(labels, scores):
    """Average precision and the best F1 of one topic."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    positives = sum(labels)
    hits = total = best = 0.0
    for n, i in enumerate(order, 1):
        if labels[i]:
            hits += 1
            total += hits / n
        best = max(best, 2 * hits / (n + positives))
    return best, total / positives


def show(name, results):
    f1 = sum(r[0] for r in results) / len(results)
    ap = sum(r[1] for r in results) / len(results)
    print(f"  {name:40} macro F1 {f1:.3f}  mean average precision {ap:.3f}", flush=True)


def ours(topics, path, folder):
    files = []
    for t in topics:  # no phrase that any text has: the weights stand alone
        name = os.path.join(folder, t + ".yaml")
        with open(name, "w", encoding="utf-8") as f:
            f.write(f"topic: {t}\nthresholds: {{match: 0.8, review: 0.5}}\nphrases: [{{any: qqzzxqq, weight: 1}}]\n")
        files += ["-t", name]
    run = subprocess.run([ctl, "train", *files, "--json", path], check=True, capture_output=True)
    return [(t["f1"], t["average_precision"]) for t in json.loads(run.stdout)["topics"]]


def folds(n):
    return [i * 7919 % n * 5 // n for i in range(n)]


def scikit(rows, topics):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union
    from sklearn.svm import LinearSVC
    texts = [" ".join([r["title"], r["title"], r["text"][:1600]]) for r in rows]
    fold = folds(len(rows))
    scores = {t: [0.0] * len(rows) for t in topics}
    for k in range(5):
        into = [i for i in range(len(rows)) if fold[i] != k]
        out = [i for i in range(len(rows)) if fold[i] == k]
        terms = make_union(TfidfVectorizer(ngram_range=(1, 2), min_df=2, token_pattern=r"\w+", sublinear_tf=True),
                           TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), min_df=2, sublinear_tf=True))
        x = terms.fit_transform([texts[i] for i in into])
        z = terms.transform([texts[i] for i in out])
        for t in topics:
            said = LinearSVC().fit(x, [t in rows[i]["labels"] for i in into]).decision_function(z)
            for i, s in zip(out, said):
                scores[t][i] = s
    return [measure([t in r["labels"] for r in rows], scores[t]) for t in topics]


def fasttext(rows, topics, folder):
    def line(r):
        words = " ".join((r["title"] + " " + r["title"] + " " + r["text"][:1600]).lower().split())
        return " ".join(["__label__" + t for t in r["labels"] or ["none"]]) + " " + words + "\n"
    fold = folds(len(rows))
    scores = {t: [0.0] * len(rows) for t in topics}
    for k in range(5):
        out = [i for i in range(len(rows)) if fold[i] == k]
        for name, chosen in (("into", [i for i in range(len(rows)) if fold[i] != k]), ("out", out)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.writelines(line(rows[i]) for i in chosen)
        subprocess.run(["fasttext", "supervised", "-input", folder + "/into", "-output", folder + "/m", "-loss", "ova",
                        "-wordNgrams", "2", "-epoch", "50", "-lr", "0.5", "-thread", "1", "-bucket", "200000", "-dim", "50"],
                       check=True, capture_output=True)
        said = subprocess.run(["fasttext", "predict-prob", folder + "/m.bin", folder + "/out", "-1"], check=True,
                              capture_output=True, text=True).stdout.splitlines()
        for i, answer in zip(out, said, strict=True):
            words = answer.split()
            for label, p in zip(words[::2], words[1::2]):
                if label[9:] in scores:
                    scores[label[9:]][i] = float(p)
    return [measure([t in r["labels"] for r in rows], scores[t]) for t in topics]


def cpu(command, times=3):
    """CPU seconds of a command, the least of some."""
    least = 1e9
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return least


def speed(rows, folder):
    """The same classes, the first label of each. fastText gets small letters, split into words already, and makes its usual five passes; we get
    the text as it is, and learn six times, for five folds and all. Reading the file is part of both. Asking: what the texts cost seventeen times over, less what they cost once."""
    names = sorted({t for r in rows for t in r["labels"]})
    topics = []
    for t in names:
        path = os.path.join(folder, t + ".yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"topic: {t}\nthresholds: {{match: 0.8, review: 0.5}}\nphrases: [{{any: qqzzxqq, weight: 1}}]\n")
        topics += ["-t", path]
    for times in (1, 17):
        with open(f"{folder}/x{times}.tsv", "w", encoding="utf-8") as as_is, open(f"{folder}/x{times}.txt", "w", encoding="utf-8") as split:
            for r in rows * times:
                words = (r["title"] + " " + r["text"]).split()
                as_is.write(",".join(r["labels"][:1]) + "\t" + " ".join(words) + "\n")
                split.write("__label__" + (r["labels"] or ["none"])[0] + " " + " ".join(words).lower() + "\n")
    train = {"ours": [ctl, "train", *topics, "--json", "-o", folder + "/ours.model", folder + "/x1.tsv"],
             "fastText": ["fasttext", "supervised", "-input", folder + "/x1.txt", "-output", folder + "/theirs", "-wordNgrams", "2", "-thread", "1",
                          "-bucket", "200000"]}
    learn = {who: cpu(command) for who, command in train.items()}
    ask = {"ours": lambda n: [ctl, "eval", *topics, "--model", folder + "/ours.model", f"{folder}/x{n}.tsv"],
           "fastText": lambda n: ["fasttext", "predict", folder + "/theirs.bin", f"{folder}/x{n}.txt"]}
    each = {who: (cpu(command(17)) - cpu(command(1))) / (16 * len(rows)) for who, command in ask.items()}
    print(f"  CPU of learning: ours {learn['ours']:.2f} s, fastText {learn['fastText']:.2f} s: {learn['fastText'] / learn['ours']:.1f}x")
    print(f"  CPU of asking, a text: ours {each['ours'] * 1e6:.0f} us, fastText {each['fastText'] * 1e6:.0f} us: "
          f"{each['fastText'] / each['ours']:.1f}x", flush=True)


def compare(path):
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    topics = sorted({t for r in rows for t in r["labels"]})
    print(f"{os.path.basename(path)}: {len(rows)} texts")
    with tempfile.TemporaryDirectory() as folder:
        show("gazettectl train, no phrases", ours(topics, path, folder))
        try:
            show("scikit-learn LinearSVC", scikit(rows, topics))
        except ImportError:
            print("  scikit-learn is not installed (python3-sklearn): skipped")
        if shutil.which("fasttext"):
            show("fastText", fasttext(rows, topics, folder))
            speed(rows, folder)
        else:
            print("  fastText is not installed (fasttext): skipped")


with tempfile.TemporaryDirectory() as place:
    paths = sys.argv[2:]
    if not paths:
        own = os.path.join(place, "our-own.jsonl")
        with open(own, "wb") as joined:
            for part in sorted(glob.glob(os.path.join(root, "classifiers/training/*.jsonl"))):
                with open(part, "rb") as source:
                    joined.write(source.read())
        paths = [own]
        corpus = os.path.join(os.environ.get("SHARED", os.path.join(root, "../shared")), "corpus/doj-dev.jsonl")
        paths += [corpus] if os.path.exists(corpus) else []
    for one in paths:
        compare(one)
