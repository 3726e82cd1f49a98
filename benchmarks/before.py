"""The polling of one process, against the last commit that knew nothing of several: the same benchmark in turns."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.contest import Entrant, contest, environment
from benchmarks.scale import Found, Load, result
from benchmarks.server import ROOT

COMMIT = "35b30f9"
POLLS = (Entrant("ccstats twilio", 600), Entrant("ccstats twilio bulk", 24, 50), Entrant("ccstats genesys", 8, 100))
QUEUES, SOURCES = 5_000, 10


@dataclass(frozen=True, slots=True)
class Compared:
    """How many times the CPU of then is spent now: medians of the ratios of rounds, and the ratios themselves."""

    ratios: Mapping[str, float]
    rounds: Mapping[str, list[float]]

    def lines(self) -> Iterator[str]:
        """As text for people."""
        yield f"\none process without Redis, CPU now / at {COMMIT}     median   lowest   highest   rounds"
        for name, found in self.rounds.items():
            yield f"{name:48} {self.ratios[name]:8.3f} {min(found):8.3f} {max(found):9.3f} {len(found):8}"


def compared(base: str, *, quick: bool) -> Compared | None:
    """Polls in turns, and whole monitors in pairs; None where this is no checkout with that commit."""
    with _tree() as tree:
        if tree is None:
            print(f"left out: there is no commit {COMMIT} here", file=sys.stderr)
            return None
        print("one process without Redis, now and before ...", file=sys.stderr)
        rounds = _polls(base, tree, 9 if quick else 25)
        rounds["a monitor of 5,000 queues"] = _monitors(base, tree, 3 if quick else 9)
    return Compared({name: statistics.median(found) for name, found in rounds.items()}, rounds)


@contextmanager
def _tree() -> Iterator[Path | None]:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "before"
        git = shutil.which("git") or "git"
        adding = [git, "worktree", "add", "--detach", "--quiet", str(tree), COMMIT]
        if subprocess.run(adding, cwd=ROOT, capture_output=True, check=False).returncode:
            yield None
            return
        try:
            yield tree
        finally:
            subprocess.run([git, "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


def _polls(base: str, tree: Path, rounds: int) -> dict[str, list[float]]:
    then = [Entrant(f"{one.name}, then", one.polls, one.queues, tree, one.name) for one in POLLS]
    figures = contest(base, [entrant for pair in zip(POLLS, then, strict=True) for entrant in pair], rounds)
    return {
        f"{one.name}, one poll": [
            now / before
            for now, before in zip(figures.rounds[one.name], figures.rounds[f"{one.name}, then"], strict=True)
        ]
        for one in POLLS
    }


def _monitors(base: str, tree: Path, rounds: int) -> list[float]:
    """Real time only, as windows would be waited for once before each round; both over the same seconds."""
    load = Load(QUEUES, SOURCES, 0.0, 20.0)
    found = []
    for number in range(rounds):
        trees = [ROOT, tree] if number % 2 else [tree, ROOT]
        started = {one: _monitor(base, load, one) for one in trees}
        now, then = (_cpu(result(started[one])) for one in (ROOT, tree))
        found.append(now / then)
    return found


def _monitor(base: str, load: Load, tree: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.scale", base, json.dumps(asdict(load))]
    return subprocess.Popen(command, cwd=tree, env=environment(tree), stdout=subprocess.PIPE, text=True)


def _cpu(found: Found) -> float:
    return found.cpu / found.wall
