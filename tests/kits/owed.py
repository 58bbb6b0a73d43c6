"""owed.py KIT-ARGUMENTS…: what becomes of each alert, for every way of misbehaving that hook_test.py knows.

One kind of script at a time, for a feed of which every third item matches. When nothing is pending any more, each match was delivered or is a dead
letter of the store, one for each, and no process that a script left behind is alive."""
import argparse
import collections
import os
import sqlite3
import sys
import time

import crash_test
import fkcommon
import hook_test
import hostile_server

ITEMS = 60
PATIENCE = 90  # seconds until a delivery that is still owed counts as forgotten
DONE, DEAD = 1, 2  # enum state_delivery_status


def write_hook(path, kind, body):
    os.unlink(path)
    if kind == "directory":
        os.mkdir(path)
    if kind in ("missing", "directory"):
        return
    with open(path, "w") as f:
        f.write("#!/nonexistent/sh\n" if kind == "bad-interpreter" else "#!/bin/sh\n%s\n" % (body or ""))
    os.chmod(path, 0o644 if kind == "not-executable" else 0o755)


def deliveries(store):
    """how many have which status; none while there is no state yet"""
    try:
        state = sqlite3.connect("file:%s/state/state.db?mode=ro" % store, uri=True, timeout=5)
        try:
            return collections.Counter(dict(state.execute("SELECT status, count(*) FROM delivery GROUP BY status")))
        finally:
            state.close()
    except sqlite3.Error:
        return collections.Counter()


def wait_until_settled(store, matches):
    end = time.monotonic() + PATIENCE
    found = collections.Counter()
    while found[DONE] + found[DEAD] < matches and time.monotonic() < end:
        time.sleep(0.2)
        found = deliveries(store)
    return found


def letters_in(store):
    path = os.path.join(store, "dead-letters.jsonl")
    if not os.path.exists(path):
        return 0
    with open(path) as f:
        return sum(1 for _ in f)


def one(o, kind, body):
    big = 7 if kind == "big-item" else 0
    publisher = hostile_server.Publisher(o.feeds, 1e9, ITEMS, 0, o.match_every, big, o.seed, [300000])
    work, store, server, env, _, fill = crash_test.setup(o, publisher)
    write_hook(env["hook"], kind, body)
    publisher.start()
    before = set(hook_test.marked())
    daemon = fkcommon.Daemon(fill(o.cmd), {}, os.path.join(work, "daemon.log"), work).start()
    matches = len(publisher.match_ids())
    found = wait_until_settled(store, matches)
    hung = daemon.term(10)["hung"]
    time.sleep(0.3)
    left = [pid for pid in hook_test.marked() if pid not in before]
    for pid in left:
        os.kill(pid, 9)
    server.stop()
    letters = letters_in(store)
    good = found[DONE] + found[DEAD] == matches == sum(found.values()) and letters == found[DEAD] and not left and not hung
    print("%-16s %-4s %d matches: %d delivered, %d dead letters, %d of them in the store; %d processes left%s" % (
        kind, "ok" if good else "FAIL", matches, found[DONE], found[DEAD], letters, len(left), ", TERM not obeyed" if hung else ""), flush=True)
    return good


def main():
    a = argparse.ArgumentParser()
    crash_test.common_args(a)
    o = a.parse_args()
    good = [one(o, kind, body) for kind, body in hook_test.HOOKS.items()]
    print("PASS" if all(good) else "FAIL")
    sys.exit(0 if all(good) else 1)


main()
