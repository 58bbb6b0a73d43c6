#!/usr/bin/env python3
"""discover_server: sites whose pages name feeds in many ways, and some that are not well meant. Writes its base URL into the file given; the
request lines go to standard output. Loopback only."""
import http.server
import sys

RSS = ('<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{title}</title><language>{language}</language>'
       '<item><title>a</title><link>http://e.example/{title}/1</link><pubDate>Thu, 19 Nov 2026 08:00:00 GMT</pubDate></item>'
       '<item><title>b</title><link>http://e.example/{title}/2</link><pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item>'
       '</channel></rss>')
ATOM = ('<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-Hant"><title>新聞</title><id>urn:x</id>'
        '<updated>2026-11-20T08:00:00Z</updated></feed>')
JSON = '{"version":"https://jsonfeed.org/version/1.1","title":"J","items":[{"id":"1","content_text":"x"}]}'
LEAN = '<rss version="2.0"><channel><title>L</title></channel></rss>'
EVIL = ('<rss version="2.0"><channel><title>x"\n  - name: evil&#10;\\u001b[31m\u2028y</title><language>no: [such</language>'
        '<item><title>t</title><link>http://e.example/</link></item></channel></rss>')


def rss(title, language="en"):
    return "application/rss+xml", RSS.format(title=title, language=language)


HTML = "text/html; charset=utf-8"
PAGES = {
    "/many/": (HTML, '<html><head><base href="/many/feeds/">'
               '<link rel="alternate" type="application/rss+xml" href="en.xml" hreflang="en">'
               '<link rel=alternate type=application/atom+xml href=zh>'
               '<link rel=alternate type=application/feed+json href=/many/feeds/j.json>'
               '<link rel=alternate type=application/rss+xml href=en.xml>'
               '<link rel=alternate type=application/rss+xml href=gone.xml></head>'
               '<body><a href="../list.html">Our RSS feeds</a> <a href="/login.html">RSS</a></body></html>'),
    "/many/feeds/en.xml": rss("News"),
    "/many/feeds/zh": ("application/atom+xml", ATOM),
    "/many/feeds/j.json": ("application/feed+json", JSON),
    "/many/list.html": (HTML, '<ul><li><a href=feeds/fr.rss>fr</a><li><a href="http://other.invalid/rss">other</a>'),
    "/many/feeds/fr.rss": rss("Nouvelles", "fr"),
    "/login.html": (HTML, "<html><body>Log in</body></html>"),
    "/header": (HTML, "<p>nothing here", [("Link", '</header.rss>; rel="alternate"; type="application/rss+xml"'),
                                          ("Link", '<http://127.0.0.1:1/>; rel=alternate; type=text/html')]),
    "/header.rss": rss("Header"),
    "/lonely/": (HTML, "<p>no links"),
    "/rss.xml": ("text/xml", LEAN),
    "/feed-itself": rss("Itself"),
    "/evil/": (HTML, '<link rel=alternate type=application/rss+xml href="/evil/feed">'
               '<link rel=alternate type=application/rss+xml href="/evil/to-file">'
               '<link rel=alternate type=application/rss+xml href="/evil/to-private">'
               '<link rel=alternate type=application/rss+xml href="http://user:secret@127.0.0.1:1/">'
               '<link rel=alternate type=application/rss+xml href="file:///etc/passwd">'
               '<link rel=alternate type=application/rss+xml href="http://169.254.169.254/latest">'
               '<link rel=alternate type=application/rss+xml href="http://10.1.2.3/rss">'
               '<link rel=alternate type=application/rss+xml href="/evil/huge">'),
    "/evil/feed": ("application/rss+xml", EVIL),
    "/crowd/": (HTML, "".join(f'<a href="/crowd/{n}.rss">x</a>' for n in range(2000))),
}
MOVES = {"/moved": (301, "/many/feeds/en.xml"), "/for-now": (302, "/feed-itself"), "/later": (302, "/feed-itself", ("Retry-After", "60")), "/evil/to-file": (301, "file:///etc/passwd"),
         "/evil/to-private": (302, "http://192.168.7.7/rss")}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        print(self.path, self.headers.get("User-Agent"), flush=True)
        if self.path in MOVES:
            status, to, *more = MOVES[self.path]
            self.answer(status, "text/html", b"", [("Location", to), *more])
        elif self.path in PAGES:
            kind, text, *more = PAGES[self.path]
            self.answer(200, kind, text.encode(), more[0] if more else [])
        elif self.path == "/evil/huge":
            self.answer(200, "text/xml", b"<rss>" + b"x" * (8 << 20), [])
        else:
            self.answer(404, "text/html", b"no", [])

    def answer(self, status, kind, body, headers):
        self.send_response(status)
        for name, value in [("Content-Type", kind), ("Content-Length", str(len(body)))] + headers:
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1], "w") as file:
    file.write(f"http://127.0.0.1:{server.server_port}")
server.serve_forever()
