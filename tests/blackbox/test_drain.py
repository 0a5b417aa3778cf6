"""SIGTERM: readiness fails first, what is under way ends well, nothing is refused too early."""

import json
import signal
import threading
import time

import pytest

from harness.backend import echo
from harness.client import Client, fetch, request_bytes
from harness.gateway import PRESET, wait_until
from harness.manifests import route, rule, service


@pytest.fixture
def draining(gateways, backend):
    """A gateway that accepts for a second after SIGTERM and then drains for at most ten."""
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  drain_delay="1s", drain_period="10s")
    it.backend = backend
    for name in ("traffic", "dataplane_admin", "controlplane_admin"):
        it.port(name)
    return it


def test_readiness_fails_first_and_liveness_stays(draining):
    draining.process.send_signal(signal.SIGTERM)
    wait_until(lambda: draining.admin("/readyz").status == 503, 1, "unreadiness")
    assert draining.admin("/livez").status == 200
    assert fetch(draining.entry).status == 200, "it still accepts"
    assert draining.process.wait(10) == 0


def test_new_connections_are_accepted_during_the_delay_and_told_to_close(draining):
    draining.process.send_signal(signal.SIGTERM)
    wait_until(lambda: draining.admin("/readyz").status == 503, 1, "unreadiness")
    with Client(draining.entry) as client:
        response = client.request()
        assert response.status == 200
    assert draining.process.wait(10) == 0


def test_a_request_under_way_ends_well(draining):
    release = threading.Event()

    def slow(connection, request):
        release.wait(20)
        echo(connection, request)
    draining.backend.script = slow
    with Client(draining.entry) as client:
        client.send(request_bytes(target="/slow"))
        wait_until(lambda: draining.backend.requests, 5, "the request")
        draining.process.send_signal(signal.SIGTERM)
        time.sleep(2)
        assert draining.process.poll() is None, "it waits for the request"
        release.set()
        response = client.read_response()
        assert response.status == 200 and client.at_end(5)
    assert draining.process.wait(10) == 0


def test_a_body_under_way_ends_well(draining):
    with Client(draining.entry) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfirst")
        wait_until(lambda: draining.backend.requests, 5, "the request")
        draining.process.send_signal(signal.SIGTERM)
        time.sleep(1.5)
        client.send(b"again")
        assert json.loads(client.read_response().body)["body_bytes"] == 10
    assert draining.process.wait(10) == 0


def test_an_idle_connection_is_closed(draining):
    with Client(draining.entry) as client:
        assert client.request().status == 200
        draining.process.send_signal(signal.SIGTERM)
        assert client.at_end(5)
    assert draining.process.wait(10) == 0


def test_new_connections_are_refused_after_the_delay(draining):
    draining.backend.script = lambda connection, request: connection.wait_for_end(30) and False
    with Client(draining.entry) as client:
        client.send(request_bytes())
        wait_until(lambda: draining.backend.requests, 5, "the request")
        draining.process.send_signal(signal.SIGTERM)

        def refused():
            try:
                Client(draining.entry).close()
                return False
            except ConnectionRefusedError:
                return True
        wait_until(refused, 5, "the end of accepting")


def test_a_request_that_never_ends_does_not_outlive_the_period(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  drain_delay="0s", drain_period="1s")
    backend.script = lambda connection, request: connection.wait_for_end(60) and False
    with Client(it.entry) as client:
        client.send(request_bytes())
        wait_until(lambda: backend.requests, 5, "the request")
        began = time.monotonic()
        assert it.terminate() == 0
        assert 0.5 < time.monotonic() - began < 4


def test_no_request_fails_under_load(draining):
    """Clients that open a new connection for each request and stop at the first refusal, which may
    come only after readiness has failed."""
    failures, refused_at, counts = [], [], []

    def run():
        count = 0
        while True:
            try:
                client = Client(draining.entry)
            except (ConnectionRefusedError, ConnectionResetError):
                # A handshake that the closing of the socket cuts in two is reset, and as good as
                # refused: nothing was sent.
                refused_at.append(time.monotonic())
                break
            try:
                with client:
                    assert client.request(fields=[("Connection", "close")]).status == 200
                    count += 1
            except Exception as error:
                failures.append(repr(error))
                break
        counts.append(count)
    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    began = time.monotonic()
    draining.process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join(20)
    assert draining.process.wait(10) == 0
    assert not failures, failures
    assert sum(counts) > 50 and min(refused_at) - began > 0.8


def test_kept_connections_lose_no_request(draining):
    """A client on a kept connection may see it close only between requests, after an answer."""
    failures = []

    def run():
        with Client(draining.entry) as client:
            while True:
                try:
                    response = client.request()
                except Exception as error:
                    failures.append(repr(error))
                    return
                if response.get("Connection", "").lower() == "close":
                    return
    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    draining.process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join(20)
    assert draining.process.wait(10) == 0
    assert not failures, failures


if PRESET != "tsan":  # its runtime holds signals back while a thread is in a join
    def test_a_second_signal_ends_it_at_once(draining):
        draining.backend.script = lambda connection, request: connection.wait_for_end(30) and False
        with Client(draining.entry) as client:
            client.send(request_bytes())
            wait_until(lambda: draining.backend.requests, 5, "the request")
            draining.process.send_signal(signal.SIGTERM)
            wait_until(lambda: draining.admin("/readyz").status == 503, 1, "unreadiness")
            draining.process.send_signal(signal.SIGINT)
            assert draining.process.wait(1) == 1


def test_sigterm_during_start_ends_it(gateways, tmp_path):
    it = gateways()
    it.kill()
    it.start(ready=False)
    time.sleep(0.02)
    assert it.terminate(10) in (0, -signal.SIGTERM)
