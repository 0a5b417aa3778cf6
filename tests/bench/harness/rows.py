"""The rows of the table: who is compared with whom, under which conditions, and the targets.

The targets are those of the design (docs/benchmarks.md repeats them). A comparison without a
target is there to be read.
"""

from dataclasses import dataclass

from .manifests import SHAPES
from .measure import Conditions
from .nantian import Nantian
from .peers import Envoy, Haproxy, Nginx
from .subject import Twin

BOTH_CORES = frozenset({0, 1})
EACH_CORE = (frozenset({0}), frozenset({1}))
SHARED = Conditions(proxy_cores=BOTH_CORES, load_cores=EACH_CORE, spread=True)
MANY = {"hosts": 10000, "prefixes": 10000, "headers": 1000}
IDLE_CONNECTIONS = 10000
MIB = 1024 * 1024


@dataclass(frozen=True)
class Comparison:
    ours: str
    theirs: str
    target: float = None


@dataclass(frozen=True)
class Row:
    """CPU time per request of some subjects, compared in pairs."""

    key: str
    title: str
    comparisons: tuple
    conditions: Conditions = Conditions()

    def subjects(self):
        names = [name for each in self.comparisons for name in (each.ours, each.theirs)]
        return list(dict.fromkeys(names))


def named(*subjects):
    return {subject.name: subject for subject in subjects}


SUBJECTS = named(
    Nantian("nantian"), Nantian("nantian-log", logs=True),
    Nantian("nantian-2", workers=2), Twin("nantian-twin", Nantian("nantian")),
    Nginx("nginx"), Nginx("nginx-again"), Nginx("nginx-log", logs=True),
    Nginx("nginx-no-id", request_id=False),
    Nginx("nginx-log-buffered", logs=True, buffered=True),
    Nginx("nginx-2", workers=2), Twin("nginx-twin", Nginx("nginx")),
    Haproxy("haproxy"), Haproxy("haproxy-log", logs=True), Haproxy("haproxy-tcp", tcp=True),
    Envoy("envoy"), Envoy("envoy-log", logs=True),
    *(Nantian(f"nantian-{name}-{count}", shape=shape, count=count, requests=MANY[name])
      for name, shape in SHAPES.items() for count in (1, MANY[name])),
)

RATIO_ROWS = (
    Row("http", "CPU per request, HTTP/1.1 proxying with routing, metrics on", (
        Comparison("nantian", "nginx", 0.85), Comparison("nantian", "haproxy", 0.80),
        Comparison("nantian", "envoy", 0.27), Comparison("nantian", "haproxy-tcp", 1.15),
        Comparison("nantian", "nginx-no-id"))),
    Row("logs", "the same with access logs", (
        Comparison("nantian-log", "nginx-log", 0.85),
        Comparison("nantian-log", "nginx-log-buffered"),
        Comparison("nantian-log", "haproxy-log"), Comparison("nantian-log", "envoy-log"))),
    Row("workers", "CPU per request with 2 workers against 1", (
        Comparison("nantian-2", "nantian", 1.05), Comparison("nginx-2", "nginx"))),
    Row("sharing", "2 workers on two cores against two processes with 1 worker", (
        Comparison("nantian-2", "nantian-twin", 1.05), Comparison("nginx-2", "nginx-twin"),
        Comparison("nantian-2", "nantian")), SHARED),
    Row("routes", "many routes against 1", tuple(
        Comparison(f"nantian-{name}-{count}", f"nantian-{name}-1", 1.1)
        for name, count in MANY.items())),
    Row("same", "nginx against itself: what the method makes of no difference", (
        Comparison("nginx-again", "nginx"),)),
)

IDLE_SUBJECTS = ("nantian", "nginx", "haproxy", "envoy")
IDLE_TARGET_MIB = 40
RUNTIME_TARGETS = {"trains": 250, "alone": 1000}
KEYS = tuple(row.key for row in RATIO_ROWS) + ("runtime", "idle")
