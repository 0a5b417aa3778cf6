"""Results: the table for people, the JSON for programs."""

import json
import os
import platform
import subprocess
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Optional

from . import stats
from .prepare import RESULTS, ROOT

HOLDS, MISSED, UNMEASURED, INFORMATION = "holds", "MISSED", "not measured", "-"


@dataclass
class Result:
    """One line of the table."""

    row: str
    what: str
    unit: str  # "x" for a ratio
    target: Optional[float] = None
    value: Optional[float] = None
    low: Optional[float] = None
    high: Optional[float] = None
    verdict: str = UNMEASURED
    note: str = ""


@dataclass
class Report:
    started: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%S%z"))
    load_average: tuple = field(default_factory=os.getloadavg)
    results: list = field(default_factory=list)
    samples: dict = field(default_factory=dict)  # row: subject: list of Sample

    def failed(self, asked):
        """Whether a target that was asked for does not hold."""
        return any(result.target is not None and result.verdict != HOLDS
                   for result in self.results if result.row in asked)


def judge(result, holds):
    if result.target is None:
        result.verdict = INFORMATION
    else:
        result.verdict = HOLDS if holds else MISSED
    return result


def compare(row, comparison, samples):
    """The result of one comparison; not measured when one side has no samples."""
    result = Result(row.key, f"{comparison.ours} / {comparison.theirs}", "x", comparison.target)
    ours, theirs = samples.get(comparison.ours), samples.get(comparison.theirs)
    if not ours or not theirs:
        return result
    ratio = stats.ratio([each.microseconds for each in ours],
                        [each.microseconds for each in theirs])
    result.value, result.low, result.high = ratio.mean, ratio.low, ratio.high
    return judge(result, comparison.target is not None and ratio.below(comparison.target))


def table(head, lines):
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
    bars = ["-" * width for width in widths]
    rows = ([cell.ljust(width) for cell, width in zip(line, widths)]
            for line in [head, bars, *lines])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def number(value, unit):
    if value is None:
        return ""
    return f"{value:.3f}" if unit == "x" else f"{value:.1f} {unit}"


def results_table(results):
    lines = []
    for each in results:
        spread = "" if each.low is None else f"{each.low:.3f}-{each.high:.3f}"
        target = "" if each.target is None else f"<= {each.target:g}"
        verdict = f"{each.verdict}: {each.note}" if each.note else each.verdict
        lines.append([each.row, each.what, target, number(each.value, each.unit), spread, verdict])
    return table(["row", "what", "target", "measured", "95 % interval", "verdict"], lines)


def samples_table(samples):
    lines = []
    for row, subjects in samples.items():
        for name, each in subjects.items():
            mean = stats.interval([sample.microseconds for sample in each])
            user, system = sum(x.user for x in each), sum(x.system for x in each)
            share = user / (user + system) if user + system else 0
            rate = sum(x.requests for x in each) / sum(x.seconds for x in each)
            half = mean.high - mean.mean
            lines.append([row, name, f"{mean.mean:.2f} ± {half:.2f}", f"{mean.mean * share:.2f}",
                          f"{mean.mean * (1 - share):.2f}", f"{rate:,.0f}", str(len(each))])
    return table(["row", "subject", "CPU us/request", "user", "system", "requests/s", "rounds"],
                 lines)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if "model name" in line), "")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=False,
                            capture_output=True, text=True).stdout.strip()
    congestion = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "congestion_control": congestion, "commit": commit}


def text(report):
    about = machine()
    parts = [f"{report.started}, commit {about['commit']}, {about['cores']} x {about['cpu']}, "
             f"Linux {about['kernel']} with {about['congestion_control']}, "
             f"load average {report.load_average[0]:.2f} at the start"]
    if report.samples:
        parts.append(samples_table(report.samples))
    parts.append(results_table(report.results))
    return "\n\n".join(parts) + "\n"


def save(report):
    """Writes build/bench/<start>.json and .md, and gives the path of the latter."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / report.started.replace(":", "")
    samples = {row: {name: [asdict(sample) for sample in each] for name, each in subjects.items()}
               for row, subjects in report.samples.items()}
    content = {"started": report.started, "load_average": report.load_average,
               "machine": machine(), "results": [asdict(each) for each in report.results],
               "samples": samples}
    path.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n")
    path.with_suffix(".md").write_text(text(report))
    return path.with_suffix(".md")
