"""Builders for Gateway API objects, as plain dictionaries, and the writer that puts them into a
folder the way an operator's tool does: whole files, moved into place."""

import os

import yaml

API = "gateway.networking.k8s.io/v1"
CLASS = "nantian-gw"
CONTROLLER = "gateway.networking.k8s.io/nantian-gw"


def obj(api, kind, name, spec=None, namespace="default", **members):
    meta = {"name": name}
    if namespace:
        meta["namespace"] = namespace
    document = {"apiVersion": api, "kind": kind, "metadata": meta, **members}
    if spec is not None:
        document["spec"] = spec
    return document


def gateway_class():
    return obj(API, "GatewayClass", CLASS, {"controllerName": CONTROLLER}, namespace=None)


def listener(name, port, hostname=None):
    entry = {"name": name, "port": port, "protocol": "HTTP"}
    if hostname:
        entry["hostname"] = hostname
    return entry


def gateway(*listeners, name="web"):
    return obj(API, "Gateway", name, {"gatewayClassName": CLASS, "listeners": list(listeners)})


def match(path=None, prefix=None, method=None, headers=None, query=None):
    """One entry of a rule's matches."""
    entry = {}
    if path is not None:
        entry["path"] = {"type": "Exact", "value": path}
    if prefix is not None:
        entry["path"] = {"type": "PathPrefix", "value": prefix}
    if method:
        entry["method"] = method
    if headers:
        entry["headers"] = [{"name": n, "value": v} for n, v in headers.items()]
    if query:
        entry["queryParams"] = [{"name": n, "value": v} for n, v in query.items()]
    return entry


def rule(matches=None, to=(), **members):
    """A rule. `to` names a service, or is a list of names and (name, weight) pairs."""
    refs = []
    for target in [to] if isinstance(to, str) else to:
        name, weight = (target, 1) if isinstance(target, str) else target
        refs.append({"name": name, "port": 80, "weight": weight})
    entry = {**members}
    if matches is not None:
        entry["matches"] = matches if isinstance(matches, list) else [matches]
    if refs:
        entry["backendRefs"] = refs
    return entry


def route(name, *rules, hosts=(), parent="web", section=None):
    ref = {"name": parent}
    if section:
        ref["sectionName"] = section
    spec = {"parentRefs": [ref], "rules": list(rules)}
    if hosts:
        spec["hostnames"] = list(hosts)
    return obj(API, "HTTPRoute", name, spec)


def service(name, *ports, ready=True):
    """A Service with port 80 and an EndpointSlice for each port of 127.0.0.1."""
    objects = [obj("v1", "Service", name, {"ports": [{"name": "http", "port": 80,
                                                      "targetPort": 80}]})]
    for port in ports:
        piece = obj("discovery.k8s.io/v1", "EndpointSlice", f"{name}-{port}")
        piece["metadata"]["labels"] = {"kubernetes.io/service-name": name}
        piece.update(addressType="IPv4", ports=[{"name": "http", "port": port}],
                     endpoints=[{"addresses": ["127.0.0.1"], "conditions": {"ready": ready}}])
        objects.append(piece)
    return objects


def flatten(objects):
    for item in objects:
        if isinstance(item, dict):
            yield item
        else:
            yield from flatten(item)


def to_yaml(*objects):
    return yaml.safe_dump_all(flatten(objects), sort_keys=False)


def write(folder, name, content):
    """Puts a file into the folder in one step; the text is written somewhere else before."""
    scratch = folder.parent / f".{name}.new"
    scratch.write_text(content)
    os.replace(scratch, folder / name)


def write_objects(folder, name, *objects):
    write(folder, name, to_yaml(*objects))
