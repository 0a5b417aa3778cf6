"""Where a request's time goes in steady state: system calls, hot functions, instructions.

System calls are counted by perf's tracepoints, which hardly slow the subject down (strace does,
and then requests arrive in larger batches and seem to need fewer calls). Instructions in user
space are counted by callgrind, since virtual machines seldom have hardware counters.
"""

import re
import signal
import shutil
import subprocess
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass

from . import callgrind, cpu
from .load import Backend, Load
from .measure import warm_requests
from .prepare import RESULTS
from .subject import Fault, running

ATTACH_SECONDS = 0.7
TRACED_SECONDS = 1.0
SAMPLES_PER_SECOND = 4000
CALLGRIND_REQUESTS = 4000
WARM_REQUESTS = 2000

# callgrind_annotate: "1,234 ( 5.67%)  file:function [binary]"
ANNOTATED = re.compile(r"^ *([\d,]+) \( *[\d.]+%\)  [^ ]*?:(\S.*?)(?: \[.*\])?$")


@dataclass(frozen=True)
class Session:
    proxy: object
    backend: object
    conditions: object
    folder: object

    def pids(self):
        return ",".join(map(str, cpu.tree(self.proxy.pid)))

    @contextmanager
    def load(self):
        """A warm load client; each tool has its own, since tools take long to end."""
        with Load(self.proxy.place.ports, self.proxy.subject.targets, self.backend.body,
                  self.conditions.load_cores, self.proxy.place.folder,
                  self.conditions.connections) as load:
            load.run(f"requests {max(WARM_REQUESTS, warm_requests(load, self.proxy.subject))}")
            yield load


@contextmanager
def session(subject, conditions, wrapper=()):
    folder = RESULTS / f"profile-{subject.name}"
    folder.mkdir(parents=True, exist_ok=True)
    with Backend(conditions.load_cores) as backend, \
            running(subject, backend.port, conditions.proxy_cores, wrapper) as proxy:
        yield Session(proxy, backend, conditions, folder)


@contextmanager
def watched_by(*command):
    """Runs a tool that watches until it is interrupted; gives it time to attach."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(ATTACH_SECONDS)
        if process.poll() is not None:
            raise Fault(f"{command[0]} ended: {process.stderr.read()[-500:]}")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def perf_counts(text):
    """The events of `perf stat -x,` that happened, by their short names."""
    counts = Counter()
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) > 2 and fields[0].isdigit():
            counts[re.sub(r"^.*:(sys_enter_)?", "", fields[2])] += int(fields[0])
    return +counts


def count_calls(run):
    """System calls per request, by name, and context switches; the requests they stand for."""
    out = run.folder / "syscalls.csv"
    with run.load() as load:
        with watched_by("perf", "stat", "-x,", "-o", out, "-e", "context-switches",
                        "-e", "syscalls:sys_enter_*", "-p", run.pids()):
            report = load.run(f"seconds {TRACED_SECONDS}")
    counts = perf_counts(out.read_text())
    return {name: count / report["ok"] for name, count in counts.most_common()}


def hot_functions(run, seconds):
    """Where the subject was found, kernel and user space, as shares of its own time.

    The cores are sampled, not the process: a sampler that is armed anew at each context switch
    would find the subject in the scheduler all the time.
    """
    data, pids, cores = run.folder / "perf.data", run.pids(), run.conditions.proxy_cores
    with run.load() as load:
        with watched_by("perf", "record", "-q", "-e", "cpu-clock", "-F", SAMPLES_PER_SECOND, "-g",
                        "-o", data, "-C", ",".join(map(str, sorted(cores)))):
            load.run(f"seconds {seconds}")
    result = subprocess.run(
        ["perf", "report", "-i", data, "--stdio", "--no-children", "-g", "none", "--pid", pids,
         "--percentage", "relative", "--sort", "dso,symbol"],
        capture_output=True, text=True, check=False)
    lines = [re.sub(r"[ -]+$", "", line) for line in result.stdout.splitlines() if "%" in line]
    (run.folder / "functions.txt").write_text("\n".join(lines) + "\n")
    return lines


def cpu_time(run, seconds):
    """Microseconds per request with nothing attached: all, user, system."""
    with run.load() as load:
        before = cpu.usage(run.proxy.pid)
        report = load.run(f"seconds {seconds}")
        after = cpu.usage(run.proxy.pid)
    total = (after.nanoseconds - before.nanoseconds) / report["ok"] / 1000
    user, system = after.user - before.user, after.system - before.system
    share = user / (user + system) if user + system else 0
    return total, total * share, total * (1 - share)


def control(action, pid):
    subprocess.run(["callgrind_control", action, str(pid)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def count_instructions(subject, conditions):
    """User instructions per request: the sum, and the functions that take most."""
    folder = RESULTS / f"profile-{subject.name}"
    for old in folder.glob("callgrind.*"):
        old.unlink()
    wrapper = ("valgrind", "--tool=callgrind", "--trace-children=yes", "--quiet",
               f"--callgrind-out-file={folder}/callgrind.%p")
    with session(subject, conditions, wrapper) as run, run.load() as load:
        pids = cpu.tree(run.proxy.pid)
        for pid in pids:
            control("--zero", pid)
        load.run(f"requests {CALLGRIND_REQUESTS}")
        for pid in pids:
            control("--dump", pid)
    dumps = {dump: callgrind.total(dump) for dump in folder.glob("callgrind.*.1*")}
    functions = annotate(max(dumps, key=dumps.get), folder / "instructions.txt")
    return sum(dumps.values()) / CALLGRIND_REQUESTS, functions


def without_open_calls(text):
    """The dump without calls that had not returned: callgrind_annotate takes them for own cost."""
    return re.sub(r"^calls=0 .*\n.*\n", "", text, flags=re.MULTILINE)


def annotate(dump, file):
    """Writes callgrind_annotate's list, and gives it with instructions per request."""
    dump.write_text(without_open_calls(dump.read_text()))
    result = subprocess.run(["callgrind_annotate", "--auto=no", dump], capture_output=True,
                            text=True, check=False)
    file.write_text(result.stdout)
    functions = Counter()  # a function has a line for each file that was inlined into it
    for line in filter(None, map(ANNOTATED.match, result.stdout.splitlines())):
        functions[line[2]] += int(line[1].replace(",", ""))
    return [f"{count / CALLGRIND_REQUESTS:8.0f}  {name}" for name, count in functions.most_common()]
