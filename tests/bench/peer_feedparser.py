#!/usr/bin/python3
"""peer_feedparser.py URLS STATE OUT: the plain reader that one writes with python3-feedparser: conditional requests, sixteen
threads, known ids skipped, new entries appended as JSON lines. A peer for the benchmark, nothing else."""
import concurrent.futures
import gzip
import json
import os
import pickle
import sys
import urllib.error
import urllib.request

import feedparser

urls_file, state_file, out_file = sys.argv[1:]
state = {}
if os.path.exists(state_file):
    with open(state_file, "rb") as f:
        state = pickle.load(f)


def poll(url):
    known = state.get(url, {"ids": set()})
    headers = {"Accept-Encoding": "gzip"}
    if known.get("etag"):
        headers["If-None-Match"] = known["etag"]
    if known.get("modified"):
        headers["If-Modified-Since"] = known["modified"]
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
            body = answer.read()
            known["etag"], known["modified"] = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
            if answer.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
    except urllib.error.HTTPError as error:
        if error.code != 304:
            raise
        return url, known, []
    new = [e for e in feedparser.parse(body).entries if e.get("id") not in known["ids"]]
    known["ids"].update(e.get("id") for e in new)
    return url, known, [{"id": e.get("id"), "title": e.get("title"), "url": e.get("link"), "text": e.get("summary")} for e in new]


with open(urls_file, encoding="utf-8") as f:
    urls = f.read().split()
with open(out_file, "a", encoding="utf-8") as out, concurrent.futures.ThreadPoolExecutor(16) as pool:
    for url, known, new in pool.map(poll, urls):
        state[url] = known
        out.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in new)
with open(state_file, "wb") as f:
    pickle.dump(state, f)
