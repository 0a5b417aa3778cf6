"""Gateway API manifests for the benchmarks: one Gateway, one Service on loopback, many routes.

Documents are JSON, which is YAML as well, so that nothing has to be quoted by hand.
"""

import json
from dataclasses import dataclass
from typing import Callable

from .subject import HOST, Target

ROUTES_PER_FILE = 200
GATEWAY_API = "gateway.networking.k8s.io/v1"
NAMESPACE = "bench"


@dataclass(frozen=True)
class Shape:
    """A way in which many routes differ: what the n-th matches, and what is asked of it."""

    hostname: Callable
    match: Callable
    target: Callable
    unknown: Target


def prefix_match(value):
    return {"path": {"type": "PathPrefix", "value": value}}


SHAPES = {
    "hosts": Shape(
        hostname=lambda n: f"h{n:05}.example.com",
        match=lambda n: prefix_match("/"),
        target=lambda n: Target(host=f"h{n:05}.example.com"),
        unknown=Target(host="h99999.example.com")),
    "prefixes": Shape(
        hostname=lambda n: HOST,
        match=lambda n: prefix_match(f"/p{n:05}"),
        target=lambda n: Target(path=f"/p{n:05}/item"),
        unknown=Target(path="/p99999/item")),
    "headers": Shape(
        hostname=lambda n: HOST,
        match=lambda n: {"path": {"type": "Exact", "value": "/item"},
                         "headers": [{"name": "x-variant", "value": f"v{n:05}"}]},
        target=lambda n: Target(path="/item", header=f"x-variant: v{n:05}"),
        unknown=Target(path="/item", header="x-variant: v99999")),
}

PLAIN = Shape(hostname=lambda n: HOST, match=lambda n: prefix_match("/"),
              target=lambda n: Target(), unknown=Target(host="unknown.example.com"))


def document(kind, name, version=GATEWAY_API, labels=None, **fields):
    metadata = {"name": name, "labels": labels or {}}
    if kind != "GatewayClass":
        metadata["namespace"] = NAMESPACE
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


def gateway(port):
    return [
        document("GatewayClass", "nantian-gw",
                 spec={"controllerName": "gateway.networking.k8s.io/nantian-gw"}),
        document("Gateway", "bench", spec={
            "gatewayClassName": "nantian-gw",
            "listeners": [{"name": "http", "port": port, "protocol": "HTTP"}]}),
    ]


def service(backend_port):
    return [
        document("Service", "backend", "v1",
                 spec={"ports": [{"name": "http", "port": 80, "targetPort": backend_port}]}),
        document("EndpointSlice", "backend-1", "discovery.k8s.io/v1",
                 labels={"kubernetes.io/service-name": "backend"}, addressType="IPv4",
                 endpoints=[{"addresses": ["127.0.0.1"], "conditions": {"ready": True}}],
                 ports=[{"name": "http", "port": backend_port, "protocol": "TCP"}]),
    ]


def route(shape, number):
    return document("HTTPRoute", f"route-{number:05}", spec={
        "parentRefs": [{"name": "bench"}],
        "hostnames": [shape.hostname(number)],
        "rules": [{"matches": [shape.match(number)],
                   "backendRefs": [{"name": "backend", "port": 80}]}]})


def write(folder, port, backend_port, shape, count):
    """Fills the folder: one object per document, ROUTES_PER_FILE documents per file of routes."""
    folder.mkdir()
    write_file(folder / "gateway.yaml", gateway(port) + service(backend_port))
    for first in range(0, count, ROUTES_PER_FILE):
        numbers = range(first, min(first + ROUTES_PER_FILE, count))
        write_file(folder / f"routes-{first:05}.yaml", [route(shape, n) for n in numbers])


def write_file(path, documents):
    path.write_text("".join(f"---\n{json.dumps(each)}\n" for each in documents))
