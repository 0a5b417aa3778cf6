"""The admin endpoints of both planes, and the metrics."""

import json
import shutil
import subprocess
import time

import pytest

from harness import names
from harness.backend import echo
from harness.client import Client, fetch
from harness.gateway import PRESET, ROOT, wait_until
from harness.manifests import match, route, rule, service

SECRET = "s3cr3t-token-of-this-test"


def ask(gateway, target, plane="dataplane_admin", token=None, **options):
    fields = [("Authorization", f"Bearer {token}")] if token else []
    return gateway.admin(target, plane, fields=fields, **options)


@pytest.mark.parametrize("plane", ["dataplane_admin", "controlplane_admin"])
def test_livez_and_readyz(simple, plane):
    assert simple.admin("/livez", plane).status == 200
    assert simple.admin("/readyz", plane).status == 200


@pytest.mark.parametrize("plane", ["dataplane_admin", "controlplane_admin"])
def test_an_unknown_path_is_404_and_a_wrong_method_405(simple, plane):
    assert simple.admin("/nothing", plane).status == 404
    assert simple.admin("/livez", plane, method="DELETE").status == 405


def test_readyz_says_what_is_missing(gateways, backend):
    """The process is asked from its first moment on."""
    it = gateways()
    it.kill()
    it.start(ready=False)
    seen = set()

    def ready():
        try:
            response = it.admin("/readyz")
        except OSError:
            return False
        seen.add((response.status, response.body))
        return response.status == 200
    wait_until(ready, 10, "readiness")
    assert all(status == 200 or (status == 503 and body.strip()) for status, body in seen)


def test_actors_are_listed_with_their_statistics(simple):
    assert fetch(simple.entry).status == 200
    actors = simple.admin_json("/v1/actors")["actors"]
    listed = {entry["name"].split("/")[0] for entry in actors}
    for name in ("listener", "connection", "router", "upstream", "snapshot", "metrics",
                 "access_log", "admin", "file_watch", "store", "translator"):
        assert name in listed, name
    router = [entry for entry in actors if entry["name"].startswith("router/")]
    assert sum(entry["handled"] for entry in router) > 0


def test_no_message_waits_for_an_idle_actor(simple):
    """Also after many scrapes: what arrives in the system lane is counted out as well as in."""
    for _ in range(50):
        simple.metrics()
    waiting = {entry["name"]: entry["mailbox"]
               for entry in simple.admin_json("/v1/actors")["actors"]}
    assert max(waiting.values()) <= 3, waiting


def test_one_actor_describes_its_state(simple):
    state = simple.admin_json("/v1/actors/router/1")
    assert state["name"] == "router/1"
    assert simple.admin("/v1/actors/nobody").status == 404


def traced(gateway, request_id):
    def found():
        response = gateway.admin(f"/v1/trace/{request_id}")
        return json.loads(response.body) if response.status == 200 else None
    return wait_until(found, 5, "the trace")


def test_the_trace_of_a_request_shows_its_way(simple):
    request_id = "11112222333344445555666677778888"
    assert fetch(simple.entry, fields=[("X-Request-Id", request_id)]).status == 200
    text = json.dumps(traced(simple, request_id))
    for name in ("connection", "router", "upstream", "REQUEST"):
        assert name in text
    diagram = simple.admin(f"/v1/trace/{request_id}?format=mermaid").body.decode()
    assert diagram.startswith("sequenceDiagram")
    assert "router" in diagram and "->>" in diagram


def test_an_unknown_trace_is_404(simple):
    assert simple.admin("/v1/trace/00000000000000000000000000000000").status == 404


def test_listeners_routes_and_backends_are_shown(simple):
    listeners = simple.admin_json("/v1/listeners")["listeners"]
    mine = [entry for entry in listeners if entry["gatewayName"] == "web"]
    assert [(entry["port"], entry["bound"]) for entry in mine] == [(simple.entry, True)]
    routes = json.dumps(simple.admin_json("/v1/routes"))
    assert '"all"' in routes or "default/all" in routes
    backends = json.dumps(simple.admin_json("/v1/backends"))
    assert "main" in backends and str(simple.backend.port) in backends


def test_status_shows_every_object_with_its_conditions(simple):
    simple.write("more.yaml", route("orphan", rule(to="main"), parent="no-such-gateway"),
                 route("badref", rule(to="missing")))

    def conditions(kind, name):
        status = simple.admin_json("/v1/status", "controlplane_admin")
        objects = status["objects"] if isinstance(status, dict) else status
        entry = [o for o in objects if o["kind"] == kind and o["name"] == name]
        text = json.dumps(entry)
        return text if entry else None
    assert '"Accepted"' in wait_until(lambda: conditions("GatewayClass", names_class()), 5)
    assert '"Programmed"' in wait_until(lambda: conditions("Gateway", "web"), 5)
    assert '"Accepted"' in wait_until(lambda: conditions("HTTPRoute", "all"), 5)
    assert "BackendNotFound" in wait_until(lambda: conditions("HTTPRoute", "badref"), 5)
    wait_until(lambda: conditions("HTTPRoute", "orphan"), 5)


def names_class():
    from harness.manifests import CLASS
    return CLASS


def test_a_running_actor_can_be_swapped_in_debug_builds_only(simple):
    assert fetch(simple.entry).status == 200
    upstreams = [entry["name"] for entry in simple.admin_json("/v1/actors")["actors"]
                 if entry["name"].startswith("upstream/")]

    def swap(name, role):
        return simple.admin(f"/v1/actors/{name}", method="PUT",
                            body=json.dumps({"role": role}).encode()).status
    if PRESET == "release":
        assert swap(upstreams[0], "probe") == 405
        return
    assert swap("upstream/none", "probe") == 404 and swap(upstreams[0], "none") == 400
    with Client(simple.entry) as client:  # one worker serves it from here on
        client.request()
        names_now = [entry["name"] for entry in simple.admin_json("/v1/actors")["actors"]
                     if entry["name"].startswith("upstream/")]
        assert {swap(name, "probe") for name in names_now} == {200}
        assert client.request().body == b"from the probe\n"
        assert {swap(name, "upstream") for name in names_now} == {200}
        assert client.request().body != b"from the probe\n"


if PRESET != "release":  # only debug builds swap
    @pytest.mark.parametrize("role", ["router", "listener", "connection", "snapshot", "translator",
                                      "store", "file_watch", "metrics", "access_log"])
    def test_an_actor_that_begins_anew_goes_on_where_it_was(simple, role):
        """Swapped for its own class, which is what a restart after a fault does."""
        assert fetch(simple.entry).status == 200
        for entry in simple.admin_json("/v1/actors")["actors"]:
            if entry["name"] == role or entry["name"].startswith(role + "/"):
                body = json.dumps({"role": role}).encode()
                assert simple.admin(f"/v1/actors/{entry['name']}", method="PUT", body=body).status == 200

        def served():
            try:
                return fetch(simple.entry).status == 200
            except OSError:
                return False
        wait_until(served, 5, "an answer")
        assert all(fetch(simple.entry).status == 200 for _ in range(20))
        assert simple.metrics() and simple.admin("/readyz").status == 200


def test_logging_can_be_changed_at_run_time(simple):
    before = simple.admin("/v1/logging")
    assert before.status == 200 and b"info" in before.body
    assert not simple.log_lines(names.LOG_ACTOR_MESSAGE)
    assert set_levels(simple, "info,actor=debug").status == 200
    assert b"actor=debug" in simple.admin("/v1/logging").body
    fetch(simple.entry)
    simple.wait_for_log(names.LOG_ACTOR_MESSAGE)
    assert set_levels(simple, "loud").status == 400
    assert simple.admin("/v1/logging", method="PUT", body=b"loud").status == 400
    assert b"actor=debug" in simple.admin("/v1/logging").body


def set_levels(gateway, spec):
    return gateway.admin("/v1/logging", method="PUT", body=json.dumps({"spec": spec}).encode())


# metrics

def test_the_counters_are_exact_at_once(simple):
    with Client(simple.entry) as client:
        for _ in range(1000):
            assert client.request().status == 200
        scrape = simple.metrics()
    assert scrape.sum(names.METRIC_REQUESTS) == 1000
    assert scrape.sum(names.METRIC_FLAGS) == 0, "each went its normal way"
    assert scrape.sum(names.METRIC_LATENCY + "_count") == 1000


def test_ten_thousand_requests_from_many_clients_are_counted_exactly(gateways, backends):
    import threading
    backend = backends("fast")
    it = gateways(route("r", rule(to="main")), service("main", backend.port), workers=2)

    def run():
        with Client(it.entry) as client:
            for _ in range(1250):
                assert client.request().status == 200
    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert it.metrics().sum(names.METRIC_REQUESTS) == 10000


def test_errors_are_counted_by_flag(simple):
    simple.write("objects.yaml", route("all", rule(match(path="/known"), "main")),
                 service("main", simple.backend.port))
    wait_until(lambda: fetch(simple.entry, "/unknown").status == 404, 5)
    before = simple.metrics().sum(names.METRIC_FLAGS, flag="NR")
    for _ in range(7):
        fetch(simple.entry, "/unknown")
    assert simple.metrics().sum(names.METRIC_FLAGS, flag="NR") == before + 7


def test_a_counter_never_goes_back_when_routes_change(simple):
    for _ in range(10):
        fetch(simple.entry)
    simple.write("objects.yaml", route("renamed", rule(to="main")),
                 service("main", simple.backend.port))
    time.sleep(0.5)
    fetch(simple.entry)
    assert simple.metrics().sum(names.METRIC_REQUESTS) == 11


def promtool():
    return shutil.which("promtool") or str(ROOT / "build/tools/promtool")


@pytest.mark.parametrize("plane", ["dataplane_admin", "controlplane_metrics"])
def test_promtool_finds_nothing(simple, plane):
    fetch(simple.entry)
    fetch(simple.entry, "/", "x", "POST", body=b"x" * 1000)
    text = simple.metrics(plane).text
    result = subprocess.run([promtool(), "check", "metrics"], input=text, text=True,
                            capture_output=True)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


@pytest.mark.parametrize("plane", ["dataplane_admin", "controlplane_metrics"])
def test_every_metric_is_documented(simple, plane):
    documented = (ROOT / "docs/metrics.md").read_text()
    fetch(simple.entry)
    for line in simple.metrics(plane).text.splitlines():
        if line.startswith("# TYPE "):
            assert line.split()[2] in documented, line


@pytest.mark.release_only  # it measures time
def test_a_scrape_with_many_routes_is_quick(gateways, backend):
    it = gateways(
        [route(f"r{i}", rule(match(path=f"/{i}"), "main"), hosts=[f"h{i}.test"])
         for i in range(5000)], service("main", backend.port))
    for i in range(0, 5000, 10):
        assert fetch(it.entry, f"/{i}", f"h{i}.test").status == 200
    times = []
    for _ in range(5):
        began = time.monotonic()
        assert it.admin("/metrics").status == 200
        times.append(time.monotonic() - began)
    assert sorted(times)[2] < 0.1, times


# who may ask

def other_address():
    """An address of this machine that is not loopback, or None."""
    import socket
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = sock.getsockname()[0]
    return None if address.startswith("127.") else address


def test_from_elsewhere_only_a_token_opens_v1(gateways, backend):
    address = other_address()
    assert address, "this test needs an address besides loopback"
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  dataplane_admin_address="0.0.0.0", admin_token=SECRET)
    port = it.port("dataplane_admin")

    def status(target, token=None):
        fields = [("Authorization", f"Bearer {token}")] if token else []
        with Client(port, address) as client:
            return client.request("GET", target, "x", fields).status
    for target in ("/livez", "/readyz", "/metrics"):
        assert status(target) == 200
    for target in ("/v1/actors", "/v1/routes", "/v1/logging"):
        assert status(target) == 401
        assert status(target, "wrong") == 401
        assert status(target, SECRET + "x") == 401
    assert status("/v1/actors", SECRET) == 200


def test_a_token_file_is_read_anew(gateways, tmp_path):
    address = other_address()
    assert address, "this test needs an address besides loopback"
    file = tmp_path / "token"
    file.write_text(SECRET + "\n")
    it = gateways(dataplane_admin_address="0.0.0.0", admin_token_file=str(file))
    port = it.port("dataplane_admin")

    def status(token):
        with Client(port, address) as client:
            return client.request("GET", "/v1/actors", "x",
                                  [("Authorization", f"Bearer {token}")]).status
    assert (status(SECRET), status("second")) == (200, 401)
    file.write_text("second")
    assert (status(SECRET), status("second")) == (401, 200)
    file.unlink()
    assert (status(SECRET), status("second")) == (401, 401), "it fails closed"


def test_without_a_token_v1_is_closed_to_others(gateways, backend):
    address = other_address()
    assert address, "this test needs an address besides loopback"
    it = gateways(dataplane_admin_address="0.0.0.0")
    with Client(it.port("dataplane_admin"), address) as client:
        assert client.request("GET", "/v1/actors", "x").status in (401, 403)
    with Client(it.port("dataplane_admin"), address) as client:
        assert client.request("PUT", "/v1/logging", "x", body=b"trace").status in (401, 403)


def test_no_endpoint_and_no_log_prints_the_token(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), admin_token=SECRET,
                  log="trace")
    fetch(it.entry, fields=[("Authorization", "Bearer client-secret")])
    for target in ("/livez", "/readyz", "/metrics", "/v1/actors", "/v1/actors/admin",
                   "/v1/listeners", "/v1/routes", "/v1/backends", "/v1/logging"):
        response = ask(it, target, token=SECRET)
        assert SECRET.encode() not in response.body, target
    it.terminate()
    for file in (it.log_file, it.access_file):
        text = file.read_text()
        assert SECRET not in text and "client-secret" not in text


def test_the_admin_port_survives_nonsense(simple):
    port = simple.port("dataplane_admin")
    for data in (b"\r\n\r\n", b"\0" * 1000, b"GET /" + b"x" * 100_000, b"GET / HTTP/9.9\r\n\r\n",
                 b"PUT /v1/logging HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n"):
        with Client(port) as client:
            try:
                client.send(data)
                client.to_the_end(lambda piece: None, 0.5)
            except (OSError, AssertionError):
                pass
    assert simple.admin("/livez").status == 200


def test_a_slow_scraper_does_not_hold_up_the_gateway(simple):
    simple.backend.script = echo
    with Client(simple.port("dataplane_admin"), receive_buffer=4096) as scraper:
        scraper.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(50):
            began = time.monotonic()
            assert fetch(simple.entry).status == 200
            assert time.monotonic() - began < 1
        assert simple.admin("/livez").status == 200
