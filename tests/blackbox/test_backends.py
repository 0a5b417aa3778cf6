"""Choosing an endpoint, and what the client gets when there is none that answers. Each error has
its status and its response flag in the access log."""

import json
import socket
import threading
import time
from collections import Counter

import pytest

from harness.backend import echo, free_port, ok
from harness.client import Client, fetch, request_bytes
from harness.gateway import wait_until
from harness.http import Closed, read_body
from harness.manifests import match, route, rule, service


def expect_error(gateway, status, flag, target="/", **options):
    response = fetch(gateway.entry, target, **options)
    assert response.status == status
    line = gateway.wait_for_access(path=target)[-1]
    assert (line["status"], line["responseFlags"]) == (status, flag)
    return response


def test_an_unknown_path_is_404_nr(simple):
    simple.write("objects.yaml", route("all", rule(match(path="/known"), "main")),
                 service("main", simple.backend.port))
    time.sleep(0.5)
    expect_error(simple, 404, "NR", "/unknown")


def test_a_service_that_does_not_exist_is_500_ib(gateways):
    expect_error(gateways(route("r", rule(to="missing"))), 500, "IB")


def test_a_rule_without_backends_is_500_ib(gateways):
    expect_error(gateways(route("r", rule(match(prefix="/")))), 500, "IB")


def test_weights_that_are_all_zero_are_500_ib(gateways, backend):
    it = gateways(route("r", rule(to=[("main", 0)])), service("main", backend.port))
    expect_error(it, 500, "IB")
    assert not backend.requests


def test_a_service_without_endpoints_is_503_uh(gateways):
    expect_error(gateways(route("r", rule(to="main")), service("main")), 503, "UH")


def test_endpoints_that_are_not_ready_get_nothing(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port, ready=False))
    expect_error(it, 503, "UH")
    assert not backend.requests


def test_a_refused_connection_is_503_uf(gateways):
    expect_error(gateways(route("r", rule(to="main")), service("main", free_port())), 503, "UF")


def test_a_backend_that_closes_without_an_answer_is_502_uc(simple):
    simple.backend.script = lambda connection, request: False
    expect_error(simple, 502, "UC")


def test_a_backend_that_resets_is_502_uc(simple):
    def reset(connection, request):
        connection.abort()
        return False
    simple.backend.script = reset
    expect_error(simple, 502, "UC")


@pytest.mark.parametrize("garbage", [
    b"this is not HTTP\r\n\r\n",
    b"HTTP/1.1 2000 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200000,
    b"\x00\x01\x02\x03" * 8,
], ids=["text", "status", "two lengths", "bad length", "bad name", "length and chunked", "too large",
        "binary"])
def test_an_answer_that_is_no_http_is_502(simple, garbage):
    def answer(connection, request):
        connection.send(garbage)
        return False
    simple.backend.script = answer
    response = fetch(simple.entry)
    assert response.status == 502
    assert simple.admin("/livez").status == 200


def test_a_silent_backend_is_504_ut_after_the_requests_timeout(gateways, backend):
    it = gateways(route("r", rule(to="main", timeouts={"request": "300ms"})),
                  service("main", backend.port))
    backend.script = lambda connection, request: connection.wait_for_end(30) and False
    began = time.monotonic()
    expect_error(it, 504, "UT")
    assert 0.25 < time.monotonic() - began < 2
    assert backend.connections[0].ended.wait(5), "its connection must not be used again"


def test_the_configured_timeout_holds_where_a_route_names_none(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  request_timeout="400ms")
    backend.script = lambda connection, request: connection.wait_for_end(30) and False
    expect_error(it, 504, "UT")


def test_a_late_head_is_504_ut_after_the_response_timeout(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  response_timeout="400ms")
    backend.script = lambda connection, request: connection.wait_for_end(30) and False
    expect_error(it, 504, "UT")


def test_a_backend_timeout_of_the_route_holds(gateways, backend):
    it = gateways(route("r", rule(to="main", timeouts={"backendRequest": "300ms"})),
                  service("main", backend.port))
    backend.script = lambda connection, request: connection.wait_for_end(30) and False
    expect_error(it, 504, "UT")


def test_a_timeout_of_zero_is_none(gateways, backend):
    it = gateways(route("r", rule(to="main", timeouts={"request": "0s"})),
                  service("main", backend.port), request_timeout="200ms")

    def slow(connection, request):
        time.sleep(0.6)
        echo(connection, request)
    backend.script = slow
    assert fetch(it.entry).status == 200


def test_a_timeout_during_the_answer_cuts_it(gateways, backend):
    it = gateways(route("r", rule(to="main", timeouts={"request": "300ms"})),
                  service("main", backend.port))

    def half(connection, request):
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        connection.wait_for_end(30)
        return False
    backend.script = half
    with Client(it.entry) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.read_head().status == 200
        got = bytearray()
        client.to_the_end(got.extend, 5)
        assert got == b"half"


def test_a_connect_that_hangs_is_503_uf_after_its_timeout(gateways):
    """A full accept queue answers no SYN."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        time.sleep(0.2)
        it = gateways(route("r", rule(to="main")), service("main", port),
                      connect_timeout="300ms")
        expect_error(it, 503, "UF")
        for filler in fillers:
            filler.close()


def test_endpoints_take_turns(gateways, backends):
    them = [backends(str(i)) for i in range(3)]
    it = gateways(route("r", rule(to="main")), service("main", *[b.port for b in them]))
    for _ in range(300):
        assert fetch(it.entry).status == 200
    counts = [len(b.requests) for b in them]
    assert sum(counts) == 300 and min(counts) > 50, counts


def test_weights_share_the_requests(gateways, backends):
    a, b, c = backends("a"), backends("b"), backends("c")
    it = gateways(route("r", rule(to=[("a", 6), ("b", 3), ("c", 0), ("missing", 1)])),
                  service("a", a.port), service("b", b.port), service("c", c.port))
    seen = Counter()
    with Client(it.entry) as client:
        for _ in range(1000):
            response = client.request()
            seen[json.loads(response.body)["backend"] if response.status == 200
                 else response.status] += 1
    # 6 standard deviations of a fair draw; a schedule is closer
    assert abs(seen["a"] - 600) < 95 and abs(seen["b"] - 300) < 90 and abs(seen[500] - 100) < 60
    assert seen["c"] == 0 and sum(seen.values()) == 1000


def test_connections_to_a_backend_are_kept_and_used_again(simple):
    with Client(simple.entry) as client:
        for _ in range(50):
            assert client.request().status == 200
    assert fetch(simple.entry).status == 200
    # one worker may take the client and another the second one; each keeps one connection
    assert len(simple.backend.connections) <= 4


def test_a_backend_that_wants_to_close_gets_no_second_request(simple):
    def closing(connection, request):
        connection.send(ok(b"x", [("Connection", "close")]))
        return False
    simple.backend.script = closing
    for _ in range(10):
        with Client(simple.entry) as client:
            assert client.request().status == 200
    assert [c.requests for c in simple.backend.connections] == [1] * 10


def test_an_http_1_0_backend_is_understood(simple):
    def old(connection, request):
        connection.send(b"HTTP/1.0 200 OK\r\nX: 1\r\n\r\nuntil the end")
        return False
    simple.backend.script = old
    response = fetch(simple.entry)
    assert (response.status, response.body, response.version) == (200, b"until the end", "HTTP/1.1")


def test_a_reset_is_no_end_of_a_body(simple):
    def reset(connection, request):
        connection.send(b"HTTP/1.0 200 OK\r\n\r\nhalf")
        time.sleep(0.3)
        connection.abort()
        return False
    simple.backend.script = reset
    with Client(simple.entry) as client:
        client.send(request_bytes(target="/reset"))
        with pytest.raises(Closed):
            client.read_response()
    assert simple.wait_for_access(path="/reset")[0]["responseFlags"] == "UC"


def test_waiting_requests_are_answered_when_the_backend_is_gone(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), workers=1,
                  upstream_max_connections=1, upstream_max_pending=8)
    release = threading.Event()

    def held(connection, request):
        release.wait(20)
        return False
    backend.script = held
    clients = [Client(it.entry) for _ in range(5)]
    for client in clients:
        client.send(request_bytes())
    wait_until(lambda: backend.requests, 5, "the first request at the backend")
    it.write("objects.yaml", route("r", rule(to="main")), service("main"))
    time.sleep(0.5)
    release.set()
    assert [client.read_response(timeout=5).status for client in clients[1:]] == [503] * 4


def test_a_kept_connection_that_the_backend_closed_is_not_used(simple):
    def once(connection, request):
        echo(connection, request)
        return False
    simple.backend.script = once
    for _ in range(30):
        # A POST: it may not be sent twice, so that a retry cannot hide a stale connection.
        assert fetch(simple.entry, method="POST").status == 200
        time.sleep(0.02)


def test_bytes_behind_an_answer_spoil_the_connection(simple):
    def chatty(connection, request):
        read_body(connection, request)
        connection.send(ok(b"good") + ok(b"unasked for"))
    simple.backend.script = chatty
    for _ in range(5):
        assert fetch(simple.entry).body == b"good"
        time.sleep(0.05)
    assert [c.requests for c in simple.backend.connections] == [1] * 5


def test_too_many_waiting_requests_are_503_cb(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), workers=1,
                  upstream_max_connections=2, upstream_max_pending=3)
    release = threading.Event()

    def held(connection, request):
        release.wait(20)
        echo(connection, request)
    backend.script = held
    clients = [Client(it.entry) for _ in range(8)]
    for client in clients:
        client.send(request_bytes(target="/held"))
    refused = it.wait_for_access(3, path="/held")
    assert [(line["status"], line["responseFlags"]) for line in refused] == [(503, "CB")] * 3
    release.set()
    assert sorted(client.read_response().status for client in clients) == [200] * 5 + [503] * 3
    assert len(backend.connections) == 2


def test_idle_connections_to_a_backend_are_closed_after_their_time(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  upstream_idle_timeout="300ms")
    assert fetch(it.entry).status == 200
    assert backend.connections[0].ended.wait(5)
    assert fetch(it.entry).status == 200


def test_connections_beyond_the_limit_get_503_and_no_silence(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), workers=1,
                  max_connections=4)
    kept = [Client(it.entry) for _ in range(4)]
    assert all(client.request().status == 200 for client in kept)
    with Client(it.entry) as client:
        client.send(request_bytes())
        assert client.read_response(timeout=5).status == 503
        assert client.at_end(5)
    assert all(client.request().status == 200 for client in kept)
    kept.pop().close()
    wait_until(lambda: fetch(it.entry).status == 200, 5, "room for another connection")
