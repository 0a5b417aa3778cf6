"""Heads of requests and responses: what is passed on, what is changed, what is refused."""

import re
import socket

import pytest

from harness.backend import echo, ok
from harness.client import Client, fetch, request_bytes, send_raw
from harness.gateway import wait_until
from harness.http import read_body
from harness.manifests import route, rule, service

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def seen(simple):
    """Sends some fields and gives the request as the backend saw it."""
    def send(*fields, host="x.test", target="/", method="GET"):
        assert fetch(simple.entry, target, host, method, fields).status == 200
        return simple.backend.last()
    return send


def test_method_target_and_fields_arrive_as_they_are(seen):
    request = seen(("X-Mixed-CASE", "Value  with spaces"), ("x-utf8", "h\xc3\xa9"),
                   target="/a%20b//d;p?q=%2F../&r", method="PATCH")
    assert (request.method, request.target) == ("PATCH", "/a%20b//d;p?q=%2F../&r")
    assert request.get("Host") == "x.test"
    assert request.get("X-Mixed-CASE") == "Value  with spaces"
    assert request.get("x-utf8") == "h\xc3\xa9"


@pytest.mark.parametrize("target", ["/a/../b", "/a/./b", "/a%2Fb", "/a%2e%2e/b", "/a\\b", "/%00"])
def test_a_path_that_two_could_read_differently_is_refused(simple, target):
    assert fetch(simple.entry, target).status == 400 and not simple.backend.requests


def test_repeated_fields_stay_repeated_and_in_order(seen):
    request = seen(("X-A", "1"), ("X-B", "x"), ("X-A", "2"), ("Cookie", "a=1"), ("Cookie", "b=2"))
    assert request.all("X-A") == ["1", "2"]
    assert request.all("Cookie") in (["a=1", "b=2"], ["a=1; b=2"])


def test_an_unknown_method_is_passed_on_or_refused_but_not_changed(simple):
    response = fetch(simple.entry, method="BREW")
    assert response.status == 501 and not simple.backend.requests or (
        response.status == 200 and simple.backend.last().method == "BREW")


# X-Forwarded-*

def test_forwarded_fields_are_made(seen):
    request = seen(host="Shop.test:8080")
    assert request.get("X-Forwarded-For") == "127.0.0.1"
    assert request.get("X-Forwarded-Proto") == "http"
    assert request.get("X-Forwarded-Host") == "Shop.test:8080"


def test_forwarded_fields_of_a_client_are_replaced(seen):
    request = seen(("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"),
                   ("X-Forwarded-Host", "bank.test"), host="x.test")
    assert request.all("X-Forwarded-For") == ["127.0.0.1"]
    assert request.all("X-Forwarded-Proto") == ["http"]
    assert request.all("X-Forwarded-Host") == ["x.test"]


def test_forwarded_fields_of_a_trusted_proxy_are_kept(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), trusted_hops=1)
    fetch(it.entry, host="x.test", fields=[
        ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "shop.test")])
    request = backend.last()
    assert ", ".join(request.all("X-Forwarded-For")) == "203.0.113.7, 127.0.0.1"
    assert request.all("X-Forwarded-Proto") == ["https"]
    assert request.all("X-Forwarded-Host") == ["shop.test"]


# X-Request-Id

def test_a_request_id_is_made_and_each_is_its_own(seen):
    ids = {seen().get("X-Request-Id") for _ in range(20)}
    assert len(ids) == 20 and all(re.fullmatch(r"[0-9a-f-]{16,64}", it) for it in ids)


def test_a_valid_request_id_is_kept(seen):
    request = seen(("X-Request-Id", "0123456789abcdef0123456789abcdef"))
    assert request.all("X-Request-Id") == ["0123456789abcdef0123456789abcdef"]


@pytest.mark.parametrize("bad", ["", "x" * 1000, 'a"b{}\\', "a b", "<script>", "\xff\xfe"],
                         ids=["empty", "long", "quotes", "space", "markup", "bytes"])
def test_an_invalid_request_id_is_replaced(seen, bad):
    request = seen(("X-Request-Id", bad))
    assert len(request.all("X-Request-Id")) == 1
    assert re.fullmatch(r"[0-9a-f-]{16,64}", request.get("X-Request-Id"))


# hop-by-hop fields (RFC 9110 section 7.6.1)

def test_hop_by_hop_fields_of_a_request_stay_here(seen):
    request = seen(("Connection", "keep-alive, X-Private"), ("X-Private", "1"), ("Keep-Alive", "5"),
                   ("TE", "trailers"), ("Proxy-Connection", "keep-alive"), ("X-Public", "2"),
                   ("Proxy-Authorization", "secret"))
    for name in ("X-Private", "Keep-Alive", "Proxy-Connection"):
        assert not request.has(name), name
    assert request.get("X-Public") == "2"
    assert request.get("Connection", "").lower() not in ("close", "keep-alive, x-private")


def test_connection_cannot_remove_fields_that_the_gateway_makes(seen):
    request = seen(("Connection", "X-Forwarded-For, X-Request-Id, Host"), host="x.test")
    assert request.has("X-Forwarded-For") and request.has("X-Request-Id")
    assert request.get("Host") == "x.test"


def test_hop_by_hop_fields_of_a_response_stay_here(simple):
    simple.backend.script = lambda connection, request: connection.send(ok(b"x", [
        ("Connection", "X-Private"), ("X-Private", "1"), ("Keep-Alive", "timeout=5"),
        ("Proxy-Connection", "close"), ("X-Public", "2"), ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2")]))
    response = fetch(simple.entry)
    for name in ("X-Private", "Keep-Alive", "Proxy-Connection"):
        assert not response.has(name), name
    assert response.get("X-Public") == "2" and response.all("Set-Cookie") == ["a=1", "b=2"]


# keep-alive towards the client

def test_many_requests_on_one_connection(simple):
    with Client(simple.entry) as client:
        for i in range(100):
            response = client.request(target=f"/{i}")
            assert response.status == 200 and f'"/{i}"' in response.body.decode()


def test_close_is_honoured(simple):
    response, closed = send_raw(simple.entry, GET + b"Connection: close\r\n\r\n")
    assert response.status == 200 and closed
    assert response.get("Connection", "").lower() == "close"


def test_http_1_0_closes_unless_told_otherwise(simple):
    response, closed = send_raw(simple.entry, b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
    assert response.status == 200 and closed


def test_pipelined_requests_are_answered_in_order(simple):
    with Client(simple.entry) as client:
        client.send(b"".join(request_bytes("POST", f"/{i}", "x", body=b"y" * i)
                             for i in range(30)))
        for i in range(30):
            body = client.read_response().body.decode()
            assert f'"/{i}"' in body and f'"body_bytes": {i}' in body


def test_an_idle_connection_is_closed_after_its_time(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), idle_timeout="300ms")
    with Client(it.entry) as client:
        assert client.request().status == 200
        assert client.at_end(5)


def test_an_unfinished_head_is_408_it_after_its_time(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), header_timeout="300ms")
    with Client(it.entry) as client:
        client.send(GET)
        assert client.read_response(timeout=5).status == 408
        assert client.at_end(5)
    assert not backend.requests
    it.wait_for_access(responseFlags="IT")


def test_a_body_that_stops_coming_is_408_it_after_its_time(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  body_idle_timeout="300ms")
    with Client(it.entry) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        assert client.read_response(timeout=5).status == 408
        assert client.at_end(5)
    assert backend.connections[0].ended.wait(5), "the backend must not wait for the rest"


# answers without a body

def test_the_answer_to_head_has_no_body(simple):
    with Client(simple.entry) as client:
        response = client.request("HEAD")
        assert response.status == 200 and int(response.get("Content-Length")) > 0
        assert client.request("GET", "/next").status == 200


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_204_and_304_have_no_body(simple, status):
    simple.backend.script = lambda connection, request: connection.send(
        f"HTTP/1.1 {status}\r\nETag: x\r\n\r\n".encode())
    with Client(simple.entry) as client:
        for _ in range(2):
            response = client.request()
            assert response.status == int(status[:3]) and not response.has("Transfer-Encoding")
            assert response.get("ETag") == "x"


def test_interim_answers_do_not_end_the_exchange(simple):
    def early(connection, request):
        connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok(b"final"))
    simple.backend.script = early
    with Client(simple.entry) as client:
        assert client.request().body == b"final"
        assert client.request().body == b"final"


# Expect: 100-continue

def expecting(length):
    return b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % length


def test_expect_waits_for_the_backends_100(simple):
    seen = []

    def script(connection, request):
        seen.append((request.get("Expect"), bytes(connection.buffer)))
        if request.has("Expect"):
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        echo(connection, request)
    simple.backend.script = script
    with Client(simple.entry) as client:
        client.send(expecting(5))
        assert client.read_head().status == 100
        client.send(b"hello")
        assert '"body_bytes": 5' in client.read_response().body.decode()
        assert client.request().status == 200
    assert seen == [("100-continue", b""), (None, b"")]


def test_expect_passes_a_refusal_on_and_the_body_is_not_wanted(simple):
    simple.backend.script = lambda connection, request: connection.send(
        b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n") or False
    with Client(simple.entry) as client:
        client.send(expecting(5))
        response = client.read_response()
        assert response.status == 417 and not response.interim, "nobody said 100"
        assert client.at_end(5), "what follows could be the body or the next request"


# limits

def test_a_head_that_is_too_large_is_431_rh(simple):
    for data in (GET + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
                 GET + b"X: y\r\n" * 20_000 + b"\r\n",
                 b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"):
        with Client(simple.entry) as client:
            try:
                client.send(data)
            except OSError:
                pass  # it need not read all of it
            response = client.read_response()
            assert response.status in (431, 414)
            assert client.at_end(5)
    assert not simple.backend.requests
    simple.wait_for_access(responseFlags="RH")


def test_a_large_head_within_the_limit_passes(seen):
    assert len(seen(("X-Large", "y" * 16_000)).get("X-Large")) == 16_000


def test_the_limit_is_configurable(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  max_header_bytes=2048)
    assert fetch(it.entry, fields=[("X", "y" * 1000)]).status == 200
    assert fetch(it.entry, fields=[("X", "y" * 3000)]).status == 431


def test_the_number_of_fields_is_limited(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), max_headers=16)
    assert fetch(it.entry, fields=[("X", "y")] * 15).status == 200
    assert fetch(it.entry, fields=[("X", "y")] * 16).status == 431


# refused heads: each would let a request mean one thing here and another thing at the backend

MALFORMED = {
    "bare LF": b"GET / HTTP/1.1\nHost: x\n\n",
    "bare LF between fields": b"GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
    "bare CR in a value": GET + b"X: a\rb\r\n\r\n",
    "obsolete folding": GET + b"X: a\r\n b\r\n\r\n",
    "space before the colon": GET + b"X : a\r\n\r\n",
    "space before the first field": b"GET / HTTP/1.1\r\n Host: x\r\n\r\n",
    "no colon": GET + b"nonsense\r\n\r\n",
    "empty name": GET + b": a\r\n\r\n",
    "bad byte in a name": GET + b"X(Y): a\r\n\r\n",
    "NUL in a value": GET + b"X: a\0b\r\n\r\n",
    "control byte in a value": GET + b"X: a\x01b\r\n\r\n",
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Hosts": GET + b"Host: y\r\n\r\n",
    "two equal Hosts": GET + b"Host: x\r\n\r\n",
    "bad Host": b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "a path in Host": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "user in Host": b"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
    "relative target": b"GET a HTTP/1.1\r\nHost: x\r\n\r\n",
    "space in the target": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "tab for space": b"GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "two spaces": b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in the target": b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "dot segments": b"GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n",
    "hidden dot segments": b"GET /a/%2e%2e/b HTTP/1.1\r\nHost: x\r\n\r\n",
    "backslash in the path": b"GET /a\\b HTTP/1.1\r\nHost: x\r\n\r\n",
    "empty Host": b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "target and Host disagree": b"GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "fragment": b"GET /#a HTTP/1.1\r\nHost: x\r\n\r\n",
    "bad method": b"G@T / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "bad version": b"GET / HTTP/1.10\r\nHost: x\r\n\r\n",
    "lower-case version": b"GET / http/1.1\r\nHost: x\r\n\r\n",
    "length and chunked": GET + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": GET + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a list of lengths": GET + b"Content-Length: 3, 4\r\n\r\nabcd",
    "a negative length": GET + b"Content-Length: -1\r\n\r\n",
    "a signed length": GET + b"Content-Length: +3\r\n\r\nabc",
    "a hexadecimal length": GET + b"Content-Length: 0x3\r\n\r\nabc",
    "an empty length": GET + b"Content-Length:\r\n\r\n",
    "an endless length": GET + b"Content-Length: 99999999999999999999\r\n\r\n",
    "chunked in HTTP/1.0": b"GET / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": GET + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": GET + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "disguised chunked": GET + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "almost chunked": GET + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_head_is_refused_and_the_connection_closed(simple, name):
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    with Client(simple.entry) as client:
        client.send(MALFORMED[name] + smuggled)
        response = client.read_response()
        assert response.status in (400, 501, 505), name
        assert client.at_end(5), "nothing behind it may be read as a request"
    assert not simple.backend.requests


CHUNKS = {
    "bad size": b"g\r\nabc\r\n0\r\n\r\n",
    "negative size": b"-1\r\n\r\n0\r\n\r\n",
    "prefixed size": b"0x3\r\nabc\r\n0\r\n\r\n",
    "empty size": b"\r\nabc\r\n0\r\n\r\n",
    "endless size": b"ffffffffffffffffff\r\nabc",
    "bare LF behind the size": b"3\nabc\r\n0\r\n\r\n",
    "missing end of a chunk": b"3\r\nabcd\r\n0\r\n\r\n",
    "bare LF behind a chunk": b"3\r\nabc\n0\r\n\r\n",
    "space before the size": b" 3\r\nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", CHUNKS)
def test_a_malformed_chunk_ends_the_exchange(simple, name):
    """The head was good, so that the backend has seen the request; it must not see it end well,
    and what follows must not become a request."""
    finished = []

    def script(connection, request):
        read_body(connection, request)
        finished.append(request)
        connection.send(ok(b""))
    simple.backend.script = script
    with Client(simple.entry) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + CHUNKS[name] + b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        got = bytearray()
        client.to_the_end(got.extend, 5)
        assert not got or got.startswith(b"HTTP/1.1 400 ")
    assert not finished and len(simple.backend.requests) <= 1


def test_a_blank_line_before_a_request_is_accepted(simple):
    with Client(simple.entry) as client:
        client.send(b"\r\n" + request_bytes())
        assert client.read_response().status == 200


def test_a_head_may_arrive_byte_by_byte(simple):
    with Client(simple.entry) as client:
        client.send_slowly(request_bytes("GET", "/slow", "x", [("X-A", "1")]))
        assert '"/slow"' in client.read_response().body.decode()


# a client that goes away

def test_a_client_that_aborts_cancels_the_request_at_the_backend(simple):
    simple.backend.script = lambda connection, request: connection.wait_for_end(10) and False
    client = Client(simple.entry)
    client.send(request_bytes(target="/aborted"))
    wait_until(lambda: simple.backend.requests, 5, "the request")
    client.abort()
    assert simple.backend.connections[0].ended.wait(5)
    line = simple.wait_for_access(path="/aborted")[-1]
    assert (line["status"], line["responseFlags"]) == (499, "DC")


def test_a_client_that_aborts_in_its_body_cancels_too(simple):
    ended = []

    def script(connection, request):
        try:
            read_body(connection, request)
            ended.append("whole")
        finally:
            ended.append("end")
    simple.backend.script = script
    client = Client(simple.entry)
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    wait_until(lambda: simple.backend.requests, 5, "the request")
    client.abort()
    assert simple.backend.connections[0].ended.wait(5) and ended == ["end"]


def test_a_half_closed_client_still_gets_its_answer(simple):
    with Client(simple.entry) as client:
        client.send(request_bytes())
        client.sock.shutdown(socket.SHUT_WR)
        got = bytearray()
        client.to_the_end(got.extend, 5)
        assert not got or got.startswith(b"HTTP/1.1 200 ")
