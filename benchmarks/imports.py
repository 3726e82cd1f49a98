"""What `import ccstats` costs in a fresh interpreter, against the libraries that it stands on."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.server import ROOT

CCSTATS = "import ccstats"
IN_USE = "import ccstats\nccstats.Monitor"
BASE = "import aiohttp, anyio\nfrom pydantic import BaseModel\nclass M(BaseModel):\n    x: int"


@dataclass(frozen=True, slots=True)
class Start:
    """One start of an interpreter: seconds and megabytes."""

    wall: float
    cpu: float
    rss_mb: float


@dataclass(frozen=True, slots=True)
class Imports:
    """Medians of all, and the medians of the ratios of each round.

    `ours` is the import alone, which loads nothing yet; `in_use` is what a program pays that then names a `Monitor`.
    """

    ours: Start
    in_use: Start
    base: Start
    wall_ratio: float
    in_use_ratio: float


def measure(rounds: int) -> Imports:
    """Start both in turns, after one round that fills the caches."""
    found = [(_start(CCSTATS), _start(IN_USE), _start(BASE)) for _ in range(rounds + 1)][1:]
    ours, in_use, base = zip(*found, strict=True)
    return Imports(
        _median(ours),
        _median(in_use),
        _median(base),
        statistics.median(mine.wall / theirs.wall for mine, _, theirs in found),
        statistics.median(used.wall / theirs.wall for _, used, theirs in found),
    )


def _start(code: str) -> Start:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{code!r} failed")
    return Start(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _median(starts: Sequence[Start]) -> Start:
    return Start(
        statistics.median(start.wall for start in starts),
        statistics.median(start.cpu for start in starts),
        statistics.median(start.rss_mb for start in starts),
    )
