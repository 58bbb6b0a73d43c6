#!/usr/bin/env python3
"""Our learner against scikit-learn's TF-IDF linear SVM and fastText, on labelled texts by cross-validation, without any phrases; and the CPU
time of learning and asking, against fastText. $1: build folder; then files of the corpus' format, or of lines `label,label<TAB>text` (default:
../shared/corpus and our own examples). All get the same five folds, in which near-duplicates stay together, and their threshold in the same way: the
best one of the four other folds. SEEDS: how many times folds are made (default 1). Skips what is not installed."""
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
FOLDS = 5
POSITIVES = 8  # as train.h: with fewer nothing is learned


def best_cut(truth, scores):
    """The threshold of the best F1, in the middle between two scores, and that F1."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    positives = sum(truth)
    hits = 0
    best, cut = 0.0, order and scores[order[0]]
    for n, i in enumerate(order, 1):
        hits += truth[i]
        following = scores[order[n]] if n < len(order) else scores[i]
        f1 = 2 * hits / (n + positives)
        if f1 > best and following != scores[i]:
            best, cut = f1, (scores[i] + following) / 2
    return best, cut


def measure(truth, scores, fold):
    """Of one topic: F1 with thresholds of the other folds, the best F1 of all thresholds, and average precision."""
    right = said = 0
    for k in range(FOLDS):
        others = [i for i in range(len(scores)) if fold[i] != k]
        cut = best_cut([truth[i] for i in others], [scores[i] for i in others])[1]
        yes = [i for i in range(len(scores)) if fold[i] == k and scores[i] >= cut]
        said += len(yes)
        right += sum(truth[i] for i in yes)
    hits = total = 0.0
    for n, i in enumerate(sorted(range(len(scores)), key=lambda i: -scores[i]), 1):
        if truth[i]:
            hits += 1
            total += hits / n
    return 2 * right / (said + sum(truth)), best_cut(truth, scores)[0], total / sum(truth)


class Results:
    """Means over topics, then over seeds."""

    def __init__(self):
        self.rows = {}

    def add(self, name, topics, truth, scores, fold):
        each = [measure(truth[t], scores[t], fold) for t in topics]
        self.rows.setdefault(name, []).append([sum(e[k] for e in each) / len(each) for k in range(3)])

    def show(self):
        for name, runs in self.rows.items():
            f1, best, ap = (sum(r[k] for r in runs) / len(runs) for k in range(3))
            print(f"  {name:44} macro F1 {f1:.4f}  with the best threshold afterwards {best:.4f}  mean average precision {ap:.4f}", flush=True)


def ours(path, topics, seed):
    """Folds, our probabilities and margins by topic, and each text's terms with their numbers."""
    said = subprocess.run([os.path.join(sys.argv[1], "tests/bench/bench_learn"), "--peer", path, str(seed), *topics], check=True,
                          capture_output=True, text=True).stdout.splitlines()
    fold, terms = [], []
    scores, margins = {t: [] for t in topics}, {t: [] for t in topics}
    for line in said:
        words = line.split()
        fold.append(int(words[0]))
        for t, p in zip(topics, words[1:]):
            scores[t].append(float(p))
        for t, m in zip(topics, words[1 + len(topics):]):
            margins[t].append(float(m))
        terms.append([(int(a), float(b)) for a, b in (w.split(":") for w in words[1 + 2 * len(topics):])])
    return fold, scores, margins, terms


def machine(rows, topics, fold, table):
    """scikit-learn's machine. table(into): a row for each text, weighted by what the texts `into` say."""
    from sklearn.svm import LinearSVC
    scores = {t: [0.0] * len(rows) for t in topics}
    for k in range(FOLDS):
        into = [i for i in range(len(rows)) if fold[i] != k]
        out = [i for i in range(len(rows)) if fold[i] == k]
        x = table(into)
        for t in topics:
            said = LinearSVC().fit(x[into], [t in rows[i]["labels"] for i in into]).decision_function(x[out])
            for i, s in zip(out, said):
                scores[t][i] = s
    return scores


def its_terms(rows):
    """Words, pairs and pieces of four letters as scikit-learn makes them, of as much of a text as we read."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union
    texts = [" ".join([r["title"], r["title"], r["text"][:1600]]) for r in rows]

    def table(into):
        terms = make_union(TfidfVectorizer(ngram_range=(1, 2), min_df=2, token_pattern=r"\w+", sublinear_tf=True),
                           TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), min_df=2, sublinear_tf=True))
        terms.fit([texts[i] for i in into])
        return terms.transform(texts).tocsr()
    return table


def our_terms(terms):
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer
    first = [0]
    for t in terms:
        first.append(first[-1] + len(t))
    x = csr_matrix(([v for t in terms for _, v in t], [c for t in terms for c, _ in t], first))
    return lambda into: TfidfTransformer(sublinear_tf=True).fit(x[into]).transform(x).tocsr()


def fasttext(rows, topics, fold, folder):
    def line(r):
        words = " ".join((r["title"] + " " + r["title"] + " " + r["text"][:1600]).lower().split())
        return " ".join(["__label__" + t for t in r["labels"] or ["none"]]) + " " + words + "\n"
    scores = {t: [0.0] * len(rows) for t in topics}
    for k in range(FOLDS):
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
    return scores


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


def read(path):
    with open(path, encoding="utf-8") as f:
        lines = f.readlines()
    if lines[0].startswith("{"):
        return [json.loads(line) for line in lines]
    split = [line.rstrip("\n").split("\t", 1) for line in lines if "\t" in line]
    return [{"title": "", "text": text, "labels": [x for x in labels.split(",") if x not in ("", "none")]} for labels, text in split]


def compare(path):
    rows = read(path)
    counts = {t: sum(t in r["labels"] for r in rows) for r in rows for t in r["labels"]}
    topics = sorted(t for t in counts if counts[t] >= POSITIVES)
    truth = {t: [t in r["labels"] for r in rows] for t in topics}
    results = Results()
    print(f"{os.path.basename(path)}: {len(rows)} texts, {len(topics)} topics")
    with tempfile.TemporaryDirectory() as folder:
        lines = os.path.join(folder, "texts.jsonl")
        with open(lines, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(r) + "\n" for r in rows)
        for seed in range(1, int(os.environ.get("SEEDS", "1")) + 1):
            fold, scores, margins, terms = ours(lines, topics, seed)
            results.add("ours, no phrases: margins", topics, truth, margins, fold)
            results.add("ours, no phrases: probabilities", topics, truth, scores, fold)
            try:
                results.add("scikit-learn LinearSVC, the same terms", topics, truth, machine(rows, topics, fold, our_terms(terms)), fold)
                results.add("scikit-learn LinearSVC, its own terms", topics, truth, machine(rows, topics, fold, its_terms(rows)), fold)
            except ImportError:
                print("  scikit-learn is not installed (python3-sklearn): skipped")
            if shutil.which("fasttext") and seed == 1:
                results.add("fastText", topics, truth, fasttext(rows, topics, fold, folder), fold)
        results.show()
        if shutil.which("fasttext"):
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
        corpus = os.path.join(os.environ.get("SHARED", os.path.join(root, "../shared")), "corpus")
        paths += [p for p in (corpus + "/abstracts-dev.jsonl", corpus + "/doj-dev.jsonl") if os.path.exists(p)]
    for one in paths:
        compare(one)
