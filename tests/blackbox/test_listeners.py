"""Listeners: hostnames of their own, isolation from each other, the ports they get."""

import json
import os
import pathlib
import resource
import time

from harness import names
from harness.backend import free_port
from harness.client import Client, fetch
from harness.manifests import (gateway, gateway_class, listener, match, route, rule, service)


def reached(port, target, host):
    response = fetch(port, target, host)
    return json.loads(response.body)["backend"] if response.status == 200 else response.status


def test_a_listener_without_routes_answers_404(gateways):
    it = gateways()
    response = fetch(it.entry)
    assert response.status == 404
    assert it.wait_for_access()[-1]["responseFlags"] == "NR"


def test_the_traffic_port_answers_404_when_nothing_is_attached(gateways):
    assert fetch(gateways().traffic).status == 404


def test_a_request_never_falls_through_to_another_listener(gateways, backends):
    a, b = backends("a"), backends("b")
    port = free_port()
    it = gateways(
        gateway(listener("inner", port, "*.inner.test"), listener("all", port), name="two"),
        route("in", rule(match(prefix="/in"), "a"), parent="two", section="inner"),
        route("all", rule(match(prefix="/"), "b"), parent="two", section="all"),
        service("a", a.port), service("b", b.port))
    it.port("default/two/all")
    assert reached(port, "/in", "x.inner.test") == "a"
    assert reached(port, "/other", "x.inner.test") == 404
    assert reached(port, "/in", "x.outer.test") == "b"


def test_a_route_gets_only_hostnames_that_its_listener_has(gateways, backends):
    it = gateways(
        route("r", rule(to="a"), hosts=["a.listener.test", "a.other.test"]),
        service("a", backends("a").port), hostname="*.listener.test")
    assert reached(it.entry, "/", "a.listener.test") == "a"
    assert reached(it.entry, "/", "a.other.test") == 404
    assert reached(it.entry, "/", "b.listener.test") == 404


def test_a_port_below_1024_listens_ten_thousand_higher(gateways, backends):
    it = gateways(gateway(listener("low", 987), name="low"),
                  route("r", rule(to="a"), parent="low"), service("a", backends("a").port))
    assert it.port("default/low/low") == 10987
    assert reached(10987, "/", "any.test") == "a"


def test_a_port_that_is_taken_gets_the_next_free_one_from_20000(gateways, backends):
    taken = backends("taken")
    it = gateways(gateway(listener("l", taken.port), name="other"),
                  route("r", rule(to="a"), parent="other"), service("a", backends("a").port))
    port = it.port("default/other/l")
    assert port >= 20000 and port != taken.port
    assert reached(port, "/", "any.test") == "a"
    assert it.admin("/readyz").status == 200


def test_a_gateway_of_another_class_gets_nothing(gateways):
    other = gateway(listener("l", free_port()), name="foreign")
    other["spec"]["gatewayClassName"] = "somebody-else"
    it = gateways(other)
    listeners = it.admin_json("/v1/listeners")["listeners"]
    assert "foreign" not in [entry["gatewayName"] for entry in listeners]


def test_two_gateways_have_their_own_routes(gateways, backends):
    port = free_port()
    it = gateways(gateway_class(), gateway(listener("l", port), name="second"),
                  route("one", rule(to="a")), route("two", rule(to="b"), parent="second"),
                  service("a", backends("a").port), service("b", backends("b").port))
    assert reached(it.entry, "/", "any.test") == "a"
    assert reached(port, "/", "any.test") == "b"


def test_without_descriptors_it_waits_quietly_and_goes_on(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), workers=1)
    assert fetch(it.entry).status == 200
    pid = it.process.pid
    used = len(os.listdir(f"/proc/{pid}/fd"))
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 8, before[1]))
    waiting = [Client(it.entry) for _ in range(40)]
    pages = [Client(it.port("dataplane-admin")) for _ in range(4)]
    began = cpu_seconds(pid)
    time.sleep(1)
    assert cpu_seconds(pid) - began < 0.3, "it looked again and again"
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    assert all(client.request().status == 200 for client in waiting)
    assert all(client.request(target="/livez").status == 200 for client in pages)
    assert it.metrics().sum(names.METRIC_ACCEPT_ERRORS) > 0


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
