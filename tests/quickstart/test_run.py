"""./run, as somebody sees it who has just cloned the repository. It uses fixed ports, so that one
run at a time is possible on a machine; the tests wait for their turn."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PORTS = (8090, 10080, 18081, 18082, 19080)


def is_free(port):
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(autouse=True)
def free_ports():
    deadline = time.monotonic() + 180
    while not all(is_free(port) for port in PORTS):
        assert time.monotonic() < deadline, "the ports of ./run are in use"
        time.sleep(0.5)


def start(*arguments):
    return subprocess.Popen(["./run", *arguments], cwd=ROOT, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, start_new_session=True)


def read_until(process, text):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError(f"it ended without '{text}':\n" + "".join(lines))


def answer_in(output):
    return json.loads(output[output.index("{"):output.index("\n}") + 2])


def test_once_shows_an_answer_and_leaves_nothing_behind():
    process = start("--once")
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 0, output
    answer = answer_in(output)
    assert (answer["method"], answer["path"]) == ("GET", "/hello")
    assert any(field.startswith("x-request-id: ") for field in answer["headers"])
    assert all(is_free(port) for port in PORTS)


def test_it_says_what_to_do_next_and_ctrl_c_stops_it():
    process = start()
    output = read_until(process, "Ctrl-C")
    assert "curl -i http://localhost:10080/" in output and "/metrics" in output
    request = subprocess.run(["curl", "-s", "http://localhost:10080/next"], capture_output=True)
    assert json.loads(request.stdout)["path"] == "/next"
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does
    process.wait(10)
    assert all(is_free(port) for port in PORTS)


def test_a_port_in_use_is_named():
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", 19080))
        sock.listen()
        process = start("--once")
        output, _ = process.communicate(timeout=600)
    assert process.returncode != 0 and "Port 19080" in output and "in use" in output


def test_the_end_of_the_script_is_the_end_of_the_backend():
    process = start()
    read_until(process, "Ctrl-C")
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    deadline = time.monotonic() + 10
    while not is_free(8090):
        assert time.monotonic() < deadline, "the demo backend outlives its parent"
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGTERM)  # the gateway, which knows nothing of the script
