"""Which backend a request reaches: Gateway API v1 HTTPRoute, hostnames and matches."""

import json

import pytest

from harness.backend import Backend
from harness.client import Client, fetch
from harness.manifests import match, route, rule, service


@pytest.fixture(scope="module")
def names():
    """Six backends; each answers its name."""
    made = {name: Backend(name) for name in "abcdef"}
    yield made
    for it in made.values():
        it.stop()


@pytest.fixture(scope="module")
def world(shared, names):
    services = [service(name, it.port) for name, it in names.items()]
    objects = [
        # hostnames, from most to least specific
        route("exact", rule(match(prefix="/"), "a"), hosts=["foo.example.com"]),
        route("wildcard", rule(match(prefix="/"), "b"), hosts=["*.example.com"]),
        route("deep-wildcard", rule(match(prefix="/"), "c"), hosts=["*.bar.example.com"]),
        # paths
        route("paths", rule(match(path="/exact"), "a"), rule(match(prefix="/exact"), "b"),
              rule(match(prefix="/one"), "c"), rule(match(prefix="/one/two"), "d"),
              rule(match(prefix="/"), "e"), hosts=["paths.test"]),
        # methods, headers, queries
        route("more", rule(match(prefix="/m", method="POST"), "a"),
              rule(match(prefix="/m", headers={"Version": "two"}), "b"),
              rule(match(prefix="/m", headers={"Version": "two", "Color": "blue"}), "c"),
              rule(match(prefix="/m", query={"animal": "whale"}), "d"),
              rule(match(prefix="/m"), "e"),
              rule(match(prefix="/only", headers={"x-key": "v"}), "f"), hosts=["more.test"]),
        # a rule with two matches: one of them suffices
        route("either", rule([match(path="/x"), match(path="/y", method="PUT")], "a"),
              hosts=["either.test"]),
        # fall-through: the more specific host lacks the path
        route("inner", rule(match(prefix="/inner"), "a"), hosts=["deep.fall.test"]),
        route("middle", rule(match(prefix="/middle"), "b"), hosts=["*.fall.test"]),
        route("outer", rule(match(prefix="/outer"), "c")),
    ]
    return shared(objects, services)


def reached(world, target="/", host="localhost", **options):
    """The name of the backend that answered, or the status."""
    response = fetch(world.entry, target, host, **options)
    return json.loads(response.body)["backend"] if response.status == 200 else response.status


@pytest.mark.parametrize("host, backend", [
    ("foo.example.com", "a"),
    ("FOO.Example.COM", "a"),
    ("foo.example.com:8080", "a"),
    ("other.example.com", "b"),
    ("two.labels.example.com", "b"),
    ("x.bar.example.com", "c"),
    ("bar.example.com", "b"),
    ("example.com", 404),
    ("xexample.com", 404),
    ("other.test", 404),
])
def test_the_most_specific_hostname_wins(world, host, backend):
    assert reached(world, "/", host) == backend


@pytest.mark.parametrize("target, backend", [
    ("/exact", "a"),
    ("/exact?query", "a"),
    ("/exact/", "b"),
    ("/exact/more", "b"),
    ("/exactly", "e"),
    ("/one", "c"),
    ("/one/", "c"),
    ("/one/twofold", "c"),
    ("/one/two", "d"),
    ("/one/two/three", "d"),
    ("/ONE", "e"),
    ("/", "e"),
])
def test_the_longest_path_wins_element_by_element(world, target, backend):
    assert reached(world, target, "paths.test") == backend


@pytest.mark.parametrize("options, backend", [
    ({"method": "POST"}, "a"),
    ({"fields": [("Version", "two")]}, "b"),
    ({"fields": [("VERSION", "two")]}, "b"),
    ({"fields": [("Version", "Two")]}, "e"),
    ({"fields": [("Version", "two"), ("color", "blue")]}, "c"),
    ({"fields": [("color", "blue")]}, "e"),
    ({"method": "POST", "fields": [("Version", "two"), ("color", "blue")]}, "a"),
    ({}, "e"),
])
def test_methods_and_headers(world, options, backend):
    assert reached(world, "/m", "more.test", **options) == backend


@pytest.mark.parametrize("query, backend", [
    ("animal=whale", "d"),
    ("x=1&animal=whale&y", "d"),
    ("animal=whales", "e"),
    ("animal", "e"),
    ("Animal=whale", "e"),
    ("manimal=whale", "e"),
])
def test_query_parameters(world, query, backend):
    assert reached(world, "/m?" + query, "more.test") == backend


def test_headers_come_before_query_parameters(world):
    fields = [("Version", "two")]
    assert reached(world, "/m?animal=whale", "more.test", fields=fields) == "b"


def test_a_header_that_is_wanted_and_absent_is_no_match(world):
    assert reached(world, "/only", "more.test") == 404
    assert reached(world, "/only", "more.test", fields=[("X-Key", "v")]) == "f"


@pytest.mark.parametrize("method, target, backend", [
    ("GET", "/x", "a"), ("PUT", "/y", "a"), ("GET", "/y", 404), ("GET", "/z", 404),
])
def test_one_match_of_several_suffices(world, method, target, backend):
    assert reached(world, target, "either.test", method=method) == backend


@pytest.mark.parametrize("target, backend", [
    ("/inner", "a"), ("/middle", "b"), ("/outer", "c"), ("/none", 404),
])
def test_what_a_hostname_does_not_match_falls_through(world, target, backend):
    assert reached(world, target, "deep.fall.test") == backend


def test_a_less_specific_host_never_sees_the_routes_of_a_more_specific_one(world):
    assert reached(world, "/inner", "other.fall.test") == 404
    assert reached(world, "/middle", "fall.test") == 404


def test_a_request_without_a_host_gets_routes_without_one(world):
    for target, status in (("/outer", 200), ("/", 404)):
        with Client(world.entry) as client:
            client.send(f"GET {target} HTTP/1.0\r\n\r\n".encode())
            assert client.read_response().status == status


def test_an_absolute_target_names_the_host(world):
    response = fetch(world.entry, "http://foo.example.com/a/b?c", "foo.example.com")
    answer = json.loads(response.body)
    assert answer["backend"] == "a" and answer["target"] == "/a/b?c"
    assert ["Host", "foo.example.com"] in answer["fields"]
