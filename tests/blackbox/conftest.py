"""Fixtures of the black-box tests. Every process and socket is this test's own, and ends with it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness.backend import Backend, echo, free_port  # noqa: E402
from harness.gateway import Gateway  # noqa: E402
from harness.manifests import gateway, gateway_class, listener, route, rule, service  # noqa: E402


@pytest.fixture
def backend():
    with Backend() as it:
        yield it


@pytest.fixture
def backends():
    """A maker of backends that are stopped with the test: backends("a"), backends("b", script)."""
    made = []

    def make(name="backend", script=echo, **options):
        made.append(Backend(name, script, **options))
        return made[-1]
    yield make
    for it in made:
        it.stop()


@pytest.fixture
def gateways(tmp_path):
    """A maker of gateways: gateways(objects, **options) writes the objects to one file, starts,
    waits until ready, and gives a Gateway with `entry`, the port of its listener "http"."""
    made = []

    def make(*objects, hostname=None, **options):
        it = Gateway(tmp_path / f"gateway-{len(made)}", **options)
        made.append(it)
        start(it, objects, hostname)
        return it
    yield make
    for it in made:
        it.finish()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Like gateways, for a module whose tests share one process."""
    made = []

    def make(*objects, hostname=None, **options):
        it = Gateway(tmp_path_factory.mktemp("gateway"), **options)
        made.append(it)
        start(it, objects, hostname)
        return it
    yield make
    for it in made:
        it.finish()


def start(it, objects, hostname):
    it.entry = free_port()
    it.write("base.yaml", gateway_class(), gateway(listener("http", it.entry, hostname)))
    if objects:
        it.write("objects.yaml", *objects)
    it.start()


@pytest.fixture
def simple(gateways, backend):
    """A gateway in front of one backend that gets everything; its member `backend`."""
    it = gateways(route("all", rule(to="main")), service("main", backend.port))
    it.backend = backend
    return it
