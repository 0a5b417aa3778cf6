"""A backend that records exactly the bytes it saw and answers exactly the bytes it is told to."""

import json
import random
import socket
import struct
import threading
import time

from .http import Closed, Reader, Request, read_body


class Connection(Reader):
    """One connection of a backend, in a thread of its own."""

    def __init__(self, backend, sock, number):
        super().__init__(sock, timeout=60)
        self.backend = backend
        self.number = number  # counts from 1
        self.requests = 0
        self.ended = threading.Event()  # the gateway closed it, or we did

    def send(self, data):
        self.sock.settimeout(60)
        self.sock.sendall(data)

    def send_slowly(self, data, pause):
        for at in range(len(data)):
            self.send(data[at:at + 1])
            time.sleep(pause)

    def close(self):
        self.sock.close()

    def abort(self):
        """Closes with a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def read_request(self):
        """The head of the next request, its body unread."""
        request = Request(self.until(b"\r\n\r\n", timeout=3600))
        request.connection = self.number
        self.requests += 1
        self.backend.record(request)
        return request

    def wait_for_end(self, timeout=10):
        """True when the gateway closes the connection within the time."""
        return self.at_end(timeout)

    def run(self):
        try:
            while True:
                request = self.read_request()
                if self.backend.script(self, request) is False:
                    break
        except (Closed, OSError, ValueError):
            pass
        finally:
            self.sock.close()
            self.ended.set()


def ok(body=b"", fields=(), status="200 OK"):
    """A complete response with a Content-Length."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {status}\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


def echo(connection, request):
    """The default script: reads the body and answers what it saw, as JSON."""
    read_body(connection, request)
    answer = {"backend": connection.backend.name, "method": request.method,
              "target": request.target, "fields": request.fields, "body_bytes": len(request.body)}
    body = json.dumps(answer).encode()
    if request.method == "HEAD":
        connection.send(ok(body)[:-len(body)])
    else:
        connection.send(ok(body, [("Content-Type", "application/json")]))


class Backend:
    """Listens on a free port of 127.0.0.1. `script(connection, request)` is called for each
    request, its body unread; when it gives False, the connection is closed."""

    def __init__(self, name="backend", script=echo, receive_buffer=None, port=0):
        self.name = name
        self.script = script
        self.lock = threading.Lock()
        self.requests = []
        self.connections = []
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(512)
        self.address, self.port = self.listener.getsockname()
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                connection = Connection(self, sock, len(self.connections) + 1)
                self.connections.append(connection)
            threading.Thread(target=connection.run, daemon=True).start()

    def record(self, request):
        with self.lock:
            self.requests.append(request)

    def reset(self, script=echo):
        """Forgets what it saw; connections stay open. Use before a test that counts."""
        with self.lock:
            self.requests = []
            self.script = script

    def open_connections(self):
        return [c for c in self.connections if not c.ended.is_set()]

    def last(self):
        with self.lock:
            return self.requests[-1] if self.requests else None

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for connection in self.connections:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def free_port():
    """A port of 127.0.0.1 where nobody listens; it is outside the range that the kernel gives out
    by itself, so that nobody gets it by chance before the gateway does."""
    for _ in range(1000):
        port = random.randrange(21000, 32000)
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")
