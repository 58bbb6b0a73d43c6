#!/usr/bin/env python3
"""h2_padding.py CERTIFICATE KEY PORT-FILE: a server of HTTP/2 that answers with 255 bytes of padding around each byte, for ever."""
import socket
import ssl
import sys
import threading

DATA, HEADERS, SETTINGS = 0, 1, 4
ACK, END_HEADERS, PADDED = 1, 4, 8
STATUS_200 = b"\x88"  # of HPACK's static table
PREFACE = 24

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
context.set_alpn_protocols(["h2"])
listener = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[3], "w") as f:
    f.write(str(listener.getsockname()[1]))


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def serve(plain):
    with context.wrap_socket(plain, server_side=True) as peer, peer.makefile("rb") as asked:
        asked.read(PREFACE)
        peer.sendall(frame(SETTINGS, 0, 0, b""))
        kind = None
        while kind != HEADERS:
            head = asked.read(9)
            kind, stream = head[3], int.from_bytes(head[5:], "big")
            asked.read(int.from_bytes(head[:3], "big"))
            if kind == SETTINGS and not head[4] & ACK:
                peer.sendall(frame(SETTINGS, ACK, 0, b""))
        peer.sendall(frame(HEADERS, END_HEADERS, stream, STATUS_200))
        while True:
            peer.sendall(frame(DATA, PADDED, stream, b"\xff" + b"x" + bytes(255)) * 40)


def try_serving(plain):
    try:
        serve(plain)
    except OSError:
        pass  # it has left, as it should


while True:
    threading.Thread(target=try_serving, args=(listener.accept()[0],), daemon=True).start()
