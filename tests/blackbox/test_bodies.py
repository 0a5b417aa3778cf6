"""Bodies in both directions, of every size and framing; what arrives is what was sent."""

import hashlib
import random
import time

import pytest

from harness.backend import ok
from harness.client import Client, request_bytes
from harness.http import chunked, read_body
from harness.manifests import route, rule, service

KIB, MIB = 1024, 1024 * 1024
SIZES = [0, 1, 2, 100, 4095, 4096, 4097, 16 * KIB, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, MIB,
         8 * MIB]


def noise(size):
    return random.Random(size).randbytes(size)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def hashing(connection, request):
    """Answers the hash of the body."""
    read_body(connection, request)
    connection.send(ok(digest(request.body).encode()))


def upload(simple, head, body):
    """Sends a request while reading the answer on the same connection; gives the answer."""
    with Client(simple.entry, timeout=60) as client:
        client.send(head + body)
        return client.read_response()


@pytest.mark.parametrize("size", SIZES)
def test_a_request_body_with_a_length(simple, size):
    simple.backend.script = hashing
    body = noise(size)
    response = upload(simple, request_bytes("POST", "/", "x", body=body), b"")
    assert response.status == 200 and response.body.decode() == digest(body)


@pytest.mark.parametrize("size, chunk", [
    (0, 1), (1, 1), (5, 1), (1000, 7), (64 * KIB, 4096), (MIB, 65537), (8 * MIB, MIB)])
def test_a_chunked_request_body(simple, size, chunk):
    simple.backend.script = hashing
    body = noise(size)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    response = upload(simple, head, chunked(body, chunk))
    assert response.status == 200 and response.body.decode() == digest(body)
    seen = simple.backend.last()
    assert seen.get("Transfer-Encoding") == "chunked" and not seen.has("Content-Length")


@pytest.mark.parametrize("size", SIZES)
def test_a_response_body_with_a_length(simple, size):
    body = noise(size)
    simple.backend.script = lambda connection, request: connection.send(ok(body))
    with Client(simple.entry, timeout=60) as client:
        response = client.request()
        assert response.body == body and response.get("Content-Length") == str(size)
        assert client.request().body == body


@pytest.mark.parametrize("size, chunk", [
    (0, 1), (1, 1), (1000, 7), (64 * KIB, 4096), (8 * MIB, 65537)])
def test_a_chunked_response_body(simple, size, chunk):
    body = noise(size)
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, chunk)
    simple.backend.script = lambda connection, request: connection.send(answer)
    with Client(simple.entry, timeout=60) as client:
        for _ in range(2):
            response = client.request()
            assert response.body == body and not response.has("Content-Length")


@pytest.mark.parametrize("size", [0, 1, 70000, 8 * MIB])
def test_a_response_body_that_ends_with_the_connection(simple, size):
    body = noise(size)

    def answer(connection, request):
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n" + body)
        return False
    simple.backend.script = answer
    with Client(simple.entry, timeout=60) as client:
        response = client.request()
        assert response.body == body
        assert response.get("Transfer-Encoding") == "chunked", "the client keeps its connection"
        assert client.request().body == body


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_that_arrives_byte_by_byte(simple, framing):
    simple.backend.script = hashing
    body = noise(200)
    head = b"POST / HTTP/1.1\r\nHost: x\r\n"
    tail = (b"Content-Length: 200\r\n\r\n" + body if framing == "length"
            else b"Transfer-Encoding: chunked\r\n\r\n" + chunked(body, 9))
    with Client(simple.entry) as client:
        client.send_slowly(head + tail, 0.0005)
        assert client.read_response().body.decode() == digest(body)


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_answer_that_arrives_byte_by_byte(simple, framing):
    body = noise(200)
    answer = (ok(body) if framing == "length" else
              b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, 9))
    simple.backend.script = lambda connection, request: connection.send_slowly(answer, 0.0005)
    with Client(simple.entry) as client:
        assert client.request().body == body


def test_bodies_stream_without_being_collected(simple):
    """The backend sees the first piece of the request before the second is sent, and the client
    the first piece of the answer before the backend sends the second."""
    steps = []

    def script(connection, request):
        connection.exactly(5, lambda piece: steps.append(bytes(piece)))
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst")
        connection.exactly(5, lambda piece: steps.append(bytes(piece)))
        connection.send(b"again")
    simple.backend.script = script
    with Client(simple.entry) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
        assert client.read_head().status == 200
        got = bytearray()
        client.exactly(5, got.extend)
        assert got == b"first" and b"".join(steps) == b"hello"
        client.send(b"world")
        client.exactly(5, got.extend)
        assert got == b"firstagain" and b"".join(steps) == b"helloworld"


def test_trailers_of_a_request_do_not_become_fields(simple):
    simple.backend.script = hashing
    with Client(simple.entry) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    b"3\r\nabc\r\n0\r\nX-Checksum: 1\r\n\r\n")
        assert client.read_response().body.decode() == digest(b"abc")
        assert client.request("POST", body=b"next").body.decode() == digest(b"next")
    assert not simple.backend.requests[0].has("X-Checksum")


@pytest.mark.parametrize("field", ["Content-Length: 9", "X-Request-Id: evil", "Host: y",
                                   "Transfer-Encoding: chunked", "Authorization: x"])
def test_trailers_that_would_change_the_request_are_refused(simple, field):
    with Client(simple.entry) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    b"3\r\nabc\r\n0\r\n" + field.encode() + b"\r\n\r\n")
        assert client.read_response().status == 400
        assert client.at_end(5)


def test_chunk_extensions_are_accepted_and_stay_here(simple):
    simple.backend.script = hashing
    with Client(simple.entry) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    b'3;name="a;b"\r\nabc\r\n000\r\n\r\n')
        assert client.read_response().body.decode() == digest(b"abc")


def test_an_early_answer_reaches_the_client_while_it_still_sends(simple):
    def refuse(connection, request):
        connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        connection.wait_for_end(5)
        return False
    simple.backend.script = refuse
    with Client(simple.entry) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000)
        response = client.read_response(timeout=5)
        assert (response.status, response.body) == (413, b"no")


def test_an_answer_cut_short_is_not_passed_off_as_whole(simple):
    def cut(connection, request):
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        return False
    simple.backend.script = cut
    with Client(simple.entry) as client:
        client.send(request_bytes())
        assert client.read_head().status == 200
        got = bytearray()
        client.to_the_end(got.extend, 5)
        assert got == b"half"
    simple.wait_for_access(responseFlags="UC")


def test_a_chunked_answer_cut_short_does_not_end_in_the_last_chunk(simple):
    def cut(connection, request):
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        time.sleep(0.1)
        return False
    simple.backend.script = cut
    with Client(simple.entry) as client:
        client.send(request_bytes())
        assert client.read_head().status == 200
        got = bytearray()
        client.to_the_end(got.extend, 5)
        assert b"half" in got and not got.endswith(b"0\r\n\r\n")


# The time in which nothing of a body moves runs while the client is to send or to take one.


def impatient(gateways, backend):
    return gateways(route("r", rule(to="main")), service("main", backend.port), workers=1,
                    body_idle_timeout="500ms")


def test_a_backend_may_think_after_a_body_in_pieces(gateways, backend):
    it = impatient(gateways, backend)

    def thoughtful(connection, request):
        read_body(connection, request)
        time.sleep(1)
        connection.send(ok(b"x"))
    backend.script = thoughtful
    with Client(it.entry) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n")
        time.sleep(0.2)
        client.send(b"y" * 20)
        assert client.read_response().status == 200


def test_a_client_that_was_slow_once_is_not_cut_later(gateways, backend):
    it = impatient(gateways, backend)

    def stream(connection, request):
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.send(b"%x\r\n%s\r\n" % (16 * MIB, bytes(16 * MIB)))
        connection.send_slowly(b"1\r\nx\r\n" * 4 + b"0\r\n\r\n", 0.05)
    backend.script = stream
    with Client(it.entry, receive_buffer=64 * KIB) as client:
        client.send(request_bytes())
        response = client.read_head()
        time.sleep(0.2)
        read_body(client, response, timeout=20)
        assert len(response.body) == 16 * MIB + 4
