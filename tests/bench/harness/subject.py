"""A subject is a proxy that can be measured: how to configure and start it, and what it must do."""

import os
import random
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from . import cpu

HOST = "bench.example.com"
START_SECONDS = 60
START_SECONDS_WRAPPED = 600  # valgrind makes everything fifty times as slow
STOP_SECONDS = 20
SCRATCH = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # logs must not wait for disks


class Fault(Exception):
    """Something that makes a measurement worthless: it is reported, never averaged away."""


@dataclass(frozen=True)
class Target:
    """One thing that the load client asks for."""

    host: str = HOST
    path: str = "/"
    header: str = ""  # "name: value"

    def line(self):
        return "\t".join((self.host, self.path, self.header)) + "\n"

    def headers(self):
        name, _, value = self.header.partition(": ")
        return {"Host": self.host, **({name: value} if name else {})}


@dataclass(frozen=True)
class Place:
    """Where one run of a subject happens."""

    folder: Path
    ports: tuple  # as many as the subject has instances
    backend_port: int
    log: Path  # access log, for subjects that keep one

    @property
    def port(self):
        return self.ports[0]


class Subject:
    """Base of all subjects. A subject holds no state of a run."""

    name = ""
    routes = True  # knows hosts: an unknown one is 404
    added_headers = ("x-forwarded-for", "x-request-id")  # to requests, on their way to the backend
    instances = 1
    logs = False  # writes one line per request to place.log
    targets = (Target(),)
    unknown = (Target(host="unknown.example.com"),)

    def command(self, place):
        """Writes the configuration into place.folder and gives the command line."""
        raise NotImplementedError

    def missing(self):
        """Why it cannot run on this machine, or None."""
        return None


class Twin(Subject):
    """Two independent instances of a subject, each with a port of its own."""

    instances = 2

    def __init__(self, name, subject):
        self.name, self.subject = name, subject
        self.targets, self.unknown = subject.targets, subject.unknown

    def missing(self):
        return self.subject.missing()

    def command(self, place):
        commands = []
        for port in place.ports:
            folder = place.folder / str(port)
            folder.mkdir()
            one = Place(folder, (port,), place.backend_port, folder / "access.log")
            commands.append(shlex.join(map(str, self.subject.command(one))))
        script = "trap 'kill $(jobs -p); wait' TERM; {} & {} & wait"
        return ["bash", "-c", script.format(*commands)]


class Running:
    """A started subject."""

    def __init__(self, subject, place, process):
        self.subject, self.place, self.process = subject, place, process

    @property
    def pid(self):
        return self.process.pid

    def get(self, target, path=None, port=None):
        """One request from the harness itself: status, body."""
        connection = HTTPConnection("127.0.0.1", port or self.place.port, timeout=5)
        try:
            connection.request("GET", path or target.path, headers=target.headers())
            answer = connection.getresponse()
            return answer.status, answer.read().decode("latin-1")
        finally:
            connection.close()

    def check_alive(self):
        if self.process.poll() is not None:
            status = self.process.returncode
            raise Fault(f"{self.subject.name} ended with {status}: {self.output()}")

    def output(self):
        text = (self.place.folder / "output").read_text(errors="replace")
        return text[-2000:].strip()

    def wait_ready(self, seconds):
        deadline = time.monotonic() + seconds
        while not self.answers(self.subject.targets[-1]):
            self.check_alive()
            if time.monotonic() > deadline:
                raise Fault(f"{self.subject.name} is not ready: {self.output()}")
            time.sleep(0.05)

    def answers(self, target):
        try:
            return all(self.get(target, port=port)[0] == 200 for port in self.place.ports)
        except (OSError, HTTPException):
            return False

    def check_routing(self):
        """It must route: known targets reach the backend, unknown ones are 404."""
        known = self.subject.targets
        for target in random.Random(1).sample(known, min(32, len(known))):
            if not self.answers(target):
                raise Fault(f"{self.subject.name}: no 200 for {target}")
        for target in self.subject.unknown if self.subject.routes else ():
            status = self.get(target)[0]
            if status != 404:
                raise Fault(f"{self.subject.name}: {status} instead of 404 for {target}")

    def check_headers(self):
        """It must do the work of a gateway: the backend sees these headers."""
        target = self.subject.targets[0]
        if not self.subject.routes or target.path != "/":
            return
        status, head = self.get(target, "/__bench/head")
        wanted = [f"host: {target.host}\r\n", *(f"{name}: " for name in self.subject.added_headers)]
        for line in wanted:
            if status != 200 or line not in head.lower():
                raise Fault(f"{self.subject.name}: the backend got no {line.strip()!r}: {head}")

    def stop(self):
        """Ends it and everything below it; harmless when it has ended."""
        pids = cpu.tree(self.pid) if self.process.poll() is None else ()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()


def free_port():
    """A port that nobody listens on, outside the range of client ports and of reserved ones."""
    while True:
        port = random.randint(22000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


@contextmanager
def running(subject, backend_port, cores, wrapper=()):
    """Starts the subject on the cores, in a folder of its own; stops it and removes that.

    The wrapper is a command that runs the subject's command (valgrind).
    """
    folder = Path(tempfile.mkdtemp(prefix=f"bench-{subject.name}-", dir=SCRATCH))
    ports = tuple(free_port() for _ in range(subject.instances))
    place = Place(folder, ports, backend_port, folder / "access.log")
    try:
        with open(folder / "output", "wb") as output:
            command = [str(part) for part in (*wrapper, *subject.command(place))]
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT,
                                       stdin=subprocess.DEVNULL, preexec_fn=cpu.pin(cores))
        proxy = Running(subject, place, process)
        try:
            proxy.wait_ready(START_SECONDS_WRAPPED if wrapper else START_SECONDS)
            yield proxy
        finally:
            proxy.stop()
    finally:
        shutil.rmtree(folder)
