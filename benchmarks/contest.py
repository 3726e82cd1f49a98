"""Contenders measured in turns: every round asks each of them once, and only ratios within a run are believed."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.server import ROOT


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contender, how many polls it does per round, and how many queues one poll refreshes.

    Of a contender out of another source tree, `tree` says which, and `runs` what it is called there.
    """

    name: str
    polls: int
    queues: int = 1
    tree: Path = ROOT
    runs: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """CPU seconds per poll and per queue (medians over the rounds), by contender, and the rounds themselves."""

    entrants: Mapping[str, Entrant]
    rounds: Mapping[str, list[float]]
    peak_mb: Mapping[str, float]

    def per_poll(self, name: str) -> float:
        """CPU seconds of one poll."""
        return statistics.median(self.rounds[name])

    def per_queue(self, name: str) -> float:
        """CPU seconds per queue refreshed."""
        return self.per_poll(name) / self.entrants[name].queues

    def ratio(self, one: str, other: str, *, per_queue: bool = False) -> float:
        """How many times the cost of `other` `one` costs: the median of the ratios of each round."""
        pairs = zip(self.rounds[one], self.rounds[other], strict=True)
        factor = self.entrants[other].queues / self.entrants[one].queues if per_queue else 1.0
        return statistics.median(mine / theirs for mine, theirs in pairs) * factor


def contest(base: str, entrants: list[Entrant], rounds: int) -> Figures:
    """Measure `entrants` in turns, after one round that does not count."""
    found: dict[str, list[float]] = {entrant.name: [] for entrant in entrants}
    peaks: dict[str, float] = {}
    with ExitStack() as stack:
        started = {entrant.name: _start(stack, entrant, base) for entrant in entrants}
        for number in range(rounds + 1):
            print(f"\r  round {number} of {rounds} ", end="", file=sys.stderr, flush=True)
            for entrant in entrants if number % 2 else reversed(entrants):
                said = ask(started[entrant.name], entrant.polls)
                peaks[entrant.name] = said["peak_kb"] / 1024
                if number:
                    found[entrant.name].append(said["cpu"] / entrant.polls)
        print(file=sys.stderr)
    return Figures({entrant.name: entrant for entrant in entrants}, found, peaks)


def _start(stack: ExitStack, entrant: Entrant, base: str) -> subprocess.Popen[str]:
    process = begin(stack, "benchmarks.contenders", entrant.runs or entrant.name, base, tree=entrant.tree)
    hear(process)
    return process


def begin(stack: ExitStack, module: str, *arguments: str, tree: Path = ROOT) -> subprocess.Popen[str]:
    """A module of a source tree as a process that can be asked; it ends with `stack`."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=tree,
        env=environment(tree),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.enter_context(process)  # closes its standard input at the end, which is how it is told to go
    return process


def environment(tree: Path) -> dict[str, str]:
    """With the packages of this source tree before those that are installed."""
    return os.environ | {"PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join((str(tree), str(tree / "adapters")))}


def ask(process: subprocess.Popen[str], what: object) -> dict[str, Any]:
    """What it answers to one line."""
    if process.stdin is None:
        raise RuntimeError("the process was started without a way to ask it")
    process.stdin.write(f"{what}\n")
    process.stdin.flush()
    return hear(process)


def hear(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line that it says."""
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise RuntimeError(f"{process.args!r} ended early")
    said: dict[str, Any] = json.loads(line)
    return said
