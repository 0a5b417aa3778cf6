"""The load client and the backend, as processes, and the judgement of what they report."""

import json
import subprocess
from http.client import HTTPConnection

from . import cpu
from .prepare import PROGRAMS
from .subject import Fault

ANSWER_FAULTS = ("wrong_status", "wrong_length", "wrong_body", "malformed", "unsolicited",
                 "closed", "connect_failed", "timed_out", "idle_faults")


def check_report(report, connections):
    """Raises Fault unless every request was answered rightly and every connection lives."""
    faults = {name: report[name] for name in ANSWER_FAULTS if report[name]}
    if faults or report["sent"] != report["ok"]:
        raise Fault(f"{report['sent']} requests, {report['ok']} right answers, {faults}")
    if report["alive"] != connections:
        raise Fault(f"{report['alive']} of {connections} connections are left")
    if report["sent"] == 0:
        raise Fault("no request was sent")


class Load:
    """A load client with its connections; a context manager."""

    def __init__(self, port, targets, body, cores, folder, connections=64, in_flight=0, seed=1):
        self.connections = connections
        file = folder / "targets"
        file.write_text("".join(target.line() for target in targets))
        self.process = subprocess.Popen(
            [PROGRAMS / "bench_load", "--port", str(port), "--targets", file, "--body", body,
             "--connections", str(connections), "--inflight", str(in_flight), "--seed", str(seed)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=cpu.pin(cores))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        status = self.process.wait()
        self.process.stdout.close()
        if status != 0 and kind is None:
            raise Fault(f"the load client ended with {status}")

    def report(self, command):
        """Obeys "requests N" or "seconds S" and gives the raw report."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Fault(f"the load client ended with {self.process.wait()}")
        return json.loads(line)

    def run(self, command):
        """The same, and everything in the report must be right."""
        report = self.report(command)
        check_report(report, self.connections)
        return report


class Backend:
    """The backend of all subjects; a context manager."""

    def __init__(self, cores, *options):
        self.process = subprocess.Popen([PROGRAMS / "bench_backend", *options], text=True,
                                        stdout=subprocess.PIPE, preexec_fn=cpu.pin(cores))
        self.port = int(self.process.stdout.readline())
        self.body = self.process.stdout.readline().rstrip("\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stats(self):
        """How many requests and connections it has seen, those of the harness aside."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/__bench/stats")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()
