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

from benchmarks.server import ROOT


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contender, how many polls it does per round, and how many queues one poll refreshes."""

    name: str
    polls: int
    queues: int = 1


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
        started = {entrant.name: _start(stack, entrant.name, base) for entrant in entrants}
        for number in range(rounds + 1):
            print(f"\r  round {number} of {rounds} ", end="", file=sys.stderr, flush=True)
            for entrant in entrants if number % 2 else reversed(entrants):
                said = _ask(started[entrant.name], entrant.polls)
                peaks[entrant.name] = said["peak_kb"] / 1024
                if number:
                    found[entrant.name].append(said["cpu"] / entrant.polls)
        print(file=sys.stderr)
    return Figures({entrant.name: entrant for entrant in entrants}, found, peaks)


def _start(stack: ExitStack, name: str, base: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.contenders", name, base],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "0"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.enter_context(process)  # closes its standard input at the end, which is how it is told to go
    _hear(process)
    return process


def _ask(process: subprocess.Popen[str], polls: int) -> dict[str, float]:
    if process.stdin is None:
        raise RuntimeError("the contender was started without a way to ask it")
    process.stdin.write(f"{polls}\n")
    process.stdin.flush()
    return _hear(process)


def _hear(process: subprocess.Popen[str]) -> dict[str, float]:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise RuntimeError(f"{process.args!r} ended early")
    said: dict[str, float] = json.loads(line)
    return said
