"""Our subject: `nantian-gw standalone` on generated manifests."""

import json

from . import manifests
from .prepare import BUILD
from .subject import Subject

BINARY = BUILD / "nantian-gw"


def settings(logs, place):
    """The config file: ports are free ones, stopping is quick, the access log is off or whole.

    What is not named keeps its default: metrics, flight recorder, watchdog and limits are on.
    """
    return {
        "dataplane": {
            "traffic": {"address": "127.0.0.1", "port": 0},
            "admin": {"port": 0},
            "drain": {"delay": "0s", "period": "2s"},
            "access_log": {"enabled": logs, "path": str(place.log), "sample_rate": 1},
        },
        "controlplane": {"admin": {"port": 0}, "metrics": {"port": 0}},
    }


class Nantian(Subject):
    """Metrics are on, as they always are. `count` routes are asked for with `requests` different
    request texts, so that the client's use of the caches does not depend on the routes."""

    def __init__(self, name, logs=False, workers=1, shape=manifests.PLAIN, count=1, requests=1):
        self.name, self.logs, self.workers = name, logs, workers
        self.shape, self.count = shape, count
        self.targets = tuple(shape.target(n % count) for n in range(requests))
        self.unknown = (shape.unknown,)

    def missing(self):
        return None if BINARY.exists() else f"{BINARY.name} is not built"

    def command(self, place):
        folder, config = place.folder / "manifests", place.folder / "config.yaml"
        manifests.write(folder, place.port, place.backend_port, self.shape, self.count)
        config.write_text(json.dumps(settings(self.logs, place), indent=1))
        return [BINARY, "standalone", "-f", folder, "--config", config,
                "--workers", self.workers, "--log", "warn"]
