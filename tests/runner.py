#!/usr/bin/python3
"""Builds the gateway, runs its tests and counts their cases; ./test is the way to call it.

    ./test                everything that belongs on each change
    ./test --quick        the release build only
    ./test NAME ...       only these: a test program (slice_test, or unit/slice_test), or a suite
                          (rules, bench, blackbox, quickstart), or one case of a suite
                          (blackbox::test_name)

A case is a cmocka test, a pytest test, a fuzz corpus or a build. A crash, a leak, a time-out and
a skipped case count as failed, and so does a test program that reports no case at all. The last
line is "N passed, N failed"; the exit code is 0 only when nothing failed.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM_TIMEOUT = 600
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}
SUITES = ("rules", "bench", "blackbox", "quickstart")


class Results:
    """The cases that ran, and what the failed ones wrote."""

    def __init__(self):
        self.passed = 0
        self.failures = []

    def passes(self, count=1):
        self.passed += count

    def fails(self, name, output):
        self.failures.append((name, output))

    def print_summary(self):
        for name, output in self.failures:
            print(f"\nFAILED {name}")
            lines = output.strip().splitlines()
            if len(lines) > 60:
                lines = lines[:20] + [f"... {len(lines) - 60} lines ..."] + lines[-40:]
            print("".join(f"    {line}\n" for line in lines), end="")
        print(f"\n{self.passed} passed, {len(self.failures)} failed")


def run(command, timeout=None, env=None, cwd=ROOT):
    """Runs a command in a process group of its own, so that a time-out leaves nothing behind.

    Gives its exit code and its output; a time-out gives 124."""
    process = subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=timeout)
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        output += f"\ntime-out after {timeout} s\n".encode()
        code = 124
    return code, output.decode(errors="replace")


def build(preset, results):
    """Configures and builds one preset; a failure is a failed case."""
    code, output = run(["cmake", "--preset", preset])
    if code == 0:
        code, output = run(["cmake", "--build", "--preset", preset])
    if code != 0:
        errors = [i for i, line in enumerate(output.splitlines()) if "error" in line.lower()]
        start = max(errors[0] - 3, 0) if errors else 0
        results.fails(f"{preset}: build", "\n".join(output.splitlines()[start:]))
        return False
    results.passes()
    return True


def programs_of(preset):
    """The tests that CMake knows: name, command, folder, labels, time-out."""
    listing = subprocess.check_output(
        ["ctest", "--test-dir", f"build/{preset}", "--show-only=json-v1"], cwd=ROOT)
    for test in json.loads(listing)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        yield {
            "name": test["name"],
            "command": test["command"],
            "cwd": properties.get("WORKING_DIRECTORY", ROOT),
            "labels": properties.get("LABELS", []),
            "timeout": properties.get("TIMEOUT", PROGRAM_TIMEOUT),
        }


def prefix_for(preset):
    """TSAN of GCC 12 cannot live with the address randomisation of newer kernels."""
    command = ["setarch", "-R"]
    works = preset == "tsan" and subprocess.run(command + ["true"], capture_output=True)
    return command if works and works.returncode == 0 else []


def read_cases(path):
    """The cases of a JUnit XML file: (name, problem or None)."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name", "?")
        if case.get("classname"):
            name = case.get("classname").split(".")[-1] + "::" + name
        problem = None
        for kind in ("failure", "error", "skipped"):
            found = case.find(kind)
            if found is not None:
                problem = "\n".join([kind, found.text or found.get("message") or ""])
        yield name, problem


def collect(paths, prefix, results):
    """Counts the cases of some XML files; gives how many there were, and how many failed."""
    cases = failed = 0
    for path in paths:
        try:
            for name, problem in read_cases(path):
                cases += 1
                if problem is None:
                    results.passes()
                else:
                    failed += 1
                    results.fails(f"{prefix}::{name}", problem)
        except ElementTree.ParseError as error:
            failed += 1
            results.fails(prefix, f"unreadable report {path.name}: {error}\n{path.read_text()}")
    return cases, failed


def run_program(preset, program, results):
    """Runs one cmocka program, or another one (a fuzz corpus), which is one case."""
    reports = ROOT / "build" / preset / "reports" / program["name"]
    reports.mkdir(parents=True, exist_ok=True)
    for old in reports.iterdir():
        old.unlink()
    env = dict(SANITIZER_OPTIONS, CMOCKA_MESSAGE_OUTPUT="xml",
               CMOCKA_XML_FILE=str(reports / "%g.xml"))
    code, output = run(prefix_for(preset) + program["command"], float(program["timeout"]), env,
                       program["cwd"])
    label = f"{preset}: {program['name']}"
    if "cmocka" not in program["labels"]:
        results.passes() if code == 0 else results.fails(label, output)
        return
    cases, failed = collect(sorted(reports.glob("*.xml")), label, results)
    if code != 0 and failed == 0:
        results.fails(label, f"ended with code {code}\n{output}")
    elif cases == 0 and failed == 0:
        results.fails(label, f"reported no test case\n{output}")


def run_programs(preset, wanted, results):
    label = "runtime" if preset == "tsan" else None
    for program in programs_of(preset):
        if label and label not in program["labels"]:
            continue
        if wanted is not None and program["name"] not in wanted:
            continue
        run_program(preset, program, results)


def run_pytest(suite, case, preset, results):
    """Runs tests/<suite>, or one case of it, with Debian's pytest."""
    report = ROOT / "build" / preset / "reports" / f"{suite}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider",
               f"--junit-xml={report}", f"tests/{suite}"] + (["-k", case] if case else [])
    if preset != "release":
        command += ["-m", "not release_only"]
    env = {"NANTIAN_PRESET": preset, "PYTHONDONTWRITEBYTECODE": "1", **SANITIZER_OPTIONS}
    code, output = run(command, 1200, env)
    if not report.exists():
        results.fails(f"{preset}: {suite}", output)
        return
    cases, failed = collect([report], f"{preset}: {suite}", results)
    if code != 0 and failed == 0:
        results.fails(f"{preset}: {suite}", output)
    elif cases == 0 and failed == 0:
        results.fails(f"{preset}: {suite}", f"no test case\n{output}")


class Progress:
    """One line for each step: what it is, its cases, its time."""

    def __init__(self, results):
        self.results = results

    def step(self, title, action, *arguments):
        passed, failed, began = self.results.passed, len(self.results.failures), time.monotonic()
        print(f"{title:.<34} ", end="", flush=True)
        outcome = action(*arguments)
        passed, failed = self.results.passed - passed, len(self.results.failures) - failed
        note = f", {failed} FAILED" if failed else ""
        print(f"{passed:5} passed{note}  ({time.monotonic() - began:.0f} s)", flush=True)
        return outcome


def run_everything(presets, progress, results):
    built = []
    for preset in presets:
        if progress.step(f"{preset}: build", build, preset, results):
            built.append(preset)
            progress.step(f"{preset}: programs", run_programs, preset, None, results)
    progress.step("rules", run_pytest, "rules", None, "release", results)
    progress.step("bench", run_pytest, "bench", None, "release", results)
    for preset in built:
        progress.step(f"{preset}: blackbox", run_pytest, "blackbox", None, preset, results)
    if "release" in built:
        progress.step("quickstart", run_pytest, "quickstart", None, "release", results)


def run_named(names, presets, progress, results):
    suites = [name for name in names if name.split("::")[0] in SUITES]
    programs = {name.split("/")[-1] for name in names if name not in suites}
    known = set()
    for preset in presets if programs else ["release"]:
        if progress.step(f"{preset}: build", build, preset, results) and programs:
            known |= {program["name"] for program in programs_of(preset)}
            progress.step(f"{preset}: programs", run_programs, preset, programs & known, results)
    for name in sorted(programs - known):
        results.fails(name, "no such test")
    for name in suites:
        suite, _, case = name.partition("::")
        progress.step(name, run_pytest, suite, case, "release", results)


def main():
    parser = argparse.ArgumentParser(
        prog="./test", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the release build only")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    presets = ["release"] if options.quick else ["release", "asan", "tsan"]
    results = Results()
    progress = Progress(results)
    if options.names:
        run_named(options.names, presets, progress, results)
    else:
        run_everything(presets, progress, results)
    results.print_summary()
    return 1 if results.failures or not results.passed else 0


if __name__ == "__main__":
    sys.exit(main())
