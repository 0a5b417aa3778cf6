"""The load client and the backend, as processes, and the judgement of what they report."""

import contextlib
import json
import subprocess

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


def merge(reports):
    """The reports of several clients that ran at the same time, as one."""
    return {name: (max if name == "elapsed" else sum)(report[name] for report in reports)
            for name in reports[0]}


class Program:
    """One of the programs of this folder, pinned, obeying lines on its standard input."""

    def __init__(self, name, cores, *options):
        command = [PROGRAMS / name, *map(str, options)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, preexec_fn=cpu.pin(cores))

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise Fault(f"{self.process.args[0].name} ended with {self.process.wait()}")
        return line.rstrip("\n")

    def end(self):
        """Its input ends, and so does it; gives its exit code."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait()


class Load:
    """Load clients, one for each of the sets of cores, that share the connections; a context
    manager."""

    def __init__(self, ports, targets, body, cores, folder, connections=64, in_flight=0, seed=1):
        self.connections = connections
        file = folder / "targets"
        file.write_text("".join(target.line() for target in targets))
        share, limit = connections // len(cores), in_flight // len(cores)
        self.clients = [
            Program("bench_load", each, "--port", ports[0], "--other-port", ports[-1],
                    "--targets", file, "--body", body, "--connections", share,
                    "--inflight", limit, "--seed", seed + 1000 * number)
            for number, each in enumerate(cores)]

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        codes = [client.end() for client in self.clients]
        if any(codes) and kind is None:
            raise Fault(f"the load clients ended with {codes}")

    def report(self, command):
        """Obeys "requests N" (each of them) or "seconds S" and gives the raw report."""
        for client in self.clients:
            client.tell(command)
        return merge([json.loads(client.hear()) for client in self.clients])

    def run(self, command):
        """The same, and everything in the report must be right."""
        report = self.report(command)
        check_report(report, self.connections)
        return report


class Backend:
    """The backend of all subjects, a process for each of the sets of cores on one port; a context
    manager."""

    def __init__(self, cores, *options):
        first = Program("bench_backend", cores[0], *options)
        self.port, self.body = int(first.hear()), first.hear()
        self.servers = [first]
        for each in cores[1:]:
            server = Program("bench_backend", each, "--port", self.port, *options)
            self.servers.append(server)
            server.hear(), server.hear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.end()

    def stats(self):
        """How many requests and connections they have seen, those of the harness aside."""
        for server in self.servers:
            server.tell("stats")
        return merge([json.loads(server.hear()) for server in self.servers])
