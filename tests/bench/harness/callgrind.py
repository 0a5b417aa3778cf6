"""Exact instruction counts, from callgrind.

The program build/release/tests/runtime_cost measures the actor runtime. Its interface:

    runtime_cost SHAPE HOPS

SHAPE is "trains" (messages go in trains of eight) or "alone" (each message makes its own train);
it delivers HOPS messages over the local lane, each one hop, all within functions whose names
begin with measured_ (not inlined, and none calling another); it prints nothing and ends with 0.
Only instructions inside those functions are counted, libraries included. It runs twice, with N
and with 2N hops, and the difference is divided by N: what is spent once does not count.
"""

import subprocess
import tempfile
from pathlib import Path

from .prepare import PROGRAMS
from .subject import Fault

PROGRAM = PROGRAMS / "runtime_cost"
HOPS = 40000


def missing():
    return None if PROGRAM.exists() else f"{PROGRAM.name} is not built"


def total(path):
    """The sum of instructions in a callgrind output file."""
    for line in path.read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("summary", "totals"):
            return int(value.split()[0])
    raise Fault(f"{path.name} has no sum of instructions")


def instructions(*command):
    """Instructions inside measured_* functions of the program."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        result = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=measured_*", "--quiet",
             f"--callgrind-out-file={out}", *command], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise Fault(f"{' '.join(map(str, command))} failed: {result.stderr[-500:]}")
        return total(out)


def per_hop(shape):
    once = instructions(PROGRAM, shape, str(HOPS))
    twice = instructions(PROGRAM, shape, str(2 * HOPS))
    if not 0 < once < twice:
        raise Fault(f"runtime_cost {shape}: {once} instructions, {twice} for twice the hops")
    return (twice - once) / HOPS
