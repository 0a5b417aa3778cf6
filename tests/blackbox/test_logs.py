"""The log, the access log, and what a blocked standard output does."""

import fcntl
import json
import os
import re
import time

import pytest

from harness import names
from harness.client import Client, fetch
from harness.gateway import wait_until
from harness.manifests import route, rule, service

F_SETPIPE_SZ = 1031


def test_every_line_is_json_with_the_usual_members(simple):
    fetch(simple.entry)
    simple.terminate()
    lines = simple.log_lines()
    assert lines
    for line in lines:
        assert {"time", "level", "msg", "id", "component"} <= line.keys(), line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z", line["time"])
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*", line["id"])
    assert {line["level"] for line in lines} <= {"info"}, "nothing went wrong"


def test_the_access_log_tells_of_each_request(simple):
    fetch(simple.entry, "/some/path?q=1", "shop.test", "POST", [("X-Request-Id", "a" * 32),
          ("User-Agent", "probe")], b"12345")
    line = simple.wait_for_access(path="/some/path")[-1]
    assert line["method"] == "POST" and line["host"] == "shop.test" and line["status"] == 200
    assert line["requestId"] == "a" * 32 and line["listener"] == "default/web/http"
    assert line["routeNamespace"] == "default" and line["routeName"] == "all"
    assert line["userAgent"] == "probe" and line["clientIp"] == "127.0.0.1"
    assert line["bytesReceived"] >= 5 and line["bytesSent"] > 0
    assert line["upstreamAddr"] == f"127.0.0.1:{simple.backend.port}"
    assert "responseFlags" not in line, "nothing went wrong"


def test_the_access_log_has_one_line_for_each_request(simple):
    with Client(simple.entry) as client:
        for i in range(200):
            client.request(target=f"/{i}")
    lines = simple.wait_for_access(200)
    assert sorted(int(line["path"][1:]) for line in lines) == list(range(200))


def test_quotes_and_bytes_in_a_request_cannot_forge_a_line(simple):
    fetch(simple.entry, '/"},{"x":"%0a', "x.test",
          fields=[("User-Agent", 'a"b\\c\xff'), ("Referer", '","status":200,"')])
    assert len(simple.wait_for_access()) == 1
    assert simple.access_lines()[0]["userAgent"].startswith('a"b\\c')


def test_debug_logs_every_message_of_a_request(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  log="info,actor=debug", workers=1)
    request_id = "99990000aaaabbbbccccddddeeeeffff"
    assert fetch(it.entry, fields=[("X-Request-Id", request_id)]).status == 200

    def one_trace():
        lines = it.log_lines(names.LOG_ACTOR_MESSAGE)
        traces = {line["trace"] for line in lines if "router" in str(line)}
        return [line for line in lines if line["trace"] in traces] if traces else None
    lines = wait_until(one_trace, 5, "the messages")
    text = str(lines)
    for part in ("connection", "router", "upstream", "queued", "handled", "seq"):
        assert part in text, part


def test_without_debug_no_message_is_logged(simple):
    fetch(simple.entry)
    assert not simple.log_lines(names.LOG_ACTOR_MESSAGE)


def test_a_blocked_stdout_blocks_no_request_and_is_counted(gateways, backend):
    reading, writing = os.pipe()
    fcntl.fcntl(writing, F_SETPIPE_SZ, 4096)
    it = gateways(route("r", rule(to="main")), service("main", backend.port), workers=1,
                  stdout=writing, access_log_buffer="64KiB")
    os.close(writing)
    with Client(it.entry) as client:
        began = time.monotonic()
        for i in range(6000):
            assert client.request(target=f"/{i}/" + "x" * 500).status == 200
        assert time.monotonic() - began < 60
    dropped = wait_until(lambda: it.metrics().sum(names.METRIC_ACCESS_LOG_DROPPED), 5,
                         "dropped lines")
    assert 0 < dropped <= 6000
    os.set_blocking(reading, False)
    fcntl.fcntl(reading, F_SETPIPE_SZ, 1024 * 1024)
    text = bytearray()

    def all_read():
        text.extend(drain(reading))
        return it.metrics().sum(names.METRIC_ACCESS_LOG_QUEUE) == 0
    wait_until(all_read, 20, "the end of the queue")
    fetch(it.entry, "/after")

    def later_line_read():
        text.extend(drain(reading))
        return b'"/after"' in text
    wait_until(later_line_read, 5, "the line of a later request")
    lines = [json.loads(line) for line in text.decode().splitlines()]
    dropped = it.metrics().sum(names.METRIC_ACCESS_LOG_DROPPED)
    assert len(lines) + dropped == 6001, "each line was either written, whole, or counted"
    os.close(reading)


def drain(reading):
    text = b""
    while True:
        try:
            piece = os.read(reading, 65536)
        except BlockingIOError:
            return text
        if not piece:
            return text
        text += piece


def test_a_closed_stdout_does_not_end_the_gateway(gateways, backend):
    reading, writing = os.pipe()
    it = gateways(route("r", rule(to="main")), service("main", backend.port), stdout=writing)
    os.close(writing)
    os.close(reading)
    for _ in range(20):
        assert fetch(it.entry).status == 200
    time.sleep(0.3)
    assert it.process.poll() is None and fetch(it.entry).status == 200


def test_what_was_logged_before_the_end_is_written(simple):
    for i in range(50):
        fetch(simple.entry, f"/{i}")
    assert simple.terminate() == 0
    assert len(simple.access_lines()) == 50


def test_the_access_log_can_go_to_a_file(gateways, backend, tmp_path):
    file = tmp_path / "access.log"
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  access_log_path=str(file))
    fetch(it.entry, "/filed")
    wait_until(lambda: file.exists() and "/filed" in file.read_text(), 5, "the line")
    assert not it.access_lines()


@pytest.mark.parametrize("setting", [{"access_log_enabled": False}, {"access_log_sample_rate": 0}])
def test_the_access_log_can_be_off(gateways, backend, setting):
    it = gateways(route("r", rule(to="main")), service("main", backend.port), **setting)
    for _ in range(20):
        fetch(it.entry)
    assert it.terminate() == 0 and not it.access_lines()


def test_the_access_log_can_be_sampled(gateways, backend):
    it = gateways(route("r", rule(to="main")), service("main", backend.port),
                  access_log_sample_rate=0.5)
    with Client(it.entry) as client:
        for _ in range(400):
            client.request()
    it.terminate()
    assert 120 < len(it.access_lines()) < 280
