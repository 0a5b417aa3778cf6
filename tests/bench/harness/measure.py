"""One measurement: the CPU time of a proxy per request, or a reason why there is none."""

import time
from dataclasses import dataclass

from . import cpu
from .load import Load
from .subject import Fault, running

WARM_SECONDS = 0.4
SETTLE_SECONDS = 0.1  # so that work put off until after the answer is charged too
RECONNECTS_PER_REQUEST = 1e-3


@dataclass(frozen=True)
class Conditions:
    """What all subjects of a row have in common."""

    seconds: float = 2.0
    connections: int = 64
    proxy_cores: frozenset = frozenset({1})
    load_cores: tuple = (frozenset({1}),)  # a client and a backend for each
    spread: bool = False  # the busiest threads of the proxy are pinned, one per core


@dataclass(frozen=True)
class Sample:
    """What one subject did in one round."""

    subject: str
    requests: int
    seconds: float
    nanoseconds: int
    user: float
    system: float
    steal: float

    @property
    def microseconds(self):
        """CPU time per request."""
        return self.nanoseconds / self.requests / 1000


def check_backend(name, before, after, requests):
    """The backend must have seen each request once, over connections that are kept."""
    seen = after["requests"] - before["requests"]
    if seen != requests:
        raise Fault(f"{name}: the client sent {requests} requests, the backend saw {seen}")
    opened = after["connections"] - before["connections"]
    if opened > requests * RECONNECTS_PER_REQUEST:
        raise Fault(f"{name}: {opened} new connections to the backend for {requests} requests")


def check_log(proxy, requests):
    """One line per request, no sampling; a few more for the requests of the harness."""
    with open(proxy.place.log, "rb") as file:
        lines = sum(1 for _ in file)
    if not requests <= lines <= requests + 2000:
        raise Fault(f"{proxy.subject.name}: {lines} lines of access log for {requests} requests")


def warm_requests(load, subject):
    """Enough to use every connection, and nearly every target: 1 - exp(-4) of them."""
    return 4 * max(load.connections, len(subject.targets))


def window(proxy, load, backend, conditions):
    """Warm-up, then the measured window; counters are read while nothing is in flight."""
    name = proxy.subject.name
    sent = load.run(f"requests {warm_requests(load, proxy.subject)}")["sent"]
    if conditions.spread:
        cpu.spread(proxy.pid, conditions.proxy_cores)
    sent += load.run(f"seconds {WARM_SECONDS}")["sent"]
    time.sleep(SETTLE_SECONDS)
    seen, steal, before = backend.stats(), cpu.steal_seconds(), cpu.usage(proxy.pid)
    report = load.run(f"seconds {conditions.seconds}")
    time.sleep(SETTLE_SECONDS)
    proxy.check_alive()
    after = cpu.usage(proxy.pid)
    if before.pids != after.pids:
        raise Fault(f"{name}: its processes changed from {before.pids} to {after.pids}")
    check_backend(name, seen, backend.stats(), report["sent"])
    sample = Sample(name, report["ok"], report["elapsed"], after.nanoseconds - before.nanoseconds,
                    after.user - before.user, after.system - before.system,
                    cpu.steal_seconds() - steal)
    return sample, sent + report["sent"]


def measure(subject, backend, conditions, seed=1):
    """Starts the subject, checks that it does its work, measures, stops it; gives the Sample."""
    with running(subject, backend.port, conditions.proxy_cores) as proxy:
        proxy.check_routing()
        proxy.check_headers()
        with Load(proxy.place.ports, subject.targets, backend.body, conditions.load_cores,
                  proxy.place.folder, conditions.connections, seed=seed) as load:
            sample, sent = window(proxy, load, backend, conditions)
        proxy.stop()
        if subject.logs:
            check_log(proxy, sent)
    return sample
