#!/usr/bin/python3
"""stray_server.py CERTIFICATE KEY: two hosts, one of http and one of https; prints the address of each. A feed is what its path says, and lists items of
its own; and each host says one of its early answers twice, the second time when the connection has been idle for a moment.
"""
import http.server
import ssl
import sys
import threading
import time

STRAY = 3  # which of a host's answers


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        server, name = self.server, self.path.strip("/")
        with server.lock:
            server.asked += 1
            n = server.asked
        body = "".join(f"<item><title>{name} {i}</title><guid>own-{name}-{i}-{n}</guid></item>" for i in range(2))
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{body}</channel></rss>'.encode()
        answer = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        self.wfile.write(answer)
        if n == STRAY:
            self.wfile.flush()
            time.sleep(0.02)
            try:
                self.wfile.write(answer)
            except OSError:
                pass


def serve(tls):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.lock = 0, threading.Lock()
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


print(f"http://127.0.0.1:{serve(False)} https://127.0.0.1:{serve(True)}", flush=True)
threading.Event().wait()
