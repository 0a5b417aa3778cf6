"""Manifests that change while requests pass."""

import json
import os
import threading
import time

import pytest

from harness import names
from harness.backend import free_port
from harness.client import Client, fetch
from harness.gateway import wait_until
from harness.manifests import gateway, listener, match, route, rule, service, to_yaml


def reached(gateway, target="/", host="x.test"):
    response = fetch(gateway.entry, target, host)
    return json.loads(response.body)["backend"] if response.status == 200 else response.status


def becomes(gateway, expected, target="/", host="x.test", timeout=5):
    wait_until(lambda: reached(gateway, target, host) == expected, timeout, f"{target}: {expected}")


@pytest.fixture
def world(gateways, backends):
    a, b = backends("a"), backends("b")
    it = gateways(service("a", a.port), service("b", b.port))
    it.a, it.b = a, b
    return it


def test_a_new_file_applies(world):
    assert reached(world) == 404
    world.write("new.yaml", route("r", rule(to="a")))
    becomes(world, "a")


def test_an_edited_file_applies(world):
    world.write("r.yaml", route("r", rule(to="a")))
    becomes(world, "a")
    world.write("r.yaml", route("r", rule(to="b")))
    becomes(world, "b")


def test_a_file_edited_in_place_is_never_read_half(world):
    text = to_yaml(route("r", rule(match(prefix="/first"), "a"), rule(match(prefix="/last"), "b")))
    cut = text.index("/last")
    with open(world.manifests / "r.yaml", "w", encoding="utf-8") as file:
        file.write(text[:cut])
        file.flush()
        os.fsync(file.fileno())
        time.sleep(0.5)
        assert reached(world, "/first") == 404, "the writer has not closed the file yet"
        file.write(text[cut:])
    becomes(world, "b", "/last")
    assert reached(world, "/first") == "a"
    assert not world.log_lines(names.LOG_MANIFEST_REJECTED)


def test_a_renamed_file_keeps_its_objects(world):
    world.write("r.yaml", route("r", rule(to="a")))
    becomes(world, "a")
    os.rename(world.manifests / "r.yaml", world.manifests / "s.yaml")
    for _ in range(30):
        assert reached(world) in ("a", 404)
        time.sleep(0.01)
    becomes(world, "a")


def test_a_deleted_file_takes_its_objects_away(world):
    world.write("r.yaml", route("r", rule(to="a")))
    becomes(world, "a")
    os.unlink(world.manifests / "r.yaml")
    becomes(world, 404)


def test_a_file_moved_out_and_in_again(world):
    world.write("r.yaml", route("r", rule(to="a")))
    becomes(world, "a")
    os.rename(world.manifests / "r.yaml", world.folder / "r.yaml")
    becomes(world, 404)
    os.rename(world.folder / "r.yaml", world.manifests / "r.yaml")
    becomes(world, "a")


def test_a_document_taken_out_of_a_file_goes(world):
    world.write("r.yaml", route("one", rule(match(path="/1"), "a")),
                route("two", rule(match(path="/2"), "b")))
    becomes(world, "b", "/2")
    world.write("r.yaml", route("one", rule(match(path="/1"), "a")))
    becomes(world, 404, "/2")
    assert reached(world, "/1") == "a"


def test_a_new_endpoint_applies_and_an_old_one_goes(world):
    world.write("r.yaml", route("r", rule(to="c")))
    world.write("c.yaml", service("c", world.a.port))
    becomes(world, "a")
    world.write("c.yaml", service("c", world.b.port))
    becomes(world, "b")
    for _ in range(20):
        assert reached(world) == "b"


def test_a_mounted_config_map_is_followed(gateways, backends, tmp_path):
    """Kubernetes swaps the link ..data; the files themselves are links through it."""
    a, b = backends("a"), backends("b")
    it = gateways(service("a", a.port), service("b", b.port))
    for version, backend in (("..v1", "a"), ("..v2", "b")):
        (it.manifests / version).mkdir()
        (it.manifests / version / "r.yaml").write_text(to_yaml(route("r", rule(to=backend))))
    os.symlink("..v1", it.manifests / "..data")
    os.symlink("..data/r.yaml", it.manifests / "r.yaml")
    becomes(it, "a")
    os.symlink("..v2", it.manifests / "..data_tmp")
    os.rename(it.manifests / "..data_tmp", it.manifests / "..data")
    becomes(it, "b")


# broken files: what was there before stays, and the log says where

BROKEN = {
    "a wrong type": ("""\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: bad, namespace: default}
spec:
  parentRefs: [{name: web}]
  rules:
  - matches:
    - path: {type: PathPrefix, value: 7up}
""", 8, "HTTPRoute default/bad", "spec.rules[0].matches[0].path.value"),
    "an unknown field": ("""\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: bad, namespace: default}
spec:
  parentRefs: [{name: web}]
  rulez: []
""", 6, "HTTPRoute default/bad", "spec.rulez"),
    "a number out of range": ("""\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: bad, namespace: default}
spec:
  parentRefs: [{name: web}]
  rules:
  - backendRefs:
    - name: a
      port: 70000
""", 9, "HTTPRoute default/bad", "spec.rules[0].backendRefs[0].port"),
    "a required field that is missing": ("""\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: bad, namespace: default}
spec:
  listeners: []
""", None, "Gateway default/bad", "spec.gatewayClassName"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_object_is_named_and_changes_nothing_else(world, name):
    text, line, obj, field = BROKEN[name]
    world.write("good.yaml", route("good", rule(to="a")))
    becomes(world, "a")
    world.write_text("bad.yaml", text)
    said = world.wait_for_log(names.LOG_MANIFEST_REJECTED, file="bad.yaml")
    assert said["object"] == obj and said["field"] == field and said["reason"]
    assert line is None or said["line"] == line
    assert said["level"] in ("warn", "error")
    assert reached(world) == "a" and world.admin("/readyz").status == 200


def test_a_file_that_is_no_yaml_is_named_with_its_line(world):
    world.write("r.yaml", route("r", rule(to="a")))
    becomes(world, "a")
    world.write_text("r.yaml", "kind: HTTPRoute\n  metadata: {\n")
    said = world.wait_for_log(names.LOG_MANIFEST_REJECTED, file="r.yaml")
    assert said["line"] in (2, 3) and said["reason"]
    time.sleep(0.3)
    assert reached(world) == "a", "what the file held before stays"


def test_a_broken_object_of_a_file_keeps_its_old_self_and_the_others_apply(world):
    world.write("r.yaml", route("one", rule(match(path="/1"), "a")),
                route("two", rule(match(path="/2"), "a")))
    becomes(world, "a", "/2")
    broken = route("one", rule(match(path="no slash"), "b"))
    world.write("r.yaml", broken, route("two", rule(match(path="/2"), "b")))
    becomes(world, "b", "/2")
    assert reached(world, "/1") == "a"
    world.wait_for_log(names.LOG_MANIFEST_REJECTED, object="HTTPRoute default/one")


def test_a_mended_file_applies(world):
    world.write_text("r.yaml", "{")
    world.wait_for_log(names.LOG_MANIFEST_REJECTED, file="r.yaml")
    world.write("r.yaml", route("r", rule(to="a")))
    becomes(world, "a")


def test_what_is_no_manifest_is_left_alone(world):
    for name in ("notes.txt", ".hidden.yaml", "r.yaml~", "r.yaml.swp"):
        world.write_text(name, "{")
    world.write("r.yaml", route("r", rule(to="a")))
    becomes(world, "a")
    assert not world.log_lines(names.LOG_MANIFEST_REJECTED)


def test_the_gateway_starts_with_a_broken_file_in_the_folder(gateways, backends):
    it = gateways(service("a", backends("a").port), route("r", rule(to="a")))
    it.kill()
    it.write_text("bad.yaml", "{")
    it.start()
    assert reached(it) == "a"
    it.wait_for_log(names.LOG_MANIFEST_REJECTED, file="bad.yaml")


# under load

class Load:
    """Clients that never retry, each on its own kept connection; they count what went wrong."""

    def __init__(self, port, clients=4, target="/stable"):
        self.port, self.target = port, target
        self.stopped = threading.Event()
        self.done = 0
        self.failures = []
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(clients)]

    def run(self):
        with Client(self.port) as client:
            while not self.stopped.is_set():
                try:
                    response = client.request(target=self.target)
                    if response.status != 200:
                        raise AssertionError(f"status {response.status}")
                    self.done += 1
                except Exception as error:  # every kind of failure counts
                    self.failures.append(repr(error))
                    return

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.stopped.set()
        for thread in self.threads:
            thread.join(15)


def test_edits_under_load_fail_no_request(world):
    world.write("stable.yaml", route("stable", rule(match(path="/stable"), "a")))
    becomes(world, "a", "/stable")
    with Load(world.entry) as load:
        for i in range(100):
            world.write("moving.yaml", route("moving", rule(match(path=f"/v{i}"), "ab"[i % 2])))
            time.sleep(0.02)
        becomes(world, "b", "/v99")
    assert load.done > 100 and not load.failures, load.failures


def test_endpoint_changes_under_load_fail_no_request(world):
    world.write("r.yaml", route("r", rule(to="c")))
    world.write("c.yaml", service("c", world.a.port))
    becomes(world, "a")
    with Load(world.entry, target="/") as load:
        for i in range(50):
            world.write("c.yaml", service("c", (world.a, world.b)[i % 2].port))
            time.sleep(0.04)
    assert load.done > 100 and not load.failures, load.failures
    assert world.a.requests and world.b.requests


def test_listeners_come_and_go_under_load(world):
    world.write("stable.yaml", route("stable", rule(match(path="/stable"), "a")))
    becomes(world, "a", "/stable")
    with Load(world.entry) as load:
        for i in range(10):
            port = free_port()
            world.write("extra.yaml", gateway(listener("extra", port), name=f"extra-{i}"),
                        route("extra", rule(to="b"), parent=f"extra-{i}"))
            world.port(f"default/extra-{i}/extra")
            wait_until(lambda: answers(port), 5, "the new listener")
            os.unlink(world.manifests / "extra.yaml")
            wait_until(lambda: not answers(port), 5, "the end of the old listener")
    assert not load.failures, load.failures


def answers(port):
    try:
        return fetch(port).status == 200
    except OSError:
        return False


@pytest.mark.release_only  # a sanitizer keeps freed memory
def test_five_thousand_routes_in_five_thousand_files(world):
    """A shorter form of tests/soak/test_reload.py: changes are seen, nothing fails, memory is flat."""
    for i in range(5000):
        world.write(f"r{i:04}.yaml", route(f"r{i}", rule(match(path=f"/{i}"), "a"),
                                           hosts=[f"h{i}.test"]))
    world.write("stable.yaml", route("stable", rule(match(path="/stable"), "a")))
    becomes(world, "a", "/4999", "h4999.test", timeout=60)
    becomes(world, "a", "/stable")
    memory = []
    with Load(world.entry) as load:
        for i in range(200):
            name = f"{i * 23 % 5000}"
            world.write(f"r{int(name):04}.yaml", route(
                f"r{name}", rule(match(path=f"/{name}"), "ab"[i % 2]), hosts=[f"h{name}.test"]))
            time.sleep(0.05)
            memory.append(world.rss())
        last = f"{199 * 23 % 5000}"
        becomes(world, "b", f"/{last}", f"h{last}.test")
    assert load.done > 100 and not load.failures, load.failures
    growth = max(memory[150:]) - max(memory[20:60])
    assert growth < 4 * 1024 * 1024, growth
