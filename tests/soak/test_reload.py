"""5,000 routes in 5,000 files, one change every 50 ms for a minute, under load."""

import threading
import time

import pytest

from harness.backend import ok
from harness.client import Client, fetch
from harness.manifests import match, route, rule, service

ROUTES, SECONDS, PERIOD = 5000, 60, 0.05
GROWTH = 4 * 1024 * 1024


class Load:
    """Clients that never retry; half of their requests are on a connection of their own."""

    def __init__(self, port, clients=4):
        self.port = port
        self.stopped = threading.Event()
        self.done, self.failures = [0] * clients, []
        self.threads = [threading.Thread(target=self.run, args=(i,), daemon=True)
                        for i in range(clients)]

    def ask(self, kept, i):
        response = fetch(self.port, "/stable") if i % 2 else kept.request(target="/stable")
        if response.status != 200 or response.body != b"a":
            raise AssertionError(f"{response.status} {response.body!r}")

    def run(self, number):
        kept, i = Client(self.port), 0
        while not self.stopped.is_set():
            i += 1
            try:
                self.ask(kept, i)
                self.done[number] += 1
            except Exception as error:  # every kind of failure counts
                self.failures.append(repr(error))
                kept = Client(self.port)
        kept.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join(15)


@pytest.fixture
def world(gateways, backends):
    def answer(name):
        return lambda connection, request: connection.send(ok(name.encode()))
    a, b = backends("a", answer("a")), backends("b", answer("b"))
    it = gateways(service("a", a.port), service("b", b.port))
    it.a = a
    for i in range(ROUTES):
        write(it, i, "a")
    it.write("stable.yaml", route("stable", rule(match(path="/stable"), "a")))
    deadline = time.monotonic() + 60
    while fetch(it.entry, "/stable").status != 200 or reached(it, ROUTES - 1) != b"a":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return it


def write(world, i, backend):
    world.write(f"r{i:04}.yaml", route(f"r{i}", rule(match(path=f"/{i}"), backend),
                                       hosts=[f"h{i}.test"]))


def reached(world, i):
    return fetch(world.entry, f"/{i}", f"h{i}.test").body


def time_until(world, i, backend, limit=5):
    """From the file's change to the first answer by the new route, polled over one connection."""
    with Client(world.entry) as client:
        began = time.monotonic()
        write(world, i, backend)
        while client.request(target=f"/{i}", host=f"h{i}.test").body != backend.encode():
            assert time.monotonic() - began < limit, f"route {i} did not change"
        return time.monotonic() - began


def test_the_load_notices_one_planted_failure(world):
    failed = threading.Event()

    def once(connection, request):
        if failed.is_set():
            return connection.send(ok(b"a"))
        failed.set()
        return connection.send(b"HTTP/1.1 500 Planted\r\nContent-Length: 0\r\n\r\n")
    with Load(world.entry) as load:
        time.sleep(0.5)
        world.a.script = once
        time.sleep(1)
    assert len(load.failures) == 1 and "500" in load.failures[0], load.failures


def test_a_minute_of_edits(world):
    memory, times = [], []
    with Load(world.entry) as load:
        began = time.monotonic()
        edits = int(SECONDS / PERIOD)
        for n in range(edits):
            i, backend = n * 23 % ROUTES, "ab"[(n // ROUTES + n + 1) % 2]
            times.append(time_until(world, i, backend)) if n % 4 == 0 else write(world, i, backend)
            memory.append(world.rss())
            time.sleep(max(0.0, began + (n + 1) * PERIOD - time.monotonic()))
    times = sorted(t * 1000 for t in times if t)
    growth = max(memory[-100:]) - max(memory[100:200])
    print(f"\n{edits} edits, {sum(load.done)} requests, {len(load.failures)} failed; change to live: "
          f"mean {sum(times) / len(times):.1f} ms, p99 {times[int(len(times) * 0.99)]:.1f} ms, "
          f"max {times[-1]:.1f} ms; memory {memory[-1] / 2**20:.1f} MiB, {growth / 1024:+.0f} KiB")
    assert not load.failures, load.failures[:5]
    assert sum(load.done) > 1000 and growth < GROWTH
