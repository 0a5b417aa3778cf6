"""Reading HTTP/1.1 from a socket, byte for byte. Strict where the gateway has to be strict."""

import socket
import time


class Closed(Exception):
    """The peer closed the connection where more bytes had to come."""


class Reader:
    """A socket with a buffer and one deadline for each call."""

    def __init__(self, sock, timeout=10.0):
        self.sock = sock
        self.timeout = timeout
        self.buffer = bytearray()
        self.paused = None  # a backend may sleep between reads

    def fill(self, deadline):
        self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            data = self.sock.recv(256 * 1024)
        except ConnectionError as error:
            raise Closed(str(error)) from None
        if not data:
            raise Closed("end of stream")
        self.buffer += data

    def until(self, mark, timeout=None):
        """The bytes up to the mark, with it."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while mark not in self.buffer:
            self.fill(deadline)
        end = self.buffer.index(mark) + len(mark)
        return self.take(end)

    def take(self, count):
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def exactly(self, count, sink, timeout=None):
        """Passes count bytes to sink, in pieces, so that no large body is kept."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while count:
            if not self.buffer:
                self.fill(deadline)
            piece = self.take(min(count, len(self.buffer)))
            count -= len(piece)
            sink(piece)

    def to_the_end(self, sink, timeout=None):
        deadline = time.monotonic() + (timeout or self.timeout)
        try:
            while True:
                sink(self.take(len(self.buffer)))
                self.fill(deadline)
        except Closed:
            pass

    def at_end(self, timeout=2.0):
        """True when the peer has closed and nothing is left to read; False after the timeout."""
        if self.buffer:
            return False
        try:
            self.fill(time.monotonic() + timeout)
        except Closed:
            return True
        except (socket.timeout, TimeoutError):
            return False
        return False


def split_head(head):
    """First line, and the fields as a list of (name, value) in the order they came."""
    lines = head.decode("latin-1").split("\r\n")
    fields = []
    for line in lines[1:]:
        if line:
            name, _, value = line.partition(":")
            fields.append((name, value.strip(" \t")))
    return lines[0], fields


class Message:
    """A request as a backend saw it, or a response as a client saw it."""

    def __init__(self, head):
        self.head = head
        self.line, self.fields = split_head(head)
        self.body = b""
        self.trailers = []
        self.chunks = []

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def has(self, name):
        return bool(self.all(name))


class Request(Message):
    def __init__(self, head):
        super().__init__(head)
        self.method, self.target, self.version = self.line.split(" ")


class Response(Message):
    def __init__(self, head):
        super().__init__(head)
        self.version, status, self.reason = (self.line + " ").split(" ", 2)
        self.status = int(status)
        self.reason = self.reason.strip()


def read_chunked(reader, message, sink, timeout):
    """A chunked body; message.chunks gets the sizes, message.trailers the trailer fields."""
    while True:
        line = reader.until(b"\r\n", timeout)
        size = int(line.split(b";")[0], 16)
        if size == 0:
            break
        message.chunks.append(size)
        reader.exactly(size, sink, timeout)
        end = reader.until(b"\r\n", timeout)
        assert end == b"\r\n", f"a chunk ends in {end!r}"
    while (line := reader.until(b"\r\n", timeout)) != b"\r\n":
        name, _, value = line.decode("latin-1").strip().partition(":")
        message.trailers.append((name, value.strip()))


def read_body(reader, message, bodiless=False, sink=None, timeout=None):
    """Reads the body that the head announces into message.body, or into sink."""
    kept = bytearray()
    sink = sink or kept.extend
    if bodiless:
        return
    if message.get("Transfer-Encoding", "").lower() == "chunked":
        read_chunked(reader, message, sink, timeout)
    elif message.has("Content-Length"):
        reader.exactly(int(message.get("Content-Length")), sink, timeout)
    elif isinstance(message, Response):
        reader.to_the_end(sink, timeout)
    message.body = bytes(kept)


def chunked(body, size):
    """The chunked coding of a body in chunks of one size."""
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return coded + b"0\r\n\r\n"


def field_lines(fields):
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1")
