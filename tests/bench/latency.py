#!/usr/bin/env python3
"""latency.py BUILD [COUNT]: from the moment a feed's answer has left the server to the moment the alert's script runs, with the real daemon.

It is measured at two paces: one feed, so that the machine sleeps between two alerts, and twenty feeds, each of which may bring the next one.
The bare figures of the same run stand beside it: one fdatasync of a page of a file that was written before, and one posix_spawn of the very
script from this small process. FOLDER (environment) must be on the disk that is measured; the default is the current folder's."""
import http.server
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ITEM = "<item><title>Police warn of phishing wave number {n}</title><guid>alarm-{n}</guid><link>http://a.example/{n}</link></item>"
PATIENCE = 20  # seconds until an alert counts as lost
PACES = (1, 20)  # feeds, each asked ten times a second
LISTED = 20  # items in a feed's window


class Feed(http.server.BaseHTTPRequestHandler):
    """The feed that is asked first after a script has run has one item more."""
    protocol_version = "HTTP/1.1"
    number, sent, go, items = 0, 0, threading.Event(), {}

    def do_GET(self):
        if Feed.go.is_set():
            Feed.go.clear()
            Feed.number += 1
            Feed.items.setdefault(self.path, []).append(Feed.number)
        items = "".join(ITEM.format(n=n) for n in Feed.items.get(self.path, [])[-LISTED:])
        body = ("<rss version='2.0'><channel><title>a</title>%s</channel></rss>" % items).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        Feed.sent = time.monotonic_ns()

    def log_message(self, *args):
        pass


def write_file(path, text, mode=0o644):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def configure(folder, port, feeds, fifo):
    write_file(folder + "/hook", "#!/bin/sh\nprintf x >%s\n" % fifo, 0o755)
    write_file(folder + "/phishing.yaml", "topic: phishing\nthresholds: {match: 0.8, review: 0.5}\nphrases:\n  - {any: \"phishing\", weight: 8}\n")
    write_file(folder + "/gazetted.yaml", """contact: test@gazetted.example
shipped_topics: false
feeds_files: []
alerts_files: []
topics_files: [{0}/phishing.yaml]
storage: {{directory: {0}/log, state_directory: {0}/state, free_floor: 0}}
fetch: {{interval: 100ms, interval_min: 100ms, allow_networks: [127.0.0.1/32]}}
hosts: {{gap: 0, jitter_percent: 0}}
alerts:
  - {{name: desk, exec: [{0}/hook], burst: 0}}
feeds:
""".format(folder) + "".join('  - {name: feed%d, url: "http://127.0.0.1:%d/%d", alert_first_poll: true}\n' % (n, port, n) for n in range(feeds)))


def bare_sync(folder, count):
    page = b"x" * 4096
    fd = os.open(folder + "/bare", os.O_RDWR | os.O_CREAT)
    os.write(fd, page * 256)
    os.fsync(fd)
    took = []
    for i in range(count):
        start = time.monotonic_ns()
        os.pwrite(fd, page, 4096 * (i % 256))
        os.fdatasync(fd)
        took.append(time.monotonic_ns() - start)
    os.close(fd)
    return took


def bare_spawn(folder, fifo, count):
    took = []
    for _ in range(count):
        start = time.monotonic_ns()
        pid = os.posix_spawn(folder + "/hook", [folder + "/hook"], {})
        os.read(fifo, 1)
        took.append(time.monotonic_ns() - start)
        os.waitpid(pid, 0)
    return took


def wait_for_script(fifo, lost):
    timer = threading.Timer(PATIENCE, lost)
    timer.start()
    os.read(fifo, 1)
    now = time.monotonic_ns()
    timer.cancel()
    return now


def measure(build, folder, feeds, count):
    os.mkdir(folder)
    fifo_path = folder + "/fifo"
    os.mkfifo(fifo_path)
    fifo = os.open(fifo_path, os.O_RDWR)
    Feed.items = {}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    configure(folder, server.server_port, feeds, fifo_path)
    log = open(folder + "/daemon.log", "wb")
    daemon = subprocess.Popen([build + "/gazetted", "-c", folder + "/gazetted.yaml"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    took = []
    try:
        Feed.go.set()
        wait_for_script(fifo, daemon.kill)
        for _ in range(count):
            Feed.go.set()
            took.append(wait_for_script(fifo, daemon.kill) - Feed.sent)
    finally:
        daemon.terminate()
        daemon.wait()
        server.shutdown()
    return took, bare_sync(folder, count), bare_spawn(folder, fifo, count)


def main():
    build, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    folder = os.path.abspath(tempfile.mkdtemp(prefix="latency-", dir=os.environ.get("FOLDER", ".")))
    try:
        for feeds in PACES:
            took, sync, spawn = measure(os.path.abspath(build), "%s/%d" % (folder, feeds), feeds, count)
            whole, sync, spawn = (statistics.median(x) / 1e6 for x in (took, sync, spawn))
            print("answer sent -> script runs, %d feeds, %d alerts: median %.2f ms" % (feeds, len(took), whole))
            print("  bare: fdatasync %.2f ms, posix_spawn of the script until it runs %.2f ms" % (sync, spawn))
            print("  beyond a script's own start: %.2f ms, %.2f x bare fdatasync" % (whole - spawn, (whole - spawn) / sync))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
