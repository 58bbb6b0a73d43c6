#!/usr/bin/env python3
"""bad_feeds.py GAZETTECTL GENERATE [--cpu]: the hostile documents of a generator, each through `gazettectl parse`.

GENERATE writes documents and manifest.json: for each what it attacks, whether it must be refused or how many items it has, the ids that must
arrive, and what must not stand in the output raw. Prints a line for each that fails and "N documents, N failed"; with --cpu instead the
processor time of the slowest beyond that of an empty document, the median of several runs. Nothing is timed otherwise.
"""
import json, os, statistics, subprocess, sys, tempfile

MEMORY_MIB = 64
CPU_S = 0.05  # beyond the start of the process
HANG_S = 20
RUNS = 7
# What the generator expects of a whole daemon, and a parser alone cannot or must not do.
EXCEPTIONS = {
    "many_dup_guid.xml": {"expect": "items:20000"},  # one guid on many items: what is the same item is the identity's business
}


def run(program, path):
    # The output goes to a file, so that nobody waits for anybody.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        p = subprocess.Popen(["timeout", str(HANG_S), program, "parse", path], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, use = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        return p.returncode, out.read(), err.read(), use


def complaints(document, code, out, err, use):
    if code < 0 or code >= 124 or b"Sanitizer" in err or b"runtime error" in err:
        return ["ended with %d: %s" % (code, err[-200:])]
    found = []
    items, complete = [], True
    if code == 0:
        try:
            feed = json.loads(out.decode("utf-8"))
            items, complete = feed["items"], feed["_gazetted"]["complete"]
        except (ValueError, KeyError) as e:
            found.append("no JSON Feed: %s" % e)
        if out.count(b"\n") != 1 or not out.endswith(b"\n"):
            found.append("is not one line")
    expect = document["expect"]
    if expect == "reject" and (items or (code == 0 and complete)):
        found.append("was not refused")
    if expect.startswith("items:"):
        if len(items) != int(expect[6:]):
            found.append("%d items, not %s" % (len(items), expect[6:]))
        for want in document["ids"]:
            if not any(i["id"].startswith(want) for i in items):
                found.append("item %s is lost" % want)
    for text in document["never"]:
        if text.encode() in out[:-1] + err[:-1]:
            found.append("%r stands in the output" % text)
    if use.ru_maxrss > MEMORY_MIB * 1024:
        found.append("took %d MiB" % (use.ru_maxrss // 1024))
    return found


def cpu(program, path):
    def once():
        use = run(program, path)[3]
        return use.ru_utime + use.ru_stime

    return statistics.median(once() for _ in range(RUNS))


def main():
    program, generate = sys.argv[1:3]
    fast = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=fast) as folder:
        subprocess.run([sys.executable, generate, "--out", folder], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, "manifest.json")) as f:
            documents = json.load(f)["documents"]
        if "--cpu" in sys.argv:
            start = cpu(program, os.path.join(folder, "empty.xml"))
            seconds, name = max((cpu(program, os.path.join(folder, n)) - start, n) for n in documents)
            met = seconds <= CPU_S
            print("  %-66s %8.3f   goal <= %-6.2f %s" % ("CPU seconds of the slowest of %d (%s)" % (len(documents), name), seconds, CPU_S, "met" if met else "MISSED"))
            return not met
        failed, most = 0, 0
        for name in sorted(documents):
            document = dict(documents[name], **EXCEPTIONS.get(name, {}))
            result = run(program, os.path.join(folder, name))
            most = max(most, result[3].ru_maxrss)
            found = complaints(document, *result)
            failed += bool(found)
            for text in found:
                print("%s (%s): %s" % (name, document["kind"], text))
        print("%d documents, %d failed, at most %d MiB" % (len(documents), failed, most // 1024))
        return failed > 0


sys.exit(main())
