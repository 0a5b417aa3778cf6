"""Starting and watching one gateway process."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import yaml

from . import manifests, names
from .client import fetch

ROOT = Path(__file__).resolve().parents[3]
PRESET = os.environ.get("NANTIAN_PRESET", "release")
BINARY = ROOT / "build" / PRESET / "nantian-gw"

SETTINGS = {"traffic_port": 0, "dataplane_admin_port": 0, "controlplane_admin_port": 0,
            "controlplane_metrics_port": 0, "drain_delay": "0s", "drain_period": "5s"}


def prefix():
    """TSAN of GCC 12 cannot live with the address randomisation of newer kernels."""
    return ["setarch", "-R"] if PRESET == "tsan" else []


def config_text(settings):
    """The config file for some settings of names.CONFIG."""
    tree = {}
    for word, value in settings.items():
        *path, last = names.CONFIG[word].split(".")
        place = tree
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return yaml.safe_dump(tree)


def json_lines(path):
    """The whole lines of a log; one that is not JSON fails the test that looks."""
    text = path.read_bytes().decode(errors="replace")
    return [json.loads(line) for line in text.split("\n")[:-1] if line]


def wait_until(condition, timeout=10.0, what="the condition"):
    """Polls until condition() gives something true, and gives that."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"{what} did not come within {timeout} s"
        time.sleep(0.01)


class Gateway:
    """`nantian-gw standalone` on a folder of manifests. The fixed ports are free ones."""

    def __init__(self, folder, workers=None, log="info", env=None, stdout=None, **settings):
        self.folder = Path(folder)
        self.manifests = self.folder / "manifests"
        self.manifests.mkdir(parents=True, exist_ok=True)
        self.log_file = self.folder / "log"
        self.access_file = self.folder / "access"
        self.config_file = self.folder / "config.yaml"
        self.config_file.write_text(config_text({**SETTINGS, **settings}))
        self.command = prefix() + [str(BINARY), "standalone", "-f", str(self.manifests),
                        "--config", str(self.config_file), "--log", log]
        if workers:
            self.command += ["--workers", str(workers)]
        self.env = {**os.environ, **(env or {})}
        self.stdout = stdout
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *error):
        self.kill()

    def start(self, ready=True):
        with open(self.log_file, "wb") as log, open(self.access_file, "wb") as access:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=self.stdout or access, stderr=log,
                env=self.env, cwd=self.folder, start_new_session=True)
        if ready:
            self.wait_ready()
        return self

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def finish(self):
        """The end of a test. With a sanitizer the process ends in order, so that leaks show, and
        what the sanitizer has found fails the test."""
        if PRESET != "release" and self.process and self.process.poll() is None:
            if not self.log_lines(names.LOG_STOPPING):  # a second signal would end it at once
                self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        text = self.log_file.read_text(errors="replace") if self.log_file.exists() else ""
        found = re.search(r"^.*(Sanitizer|runtime error).*$", text, re.MULTILINE)
        assert not found, text[found.start():found.start() + 6000]

    def terminate(self, timeout=20):
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    # the log

    def log_lines(self, id=None, **fields):
        return [line for line in json_lines(self.log_file)
                if (id is None or line["id"] == id)
                and all(line.get(key) == value for key, value in fields.items())]

    def wait_for_log(self, id, timeout=10.0, **fields):
        def found():
            lines = self.log_lines(id, **fields)
            if not lines:
                assert self.process.poll() is None, f"it ended:\n{self.log_file.read_text()}"
            return lines[-1] if lines else None
        return wait_until(found, timeout, f"the log line {id} {fields}")

    def access_lines(self):
        return json_lines(self.access_file)

    def wait_for_access(self, count=1, timeout=5.0, **members):
        def found():
            lines = [line for line in self.access_lines()
                     if all(line.get(key) == value for key, value in members.items())]
            return lines if len(lines) >= count else None
        return wait_until(found, timeout, f"{count} access log lines with {members}")

    # ports

    def port(self, name, timeout=10.0):
        """The port of a fixed socket (a key of names.FIXED) or of a Gateway's listener (its
        name, as in the log: namespace/gateway/listener)."""
        return self.wait_for_log(names.LOG_BOUND, timeout, name=names.FIXED.get(name, name))["port"]

    @property
    def traffic(self):
        return self.port("traffic")

    def wait_ready(self, timeout=20.0):
        self.wait_for_log(names.LOG_READY, timeout)
        wait_until(lambda: self.admin("/readyz").status == 200, timeout, "readiness")

    # the admin endpoints

    def admin(self, target, plane="dataplane_admin", method="GET", fields=(), body=None):
        return fetch(self.port(plane), target, "localhost", method, fields, body)

    def admin_json(self, target, plane="dataplane_admin"):
        response = self.admin(target, plane)
        assert response.status == 200, f"{target}: {response.status} {response.body[:200]}"
        return json.loads(response.body)

    def metrics(self, plane="dataplane_admin"):
        response = self.admin("/metrics", plane)
        assert response.status == 200
        return Metrics(response.body.decode())

    # the process

    def rss(self):
        """Resident memory in bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    # the manifests

    def write(self, name, *objects):
        manifests.write_objects(self.manifests, name, *objects)

    def write_text(self, name, text):
        manifests.write(self.manifests, name, text)


SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Metrics:
    """One scrape."""

    def __init__(self, text):
        self.text = text
        self.samples = []
        for line in text.splitlines():
            found = SAMPLE.match(line)
            if found and not line.startswith("#"):
                labels = dict(LABEL.findall(found.group(2) or ""))
                self.samples.append((found.group(1), labels, float(found.group(3))))

    def values(self, name, **labels):
        return [value for sample, has, value in self.samples
                if sample == name and all(has.get(k) == v for k, v in labels.items())]

    def sum(self, name, **labels):
        """The sum of all series that have these labels; 0 when there is none."""
        return sum(self.values(name, **labels))
