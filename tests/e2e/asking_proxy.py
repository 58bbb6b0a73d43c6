#!/usr/bin/env python3
"""asking_proxy: an HTTP proxy on 127.0.0.1 that asks who comes (Basic), and itself gives a feed to whoever it knows, whatever was asked for.
asking_proxy.py URL-FILE NAME:PASSWORD; a line per request on standard output: "passed URL" or "refused URL". Loopback only."""
import base64
import http.server
import sys

FEED = (b'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Behind it</title><item><title>a</title>'
        b'<link>http://feeds.example/1</link><guid>a1</guid></item></channel></rss>')


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        known = self.headers.get("Proxy-Authorization") == WANTED
        print("passed" if known else "refused", self.path, flush=True)
        self.send_response(200 if known else 407)
        if not known:
            self.send_header("Proxy-Authenticate", 'Basic realm="proxy"')
        body = FEED if known else b""
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = answer

    def do_CONNECT(self):
        """Nobody is let through to where TLS would begin: known or not, this ends here."""
        known = self.headers.get("Proxy-Authorization") == WANTED
        print("passed" if known else "refused", self.path, flush=True)
        self.send_response(502 if known else 407)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = True

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    WANTED = "Basic " + base64.b64encode(sys.argv[2].encode()).decode()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    with open(sys.argv[1], "w", encoding="ascii") as f:
        f.write("http://127.0.0.1:%d" % server.server_port)
    server.serve_forever()
