"""Proof that the benchmark's harness is honest: what goes wrong is noticed, what is computed is
right. It drives bench_load and bench_backend of the preset NANTIAN_PRESET (release)."""

import contextlib
import math
import os
import random
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import (callgrind, cpu, load, manifests, measure, profiler, report, rows, session,
                     stats)
from harness.subject import Fault, Place, Running, Subject, Target, Twin, free_port, running

ANY = (frozenset(os.sched_getaffinity(0)),)


@pytest.fixture(name="backend")
def backend_fixture():
    with load.Backend(ANY) as backend:
        yield backend


def client(port, body, folder, **options):
    return load.Load([port], [Target()], body, ANY, folder, **options)


# Statistics


@pytest.mark.parametrize("freedom, expected", [(1, 12.706), (2, 4.303), (9, 2.262), (30, 2.042)])
def test_the_quantiles_of_t_are_those_of_the_tables(freedom, expected):
    assert stats.t_quantile(0.975, freedom) == pytest.approx(expected, abs=0.001)


def test_an_interval_is_the_mean_and_t_standard_errors():
    # given five values with mean 3 and standard deviation sqrt(2.5)
    got = stats.interval([1, 2, 3, 4, 5])
    half = 2.776 * math.sqrt(2.5 / 5)
    assert (got.low, got.mean, got.high) == pytest.approx((3 - half, 3, 3 + half), abs=0.001)


def test_intervals_hold_the_truth_in_95_of_100_cases():
    generator = random.Random(7)
    trials = [stats.interval([generator.gauss(1, 0.1) for _ in range(10)]) for _ in range(600)]
    share = sum(each.low <= 1 <= each.high for each in trials) / len(trials)
    assert 0.925 <= share <= 0.975


def test_one_round_proves_nothing():
    assert not stats.ratio([1.0], [2.0]).below(100)


def test_ratios_are_taken_round_by_round():
    # given a machine that got twice as slow in the second round, for both
    got = stats.ratio([8, 16, 8.1, 15.9], [10, 20, 10, 20])
    assert got.mean == pytest.approx(0.8, abs=0.01) and got.high < 0.82


def test_a_target_is_missed_when_only_the_mean_is_below_it():
    row = rows.Row("r", "", ())
    samples = {"a": [SimpleNamespace(microseconds=value) for value in (7, 9, 7, 9)],
               "b": [SimpleNamespace(microseconds=10)] * 4}
    verdicts = [report.compare(row, rows.Comparison("a", "b", target), samples).verdict
                for target in (0.85, 1.0, None)]
    assert verdicts == [report.MISSED, report.HOLDS, report.INFORMATION]


def test_a_target_that_was_not_measured_fails_the_run():
    results = report.Report()
    results.results.append(report.compare(rows.RATIO_ROWS[0], rows.Comparison("a", "b", 1), {}))
    assert results.failed(["http"]) and not results.failed(["logs"])


def test_rounds_turn_the_order():
    assert [session.rotated(list("abc"), by) for by in range(3)] == [
        list("abc"), list("bca"), list("cab")]


# The load client


def test_right_answers_are_counted_once_each(backend, tmp_path):
    with client(backend.port, backend.body, tmp_path) as running_client:
        got = running_client.run("requests 5000")
    assert got["sent"] == got["ok"] == backend.stats()["requests"] == 5000
    assert got["alive"] == backend.stats()["connections"] == 64


@pytest.mark.parametrize("fault, name, lost", [
    ("status", "wrong_status", 0), ("length", "wrong_length", 0),
    ("body", "wrong_body", 0), ("close", "closed", 5)])
def test_one_wrong_answer_in_a_thousand_is_noticed(tmp_path, fault, name, lost):
    # given a backend that spoils every thousandth answer
    with load.Backend(ANY, "--fault", fault, "--every", "1000") as backend:
        with client(backend.port, backend.body, tmp_path) as running_client:
            # when five thousand are asked for
            got = running_client.report("requests 5000")
            # then five are wrong, nothing was asked twice, and the measurement is void
            assert (got[name], got["ok"], got["sent"]) == (5, 4995, 5000)
            assert (backend.stats()["requests"], got["alive"]) == (5000, 64 - lost)
            with pytest.raises(Fault, match=name):
                load.check_report(got, 64)


def test_a_proxy_that_is_killed_under_load_is_noticed(backend, tmp_path):
    with client(backend.port, backend.body, tmp_path) as running_client:
        running_client.run("requests 64")
        killer = threading.Timer(0.3, backend.servers[0].process.kill)
        killer.start()
        got = running_client.report("seconds 20")
        killer.join()
    assert got["closed"] > 0 and got["alive"] == 0 and got["elapsed"] < 10
    assert got["sent"] == got["ok"] + got["closed"]
    with pytest.raises(Fault, match="closed"):
        load.check_report(got, 64)


def test_connections_that_end_while_idle_are_noticed(backend, tmp_path):
    with client(backend.port, backend.body, tmp_path) as running_client:
        running_client.run("requests 64")
        backend.servers[0].process.kill()
        backend.servers[0].process.wait()
        got = running_client.report("requests 64")
    assert (got["idle_faults"], got["alive"], got["sent"]) == (64, 0, 0)
    with pytest.raises(Fault, match="idle_faults"):
        load.check_report(got, 64)


def test_a_port_where_nobody_listens_is_noticed(tmp_path):
    with client(free_port(), "body", tmp_path, connections=3) as running_client:
        got = running_client.report("requests 10")
    assert (got["connect_failed"], got["ok"]) == (3, 0)


def serve_once(answer):
    """A server that sends these bytes to its first connection and then says nothing more."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = server.accept()
        with connection, contextlib.suppress(ConnectionResetError):
            connection.recv(4096)
            connection.sendall(answer)
            connection.recv(4096)

    threading.Thread(target=serve, daemon=True).start()
    return server


@pytest.mark.parametrize("answer, name", [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!", "unsolicited"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "malformed"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok", "malformed"),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "malformed"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", "timed_out"),
    (b"HTTP/1.1 200 OK\r\nX: " + 5000 * b"x", "malformed"),
    (b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok", "wrong_status"),
    (b"", "timed_out")],
    ids=["more", "chunked", "length", "version", "short", "head", "status", "silence"])
def test_answers_that_are_none_are_noticed(tmp_path, answer, name):
    file = tmp_path / "targets"
    file.write_text(Target().line())
    with serve_once(answer) as server:
        got = subprocess.run(
            [load.PROGRAMS / "bench_load", "--port", str(server.getsockname()[1]), "--body", "ok",
             "--targets", file, "--connections", "1", "--patience", "1000"],
            input="requests 1\n", capture_output=True, text=True, check=True).stdout
    assert '"sent":1,"ok":0' in got and f'"{name}":1' in got


def test_few_requests_at_a_time_use_all_connections_in_turn(backend, tmp_path):
    with client(backend.port, backend.body, tmp_path, connections=500, in_flight=8) as few:
        few.run("requests 500")
        assert backend.stats() == {"requests": 500, "connections": 500}
        few.run("requests 500")
        assert backend.stats() == {"requests": 1000, "connections": 500}


def test_no_more_requests_are_in_flight_than_allowed(tmp_path):
    # given a server that takes connections and never answers
    file = tmp_path / "targets"
    file.write_text(Target().line())
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        got = subprocess.run(
            [load.PROGRAMS / "bench_load", "--port", str(server.getsockname()[1]), "--body", "ok",
             "--targets", file, "--connections", "32", "--inflight", "5", "--patience", "200"],
            input="requests 32\n", capture_output=True, text=True, check=True).stdout
    assert '"sent":5,' in got and '"timed_out":5' in got


# CPU time

BURN = """
import threading, time
def burn():
    end = time.thread_time() + 0.15
    while time.thread_time() < end: pass
thread = threading.Thread(target=burn); thread.start(); thread.join()
burn()
print(time.process_time(), flush=True)
input()
"""


def python(code, *arguments):
    return subprocess.Popen(["/usr/bin/python3", "-c", code, *arguments], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)


def finish(process):
    process.stdin.close()
    process.wait()
    process.stdout.close()


def test_the_time_of_a_process_includes_threads_that_ended():
    process = python(BURN)
    own = float(process.stdout.readline())
    time.sleep(0.05)
    seen = cpu.usage(process.pid)
    finish(process)
    assert own >= 0.3
    assert seen.nanoseconds / 1e9 == pytest.approx(own, abs=0.02)
    assert seen.user + seen.system == pytest.approx(own, abs=0.1)


def test_the_time_of_a_process_is_the_schedulers():
    process = python(BURN.replace("thread.start(); thread.join()", ""))
    process.stdout.readline()
    time.sleep(0.05)
    seen = cpu.usage(process.pid)
    tasks = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    scheduled = sum(int(task.read_text().split()[0]) for task in tasks)
    finish(process)
    assert seen.nanoseconds == pytest.approx(scheduled, rel=0.02)


def test_the_time_of_a_master_includes_its_workers():
    code = "import subprocess, sys; subprocess.run(['/usr/bin/python3', '-c', sys.argv[1]])"
    process = python(code, BURN)
    own = float(process.stdout.readline())
    time.sleep(0.05)
    seen = cpu.usage(process.pid)
    finish(process)
    assert len(seen.pids) == 2 and seen.nanoseconds / 1e9 >= own


# A measurement

RELAY = """
import asyncio, sys
async def pump(reader, writer):
    while data := await reader.read(65536): writer.write(data)
    writer.close()
async def serve(reader, writer):
    r, w = await asyncio.open_connection('127.0.0.1', int(sys.argv[2]))
    await asyncio.gather(pump(reader, w), pump(r, writer), return_exceptions=True)
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
"""

SHORT = measure.Conditions(seconds=0.3, connections=8, proxy_cores=ANY[0], load_cores=ANY)


class Relay(Subject):
    """A slow proxy of bytes, to drive the harness with."""

    name = "relay"
    routes = False

    def command(self, place):
        return ["/usr/bin/python3", "-c", RELAY, str(place.port), str(place.backend_port)]


class Twice(Twin):
    routes = False


class Cache(Subject):
    """A proxy that answers by itself."""

    name = "cache"
    routes = False

    def command(self, place):
        return [load.PROGRAMS / "bench_backend", "--port", str(place.port)]


def test_a_measurement_gives_time_per_request(backend):
    sample = measure.measure(Relay(), backend, SHORT)
    assert sample.requests > 100 and sample.seconds >= 0.3
    assert 0 < sample.nanoseconds < 1.2e9 * sample.seconds
    assert sample.microseconds == pytest.approx(sample.nanoseconds / sample.requests / 1e3)


def test_two_instances_share_the_connections_and_both_are_charged(tmp_path):
    # given two clients, two backends and two instances of a proxy
    cores, twin = ANY * 2, Twice("twin", Relay())
    with load.Backend(cores) as backend, running(twin, backend.port, ANY[0]) as proxy:
        ready = backend.stats()  # what wait_ready needed: two, or more on a busy machine
        with load.Load(proxy.place.ports, twin.targets, backend.body, cores, tmp_path, 8) as both:
            # when they are loaded
            got = both.run("requests 200")
            seen = cpu.usage(proxy.pid)
            # then all is counted, and each instance has worked
            assert (got["sent"], got["alive"]) == (400, 8)
            assert backend.stats() == {"requests": ready["requests"] + 400,
                                       "connections": ready["connections"] + 8}
            busy = sorted(map(cpu.busy_nanoseconds, seen.pids))[-2:]
            assert 0.5 < busy[0] / busy[1] <= 1


def test_the_busiest_threads_are_spread_over_the_cores():
    cores = sorted(os.sched_getaffinity(0))[:2]
    process = python(BURN)
    process.stdout.readline()
    cpu.spread(process.pid, cores)
    got = os.sched_getaffinity(process.pid)
    finish(process)
    assert got == {cores[-1]}


def test_a_proxy_that_answers_by_itself_is_noticed(backend):
    with pytest.raises(Fault, match="the backend saw 0"):
        measure.measure(Cache(), backend, SHORT)


def test_a_proxy_that_does_not_route_is_noticed(backend):
    relay = Relay()
    relay.routes = True
    with pytest.raises(Fault, match="instead of 404"):
        measure.measure(relay, backend, SHORT)


def test_a_proxy_that_adds_no_headers_is_noticed(backend):
    relay = Relay()
    relay.routes, relay.unknown = True, ()
    with pytest.raises(Fault, match="x-forwarded-for"):
        measure.measure(relay, backend, SHORT)


def test_a_wrong_answer_in_the_window_voids_the_measurement():
    with load.Backend(ANY, "--fault", "body", "--every", "200") as backend:
        with pytest.raises(Fault, match="wrong_body"):
            measure.measure(Relay(), backend, SHORT)


def test_a_proxy_that_does_not_start_is_noticed(backend):
    broken = Relay()
    broken.command = lambda place: ["/bin/sh", "-c", "echo no such option; exit 3"]
    with pytest.raises(Fault, match="ended with 3: no such option"):
        with running(broken, backend.port, ANY[0]):
            pass


def test_retries_and_reconnects_are_noticed():
    before = {"requests": 10, "connections": 5}
    measure.check_backend("x", before, {"requests": 1010, "connections": 6}, 1000)
    with pytest.raises(Fault, match="the backend saw 1001"):
        measure.check_backend("x", before, {"requests": 1011, "connections": 5}, 1000)
    with pytest.raises(Fault, match="2 new connections"):
        measure.check_backend("x", before, {"requests": 1010, "connections": 7}, 1000)


def test_a_sampled_access_log_is_noticed(tmp_path):
    log = tmp_path / "log"
    log.write_text("line\n" * 9990)
    proxy = Running(Relay(), Place(tmp_path, (1,), 2, log), None)
    with pytest.raises(Fault, match="9990 lines"):
        measure.check_log(proxy, 10000)


def test_a_fault_voids_the_row(monkeypatch):
    def fail(*_):
        raise Fault("planted")

    monkeypatch.setattr(session, "measure", fail)
    monkeypatch.setattr(session, "available", lambda names, wanted: names)
    results = report.Report()
    options = SimpleNamespace(seconds=1, rounds=2, subjects=[])
    session.run_ratio_row(rows.RATIO_ROWS[0], results, options)
    assert results.failed(["http"]) and "planted" in report.text(results)


# Many routes


@pytest.mark.parametrize("shape", manifests.SHAPES.values(), ids=manifests.SHAPES)
def test_routes_differ_and_the_unknown_target_is_none_of_them(shape):
    targets = [shape.target(n) for n in range(10000)]
    assert len(set(targets)) == 10000 and shape.unknown not in targets
    assert len({len(target.line()) for target in targets}) == 1


def test_manifests_hold_every_route(tmp_path):
    manifests.write(tmp_path / "m", 8080, 9090, manifests.SHAPES["hosts"], 450)
    files = sorted(path.name for path in (tmp_path / "m").iterdir())
    text = "".join(path.read_text() for path in (tmp_path / "m").iterdir())
    assert files == ["gateway.yaml", "routes-00000.yaml", "routes-00200.yaml", "routes-00400.yaml"]
    assert text.count('"HTTPRoute"') == 450 and text.count("---\n") == 454


def paths_asked(folder, seed):
    """The paths that the load client asks for, in order, with eight targets."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            seen.append(self.path)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    targets = [Target(path=f"/{n}") for n in range(8)]
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with load.Load([server.server_port], targets, "ok", ANY, folder, connections=1,
                       seed=seed) as spread:
            spread.run("requests 400")
        server.shutdown()
    return seen


def test_requests_spread_over_all_targets_by_the_seed(tmp_path):
    asked = paths_asked(tmp_path, 3)
    assert all(25 <= asked.count(f"/{n}") <= 85 for n in range(8))
    assert asked == paths_asked(tmp_path, 3) != paths_asked(tmp_path, 4)


def test_callgrind_sums_are_read(tmp_path):
    out = tmp_path / "out"
    out.write_text("events: Ir\nfn=(1) measured_hops\n0 12\n\ntotals: 4711\n")
    assert callgrind.total(out) == 4711


def test_callgrind_lists_are_read_by_function():
    requests = profiler.CALLGRIND_REQUESTS
    text = (f"{9 * requests:,} (100.0%) {2 * requests:,} (100.0%)  PROGRAM TOTALS\n"
            f"{3 * requests:,} (33.3%) {requests:,} ( 5.0%)  ???:find [/usr/bin/x]\n"
            f"    {requests:,} (11.1%)      .    a/b.h:find\n"
            f"0               {requests:,} ( 5.0%)  c.c:std::f(int, char) [/lib/y.so]\n")
    assert profiler.per_function(text, 2) == [("find", 5), ("std::f(int, char)", 1)]
