#!/usr/bin/env python3
"""websub_hub: a publisher and its hub on loopback. The subscriber says that it lives at http://us.invalid/…; whatever the hub sends there goes to the
port that stands in a file, as a reverse proxy would do it. Usage: websub_hub.py FOLDER; writes FOLDER/url, reads FOLDER/port.

  /feed                   the feed, with the items of FOLDER/items, a word each
  /hub                    the hub; verifies by itself, unless FOLDER/mute is there
  /-/push?items=A,B&sign=sha256|sha384|sha512|sha1|wrong|none   sends a document; the answer is the status that it got
  /-/ask?QUERY            asks the last callback with this query (topic and challenge are added when absent); answers "STATUS TEXT"
  /-/requests             what the hub was asked: "MODE VERIFIED LEASE" per line; /-/polls: how often the feed was asked for
"""
import hashlib
import hmac
import http.client
import http.server
import os
import sys
import threading
import time
import urllib.parse

folder = sys.argv[1]
forms, verified, polls = [], [], [0]
lock = threading.Lock()
PREFIX = "http://us.invalid/gazetted/"


def read(name):
    try:
        with open(os.path.join(folder, name)) as file:
            return file.read().strip()
    except OSError:
        return ""


def document(items):
    body = "".join(f"<item><guid>{i}</guid><link>http://e.example/{i}</link><title>{i}</title></item>" for i in items)
    return ('<?xml version="1.0"?><rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>T</title>'
            f'<a:link rel="hub" href="{base}/hub"/><a:link rel="self" href="{base}/feed"/>{body}</channel></rss>').encode()


def call(method, callback, query="", body=None, headers=None):
    assert callback.startswith(PREFIX), callback
    path = "/" + callback[len(PREFIX):] + (("?" + query) if query else "")
    connection = http.client.HTTPConnection("127.0.0.1", int(read("port")), timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def verify(form, number):
    time.sleep(0.05)
    challenge = os.urandom(8).hex() + " &+%"
    query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": challenge}
    if form["hub.mode"] == "subscribe":
        query["hub.lease_seconds"] = form["hub.lease_seconds"]
    status, text = call("GET", form["hub.callback"], urllib.parse.urlencode(query))
    with lock:
        verified[number] = status == 200 and text == challenge


def subscription():
    with lock:
        return next((f for f in reversed(forms) if f["hub.mode"] == "subscribe"), None)


def push(query):
    form = subscription()
    body = document(query.get("items", "").split(","))
    how, headers = query.get("sign", "sha256"), {"Content-Type": "application/rss+xml"}
    if how != "none":
        name = "sha256" if how == "wrong" else how
        digest = hmac.new(form["hub.secret"].encode(), body, getattr(hashlib, name)).hexdigest()
        headers["X-Hub-Signature"] = f"{name}={'0' * len(digest) if how == 'wrong' else digest}"
    return str(call("POST", query.get("callback", form["hub.callback"]), "", body, headers)[0])


def ask(query):
    form = subscription()
    full = {"hub.topic": form["hub.topic"], "hub.challenge": "x", **query}
    callback = full.pop("callback", form["hub.callback"])
    return "%d %s" % call("GET", callback, urllib.parse.urlencode(full))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, kind="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        if parts.path == "/feed":
            polls[0] += 1
            self.answer(200, document(read("items").split()), "application/rss+xml")
        elif parts.path == "/-/push":
            self.answer(200, push(query).encode())
        elif parts.path == "/-/ask":
            self.answer(200, ask(query).encode())
        elif parts.path == "/-/polls":
            self.answer(200, str(polls[0]).encode())
        elif parts.path == "/-/requests":
            with lock:
                lines = [f"{f['hub.mode']} {v} {f.get('hub.lease_seconds', '-')}" for f, v in zip(forms, verified)]
            self.answer(200, ("\n".join(lines) + "\n").encode())
        else:
            self.answer(404, b"no")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = dict(urllib.parse.parse_qsl(body))
        if self.path != "/hub" or "hub.callback" not in form:
            self.answer(400, b"what?")
            return
        with lock:
            forms.append(form)
            verified.append(False)
            number = len(forms) - 1
        self.answer(202, b"")
        if not os.path.exists(os.path.join(folder, "mute")):
            threading.Thread(target=verify, args=(form, number), daemon=True).start()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
base = f"http://127.0.0.1:{server.server_port}"
with open(os.path.join(folder, "url"), "w") as out:
    out.write(base)
server.serve_forever()
