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

# callgrind_annotate: "1,234 ( 5.67%)  89 ( 0.1%)  file:function [binary]", a column per event
COUNT = r" *([\d,.]+)(?: \( *[\d.]+%\))?"
FUNCTION = r" +[^ ]*?:(\S.*?)(?: \[.*\])?$"

# A core's second-level cache. What misses it waits for memory that all cores share.
COLD_CACHE = ("--cache-sim=yes", "--LL=2097152,16,64")
COLD_EVENTS = ("DLmr", "DLmw")


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


def under_callgrind(subject, conditions, *options):
    """Runs CALLGRIND_REQUESTS requests in steady state, and gives the dump of the busiest process
    of the subject."""
    folder = RESULTS / f"profile-{subject.name}"
    for old in folder.glob("callgrind.*"):
        old.unlink()
    wrapper = ("valgrind", "--tool=callgrind", "--trace-children=yes", "--quiet", *options,
               f"--callgrind-out-file={folder}/callgrind.%p")
    with session(subject, conditions, wrapper) as run, run.load() as load:
        pids = cpu.tree(run.proxy.pid)
        for pid in pids:
            control("--zero", pid)
        load.run(f"requests {CALLGRIND_REQUESTS}")
        for pid in pids:
            control("--dump", pid)
    dump = max(folder.glob("callgrind.*.1*"), key=callgrind.total)
    dump.write_text(without_open_calls(dump.read_text()))
    return dump


def without_open_calls(text):
    """The dump without calls that had not returned: callgrind_annotate takes them for own cost."""
    return re.sub(r"^calls=0 .*\n.*\n", "", text, flags=re.MULTILINE)


def per_function(text, events):
    """callgrind_annotate's list as events per request of each function, all columns summed.

    A function has a line for each file that was inlined into it; they are added up.
    """
    functions = Counter()
    pattern = re.compile("^" + events * COUNT + FUNCTION)
    for line in filter(None, map(pattern.match, text.splitlines())):
        counts = (int(re.sub(r"[,.]", "", line[column + 1]) or 0) for column in range(events))
        functions[line[events + 1]] += sum(counts) / CALLGRIND_REQUESTS
    return functions.most_common()


def annotate(dump, file, *events):
    result = subprocess.run(
        ["callgrind_annotate", "--auto=no", f"--show={','.join(events)}",
         f"--sort={','.join(events)}", dump], capture_output=True, text=True, check=False)
    file.write_text(result.stdout)
    return per_function(result.stdout, len(events))


def count_instructions(subject, conditions):
    """User instructions per request: the sum, and the functions that take most."""
    dump = under_callgrind(subject, conditions)
    functions = annotate(dump, dump.parent / "instructions.txt", "Ir")
    return callgrind.total(dump) / CALLGRIND_REQUESTS, functions


def count_cold_lines(subject, conditions):
    """Cache lines per request that a core's cache does not hold: the sum, and who touches them."""
    dump = under_callgrind(subject, conditions, *COLD_CACHE)
    functions = annotate(dump, dump.parent / "cold.txt", *COLD_EVENTS)
    return sum(count for _, count in functions), functions
