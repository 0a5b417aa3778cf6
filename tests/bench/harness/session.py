"""A run of the benchmarks: rows, rounds, verdicts."""

import sys
import time
from dataclasses import replace

from . import callgrind, cpu
from .load import Backend, Load
from .measure import Conditions, measure
from .report import MISSED, Result, compare, judge
from .rows import (IDLE_CONNECTIONS, IDLE_SUBJECTS, IDLE_TARGET_MIB, MIB, RATIO_ROWS,
                   RUNTIME_TARGETS, SUBJECTS)
from .subject import Fault, running

IDLE_AT_ONCE = 64


def progress(text):
    print(text, file=sys.stderr, flush=True)


def rotated(items, by):
    by %= len(items)
    return items[by:] + items[:by]


def available(names, wanted):
    """The subjects of a row that were asked for and can run here."""
    chosen = []
    for name in names:
        reason = SUBJECTS[name].missing()
        if wanted and name not in wanted:
            continue
        if reason:
            progress(f"  without {name}: {reason}")
        else:
            chosen.append(name)
    return chosen


def run_rounds(row, names, conditions, rounds):
    """Every round measures each subject once, in an order that turns from round to round."""
    samples = {name: [] for name in names}
    with Backend(conditions.load_cores) as backend:
        for number in range(rounds if names else 0):
            for name in rotated(names, number):
                samples[name].append(measure(SUBJECTS[name], backend, conditions, number + 1))
            shown = "  ".join(f"{name} {samples[name][-1].microseconds:.2f}" for name in names)
            progress(f"  {row.key} {number + 1}/{rounds}: {shown}")
    return samples


def run_ratio_row(row, report, options):
    conditions = replace(row.conditions, seconds=options.seconds)
    names = available(row.subjects(), options.subjects)
    try:
        samples = run_rounds(row, names, conditions, options.rounds)
    except Fault as fault:
        progress(f"  {row.key}: {fault}")
        report.results.append(Result(row.key, row.title, "x", 0, verdict=MISSED, note=str(fault)))
        return
    report.samples[row.key] = samples
    report.results += [compare(row, each, samples) for each in row.comparisons]


def run_runtime(report):
    for shape, target in RUNTIME_TARGETS.items():
        result = Result("runtime", f"instructions per local hop, {shape}", "Ir", target)
        report.results.append(result)
        result.note = callgrind.missing() or ""
        if result.note:
            continue
        try:
            result.value = callgrind.per_hop(shape)
            judge(result, result.value <= target)
        except Fault as fault:
            result.verdict, result.note = MISSED, str(fault)


def idle_memory(subject, conditions):
    """Resident memory with idle connections, each of which has been used and still works."""
    with Backend(conditions.load_cores) as backend, \
            running(subject, backend.port, conditions.proxy_cores) as proxy, \
            Load(proxy.place.ports, subject.targets, backend.body, conditions.load_cores,
                 proxy.place.folder, IDLE_CONNECTIONS, IDLE_AT_ONCE) as load:
        before = cpu.rss_bytes(proxy.pid)
        load.run(f"requests {IDLE_CONNECTIONS}")
        time.sleep(1)
        after = cpu.rss_bytes(proxy.pid)
        load.run(f"requests {IDLE_CONNECTIONS}")
        return before / MIB, after / MIB


def run_idle(report, options):
    for name in IDLE_SUBJECTS:
        ours = name == "nantian"
        result = Result("idle", f"{name}, memory with {IDLE_CONNECTIONS} idle connections", "MiB",
                        IDLE_TARGET_MIB if ours else None)
        report.results.append(result)
        if not available([name], options.subjects):
            continue
        try:
            before, result.value = idle_memory(SUBJECTS[name], Conditions())
            judge(result, result.value <= IDLE_TARGET_MIB)
            result.note = f"{before:.1f} MiB without"
            progress(f"  idle: {name} {result.value:.1f} MiB")
        except Fault as fault:
            result.verdict, result.note = MISSED, str(fault)


def run_rows(report, options):
    for row in RATIO_ROWS:
        if row.key in options.rows:
            progress(f"{row.key}: {row.title}")
            run_ratio_row(row, report, options)
    if "runtime" in options.rows:
        run_runtime(report)
    if "idle" in options.rows:
        progress("idle: memory of idle connections")
        run_idle(report, options)
