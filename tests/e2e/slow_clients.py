"""slow_clients.py PORT N SECONDS: N connections that send a byte of a request every half second; prints how many the server has ended by then."""
import socket
import sys
import time

port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 1000
clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
ended, sent, end = set(), 0, time.monotonic() + seconds
while len(ended) < count and time.monotonic() < end:
    for client in clients:
        if client in ended:
            continue
        try:
            client.setblocking(False)
            client.send(head[sent : sent + 1])
            if client.recv(1) == b"":
                ended.add(client)
        except BlockingIOError:
            pass
        except OSError:
            ended.add(client)
    sent += 1
    time.sleep(0.5)
print(len(ended), "ended")
