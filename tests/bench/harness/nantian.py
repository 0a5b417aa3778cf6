"""Our subject: `nantian-gw standalone` on generated manifests."""

import json

from . import manifests
from .prepare import BUILD
from .subject import Subject

BINARY = BUILD / "nantian-gw"


def settings(logs):
    """The config file: every fixed port is a free one; the access log is off or whole."""
    free = {"port": 0}
    return {
        "dataplane": {"traffic": free, "admin": free, "access_log": {"enabled": logs}},
        "controlplane": {"admin": free, "metrics": free},
    }


class Nantian(Subject):
    """Metrics are on, as they always are. The access log goes to standard output, into a file."""

    def __init__(self, name, logs=False, workers=1, shape=manifests.PLAIN, count=1):
        self.name, self.logs, self.workers = name, logs, workers
        self.shape, self.count = shape, count
        self.targets = tuple(shape.target(n) for n in range(count))
        self.unknown = (shape.unknown,)

    def missing(self):
        return None if BINARY.exists() else f"{BINARY.name} is not built"

    def command(self, place):
        folder, config = place.folder / "manifests", place.folder / "config.yaml"
        manifests.write(folder, place.port, place.backend_port, self.shape, self.count)
        config.write_text(json.dumps(settings(self.logs), indent=1))
        command = [BINARY, "standalone", "-f", folder, "--config", config,
                   "--workers", self.workers, "--log", "warn"]
        return ["sh", "-c", 'log=$1; shift; exec "$@" >"$log"', "sh", place.log, *command]
