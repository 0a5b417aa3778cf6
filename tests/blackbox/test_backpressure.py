"""Bounded memory: who reads slowly slows down who sends, in both directions."""

import threading
import time

import pytest

from harness.client import Client
from harness.http import chunked, read_body
from harness.manifests import route, rule, service

MIB = 1024 * 1024
SIZE = 256 * MIB
PIECE = bytes(MIB)
GROWTH = 2 * MIB

# A sanitizer keeps freed memory.
pytestmark = pytest.mark.release_only


class Peak(threading.Thread):
    """Watches the gateway's resident memory and keeps how much it grew."""

    def __init__(self, gateway):
        super().__init__(daemon=True)
        self.gateway = gateway
        self.base = self.peak = gateway.rss()
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.wait(0.005):
            self.peak = max(self.peak, self.gateway.rss())

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.stopped.set()
        self.join()

    @property
    def growth(self):
        return self.peak - self.base


class Count:
    """A sink that counts."""

    def __init__(self):
        self.bytes = 0

    def __call__(self, piece):
        self.bytes += len(piece)


def warm_up(gateway):
    """Memory that the first requests touch is no growth."""
    with Client(gateway.entry) as client:
        for _ in range(20):
            client.request("POST", body=bytes(MIB))


def one_worker(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), workers=1)
    warm_up(it)
    return it


def test_a_large_download_needs_no_memory(gateways, backend):
    it = one_worker(gateways, backend)

    def script(connection, request):
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
        for _ in range(SIZE // MIB):
            connection.send(PIECE)
    backend.script = script
    with Client(it.entry, timeout=120) as client, Peak(it) as peak:
        count = Count()
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        client.read_response(sink=count)
    assert count.bytes == SIZE and peak.growth < GROWTH, peak.growth


def test_a_large_upload_needs_no_memory(gateways, backend):
    it = one_worker(gateways, backend)
    count = Count()

    def script(connection, request):
        connection.exactly(SIZE, count, 120)
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    backend.script = script
    with Client(it.entry, timeout=120) as client, Peak(it) as peak:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % SIZE)
        for _ in range(SIZE // MIB):
            client.send(PIECE)
        assert client.read_response().status == 200
    assert count.bytes == SIZE and peak.growth < GROWTH, peak.growth


def test_a_client_that_does_not_read_stops_the_backend(gateways, backend):
    it = one_worker(gateways, backend)
    sent = Count()

    def script(connection, request):
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(SIZE // MIB):
            connection.send(b"%x\r\n%s\r\n" % (MIB, PIECE))
            sent(PIECE)
        connection.send(b"0\r\n\r\n")
    backend.script = script
    with Client(it.entry, timeout=120, receive_buffer=64 * 1024) as client, Peak(it) as peak:
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        response = client.read_head()
        assert response.status == 200
        time.sleep(1)
        held = sent.bytes
        time.sleep(1)
        # what the kernel's buffers hold, and no byte more while nobody reads
        assert sent.bytes == held < 32 * MIB
        assert peak.growth < GROWTH, peak.growth
        count = Count()
        read_body(client, response, sink=count, timeout=120)
    assert count.bytes == SIZE


def test_a_backend_that_does_not_read_stops_the_client(gateways, backends):
    go = threading.Event()
    count = Count()

    def script(connection, request):
        if request.target == "/slow":
            go.wait(30)
        connection.exactly(int(request.get("Content-Length")), count, 120)
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    backend = backends("slow", script, receive_buffer=64 * 1024)
    it = gateways(route("r", rule(to="main")), service("main", backend.port), workers=1)
    warm_up(it)
    sent = Count()

    def upload(client):
        client.send(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % SIZE)
        for _ in range(SIZE // MIB):
            client.send(PIECE)
            sent(PIECE)
    with Client(it.entry, timeout=120) as client, Peak(it) as peak:
        sender = threading.Thread(target=upload, args=(client,), daemon=True)
        sender.start()
        time.sleep(1)
        held = sent.bytes
        time.sleep(1)
        assert sent.bytes == held < 32 * MIB
        go.set()
        sender.join(120)
        assert client.read_response(timeout=60).status == 200
    assert sent.bytes == SIZE and peak.growth < GROWTH, peak.growth


def test_a_stuck_exchange_does_not_hold_up_the_others(gateways, backend):
    it = one_worker(gateways, backend)
    backend.reset()
    usual = backend.script

    def script(connection, request):
        if request.target == "/big":
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
            for _ in range(SIZE // MIB):
                connection.send(PIECE)
        else:
            usual(connection, request)
    backend.script = script
    stuck = [Client(it.entry, receive_buffer=64 * 1024) for _ in range(20)]
    for client in stuck:
        client.send(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.5)
    with Client(it.entry) as client:
        for _ in range(100):
            began = time.monotonic()
            assert client.request().status == 200
            assert time.monotonic() - began < 1
    for client in stuck:
        client.abort()


def test_many_small_chunks_are_bounded_too(gateways, backend):
    it = one_worker(gateways, backend)
    body = chunked(bytes(4 * MIB), 64)
    backend.script = lambda connection, request: connection.send(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    with Client(it.entry, timeout=60) as client, Peak(it) as peak:
        for _ in range(4):
            count = Count()
            client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            client.read_response(sink=count)
            assert count.bytes == 4 * MIB
    assert peak.growth < GROWTH, peak.growth
