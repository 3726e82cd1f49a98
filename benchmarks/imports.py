"""What `import ccstats` costs in a fresh interpreter, against the libraries that it stands on."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from benchmarks.server import ROOT

CCSTATS = "import ccstats"
BASE = "import aiohttp, anyio\nfrom pydantic import BaseModel\nclass M(BaseModel):\n    x: int"


@dataclass(frozen=True, slots=True)
class Start:
    """One start of an interpreter: seconds and megabytes."""

    wall: float
    cpu: float
    rss_mb: float


@dataclass(frozen=True, slots=True)
class Imports:
    """Medians of both, and the medians of the ratios of each round."""

    ours: Start
    base: Start
    wall_ratio: float
    cpu_ratio: float


def measure(rounds: int) -> Imports:
    """Start both in turns, after one round that fills the caches."""
    ours, base = [], []
    for number in range(rounds + 1):
        mine, theirs = _start(CCSTATS), _start(BASE)
        if number:
            ours.append(mine)
            base.append(theirs)
    pairs = list(zip(ours, base, strict=True))
    return Imports(
        _median(ours),
        _median(base),
        statistics.median(mine.wall / theirs.wall for mine, theirs in pairs),
        statistics.median(mine.cpu / theirs.cpu for mine, theirs in pairs),
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


def _median(starts: list[Start]) -> Start:
    return Start(
        statistics.median(start.wall for start in starts),
        statistics.median(start.cpu for start in starts),
        statistics.median(start.rss_mb for start in starts),
    )
