"""Requests travel through the actors' ZeroMQ queues and no other way: with a preloaded library
that swallows every ZeroMQ send, no request is answered."""

from pathlib import Path

import pytest

from harness.client import Client, Closed, fetch
from harness.gateway import ROOT
from harness.manifests import route, rule, service

pytestmark = pytest.mark.release_only  # a sanitizer has to come before a preloaded library

LIBRARY = ROOT / "build/release/tests/swallow_zmq.so"


@pytest.fixture(params=[1, 2], ids=["1 worker", "2 workers"])
def preloaded(request, gateways, backend, tmp_path):
    trigger = Path(tmp_path / "trigger")
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  workers=request.param,
                  env={"LD_PRELOAD": str(LIBRARY), "SWALLOW_ZMQ_TRIGGER": str(trigger)})
    it.trigger, it.backend = trigger, backend
    return it


def answered(port, target="/", client=None):
    """Whether a request gets 200 within a second."""
    try:
        if client:
            return client.request(target=target, timeout=1).status == 200
        return fetch(port, target, timeout=1).status == 200
    except (OSError, TimeoutError, Closed):
        return False


def test_the_library_alone_changes_nothing(preloaded):
    assert all(answered(preloaded.entry) for _ in range(20))


def test_without_zmq_sends_every_request_fails(preloaded):
    kept = [Client(preloaded.entry) for _ in range(5)]
    assert all(answered(preloaded.entry, client=client) for client in kept)
    seen = len(preloaded.backend.requests)
    preloaded.trigger.touch()
    assert not any(answered(preloaded.entry, client=client) for client in kept)
    assert not any(answered(preloaded.entry) for _ in range(5))
    assert len(preloaded.backend.requests) == seen, "no request reaches a backend either"
