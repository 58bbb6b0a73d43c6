"""Compares the `items` store with what the parser alone finds in the files: compare_items.py GAZETTECTL FOLDER ITEMS URL

Every item of every parsable file must be in the store once; nothing else may be there. An item is what it says of
itself: id, address, title. Two of one document that say the same count as one. Prints what differs, then a summary.
A record has no id when the publisher gave none; the parser then puts the address or a hash in its place, as JSON Feed asks for."""

import collections
import json
import os
import re
import subprocess
import sys

SHOWN = 12  # differences that are printed
TITLE = 500  # characters of a title that are compared; records cut long ones


def words(text):
    return " ".join((text or "").split())[:TITLE]


def identity(item):
    own, url = item.get("id") or "", item.get("url") or ""
    made_up = own == url or re.fullmatch("[0-9a-f]{64}", own)
    return "" if made_up else own, url, words(item.get("title"))


def parsed(gazettectl, folder, files, url):
    """For each file its items, or None when it is no feed. One process does them all."""
    requests = "".join(
        json.dumps({"path": os.path.join(folder, f), "base_url": f"{url}/{f}"}) + "\n" for f in files
    )
    done = subprocess.run(
        [gazettectl, "parse", "--serve"], input=requests, capture_output=True, text=True, encoding="utf-8", check=False
    )
    answers = [json.loads(line) for line in done.stdout.rstrip("\n").split("\n")]
    if done.returncode != 0 or len(answers) != len(files):
        sys.exit(f"the parser ended with {done.returncode} after {len(answers)} files: {done.stderr[-500:]}")
    return [[identity(i) for i in a["feed"]["items"]] if a["rc"] == 0 else None for a in answers]


def name_of(file):
    return file.lower().replace("_", "-")


def main():
    gazettectl, folder, items, url = sys.argv[1:5]
    stored = collections.defaultdict(collections.Counter)
    with open(items, encoding="utf-8") as f:
        for line in f:
            record = json.loads(line)
            stored[record["feed"]][identity(record)] += 1
    differences, feeds, total = [], 0, 0
    files = sorted(os.listdir(folder))
    for file, wanted in zip(files, parsed(gazettectl, folder, files, url)):
        if wanted is None:
            if stored.get(name_of(file)):
                differences.append(f"{file}: items of a file that cannot be parsed")
            continue
        feeds += 1
        total += len(set(wanted))
        have = stored.pop(name_of(file), collections.Counter())
        differences += [f"{file}: missing {i}" for i in set(wanted) - set(have)]
        differences += [f"{file}: unknown {i}" for i in set(have) - set(wanted)]
        counts = collections.Counter(wanted)
        differences += [f"{file}: {n} times {i}" for i, n in have.items() if n > max(1, counts[i])]
    differences += [f"{name}: no such file" for name in stored]
    for d in differences[:SHOWN]:
        print("#", d)
    print(f"# {feeds} feeds, {total} items, {len(differences)} differences")
    sys.exit(1 if differences else 0)


main()
