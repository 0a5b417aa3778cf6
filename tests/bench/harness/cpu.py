"""What the kernel says about processes: CPU time, memory, cores. Linux only."""

import os
import time
from dataclasses import dataclass

TICK = 1 / os.sysconf("SC_CLK_TCK")


def clock_of(pid):
    """The clock id of a process's CPU time: the scheduler's nanoseconds over all its threads.

    It is the sum of /proc/PID/task/*/schedstat, plus what threads used that have ended since;
    clock_getcpuclockid(3) computes the same number.
    """
    return (~pid << 3) | 2


def children_of(pid):
    pids = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
            pids += [int(child) for child in file.read().split()]
    return pids


def tree(pid):
    """The process and everything below it: a master and its workers."""
    pids = [pid]
    for parent in pids:
        pids += children_of(parent)
    return tuple(sorted(pids))


@dataclass(frozen=True)
class Usage:
    """What a tree of processes has used so far."""

    pids: tuple
    nanoseconds: int  # exact
    user: float  # seconds; the kernel splits user and system by sampling ticks
    system: float


def stat_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) * TICK, int(fields[12]) * TICK


def usage(pid):
    pids = tree(pid)
    split = [stat_seconds(each) for each in pids]
    return Usage(pids, sum(time.clock_gettime_ns(clock_of(each)) for each in pids),
                 sum(user for user, _ in split), sum(system for _, system in split))


def rss_bytes(pid):
    """Resident memory of the whole tree; pages that several processes share count once.

    That is the proportional set size; for a single process it is its RSS, less what it shares
    with unrelated processes (the text of libc), so the larger of the two is given.
    """
    pids = tree(pid)
    pss = sum(field_kib(f"/proc/{each}/smaps_rollup", "Pss:") for each in pids)
    largest = max(field_kib(f"/proc/{each}/status", "VmRSS:") for each in pids)
    return 1024 * max(pss, largest)


def field_kib(path, name):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(name):
                return int(line.split()[1])
    raise ValueError(f"{path} has no {name}")


def steal_seconds():
    """What the hypervisor took from this machine's cores so far."""
    with open("/proc/stat", encoding="ascii") as file:
        return int(file.readline().split()[8]) * TICK


def busy_nanoseconds(task):
    with open(f"/proc/{task}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])


def spread(pid, cores):
    """Pins the busiest threads of the tree to one core each; the others may run on any of them.

    Where the scheduler puts them by itself differs from run to run, and so does what they cost.
    """
    tasks = [int(task) for each in tree(pid) for task in os.listdir(f"/proc/{each}/task")]
    tasks.sort(key=busy_nanoseconds, reverse=True)
    for task, core in zip(tasks, sorted(cores, reverse=True)):
        os.sched_setaffinity(task, {core})


def pin(cores):
    """A preexec_fn that keeps a child, and its children, on the cores."""
    return lambda: os.sched_setaffinity(0, cores)
