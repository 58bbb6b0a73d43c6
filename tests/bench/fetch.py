#!/usr/bin/python3
"""fetch.py BUILD: what a request costs the fetcher (bench_fetch: our loop, no parsing) against `curl -Z` on the same nginx on loopback, and what it costs
with 10,000 host names against 500. CPU is user + system of the client; the ratio of each of ROUNDS runs is taken, side by side, then the median.
"""
import gzip
import os
import resource
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

FEEDS, CONCURRENCY, ROUNDS = 4000, 50, 5
HOSTS = (500, 10000)
SERVERS = 16
INNER = "GAZETTED_BENCH_INNER"


def make_files(work):
    os.mkdir(f"{work}/www")
    for n in range(FEEDS):
        body = f"<rss version='2.0'><channel><title>{n}</title>" + "".join(
            f"<item><title>Item {i} of {n}</title><link>http://x.example/{n * i}</link></item>" for i in range(400)) + "</channel></rss>"
        with open(f"{work}/www/f{n:05}.xml", "w", encoding="ascii") as out:
            out.write(body)
        with open(f"{work}/www/f{n:05}.xml.gz", "wb") as out:
            out.write(gzip.compress(body.encode(), 6))


def start_nginx(work):
    """Returns the process and two addresses: what is under the first is only sent as it is, under the second compressed."""
    with socket.socket() as a, socket.socket() as b:
        a.bind(("127.0.0.1", 0))
        b.bind(("127.0.0.1", 0))
        plain, packed = a.getsockname()[1], b.getsockname()[1]
    with open(f"{work}/nginx.conf", "w", encoding="ascii") as out:
        out.write(f"""daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/nginx.log;
{'user root;' if os.geteuid() == 0 else ''}
events {{ worker_connections 1024; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; etag on; if_modified_since before; root {work}/www;
 client_body_temp_path {work}/t1; proxy_temp_path {work}/t2; fastcgi_temp_path {work}/t3; uwsgi_temp_path {work}/t4; scgi_temp_path {work}/t5;
 server {{ listen 127.0.0.1:{plain} backlog=1024; }}
 server {{ listen 127.0.0.1:{packed} backlog=1024; gzip_static on; }} }}
""")
    server = subprocess.Popen(["nginx", "-e", f"{work}/nginx.log", "-c", f"{work}/nginx.conf"])
    for port in (plain, packed):
        for _ in range(200):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
    return server, f"http://127.0.0.1:{plain}", f"http://127.0.0.1:{packed}"


def ours(build, urls, count, *flags):
    done = subprocess.run([f"{build}/tests/bench/bench_fetch", urls, str(count), str(CONCURRENCY), *flags], check=True, stdout=subprocess.PIPE)
    return float(done.stdout)


def curls(urls, *flags):
    with open(urls, encoding="ascii") as f:
        config = "".join(f'url = "{line.strip()}"\noutput = "/dev/null"\n' for line in f)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["curl", "-s", "-Z", "--parallel-max", str(CONCURRENCY), "-K", "-", *flags], input=config.encode(), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / FEEDS * 1e6


def side_by_side(name, mine, other, other_name):
    pairs = [(mine(), other()) for _ in range(ROUNDS)]
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"{name:34}{statistics.median(a for a, _ in pairs):8.0f} us  {other_name} {statistics.median(b for _, b in pairs):6.0f} us  {ratio:5.2f}x", flush=True)


def write_urls(path, base):
    with open(path, "w", encoding="ascii") as out:
        out.writelines(f"{base}/f{n:05}.xml\n" for n in range(FEEDS))
    return path


def against_curl(build, work):
    server, plain, packed = start_nginx(work)
    try:
        as_is, compressed = write_urls(f"{work}/plain", plain), write_urls(f"{work}/packed", packed)
        side_by_side("download", lambda: ours(build, as_is, FEEDS), lambda: curls(as_is), "curl -Z")
        side_by_side("compressed download, unpacked", lambda: ours(build, compressed, FEEDS), lambda: curls(compressed, "--compressed"), "curl -Z --compressed")
        side_by_side("unchanged (304)", lambda: ours(build, as_is, FEEDS, "-c"), lambda: curls(as_is, "-z", "20300101"), "curl -Z -z")
    finally:
        server.terminate()
        server.wait()


def answer_names():
    """A resolver for fNNNNN.bench on 127.0.0.1:53 of this network namespace."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 53))
    while True:
        query, client = s.recvfrom(512)
        end = query.index(b"\0", 12) + 5
        is_a = query[end - 4:end - 2] == b"\0\1"
        record = b"\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4" + bytes((127, 0, 0, 1 + int(query[14:19]) % SERVERS)) if is_a else b""
        s.sendto(query[:2] + b"\x85\x80" + struct.pack("!4H", 1, 1 if is_a else 0, 0, 0) + query[12:end] + record, client)


def serve_small():
    """Answers every request with a few bytes and closes: the client's cost is what is measured."""
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

    def run(listener):
        while True:
            c, _ = listener.accept()
            c.recv(4096)
            c.sendall(reply)
            c.close()
    for n in range(1, SERVERS + 1):
        listener = socket.create_server((f"127.0.0.{n}", 8080), backlog=1024)
        threading.Thread(target=run, args=(listener,), daemon=True).start()


def by_hosts(build, work):
    """Inside a network and mount namespace of its own: port 53 and resolv.conf are nobody else's."""
    with open(f"{work}/resolv.conf", "w", encoding="ascii") as out:
        out.write("nameserver 127.0.0.1\n")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "--bind", f"{work}/resolv.conf", os.path.realpath("/etc/resolv.conf")], check=True)
    with open(f"{work}/hosts", "w", encoding="ascii") as out:
        out.writelines(f"http://f{n:05}.bench:8080/\n" for n in range(max(HOSTS)))
    if os.fork() == 0:
        threading.Thread(target=answer_names, daemon=True).start()
        serve_small()
        threading.Event().wait()
    side_by_side(f"{HOSTS[1]:,} host names", lambda: ours(build, f"{work}/hosts", HOSTS[1]), lambda: ours(build, f"{work}/hosts", HOSTS[0]),
                 f"with {HOSTS[0]} names")


def main():
    build = os.path.abspath(sys.argv[1])
    if os.environ.get(INNER):
        by_hosts(build, os.environ[INNER])
        return
    with tempfile.TemporaryDirectory(prefix="gazetted-bench.") as work:
        make_files(work)
        print(f"CPU of a request, {CONCURRENCY} in flight")
        against_curl(build, work)
        if os.geteuid() != 0:
            print("10,000 host names: skipped, a resolver of our own needs root")
            return
        # --kill-child: the servers inside end with it.
        subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", sys.executable, __file__, build],
                       env={**os.environ, INNER: work}, check=True)


if __name__ == "__main__":
    main()
