"""The promises whose figures are milliseconds or shares of a core, held against a control of the same run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from benchmarks import bodies
from benchmarks.scale import Found
from ccstats import lenient
from ccstats.errors import BrokenAnswerError
from ccstats_genesys.api import wire

QUEUES = 100
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of docs/reliability.md by its number: what was measured, its control, and how much it may be."""

    number: int
    what: str
    measured: float
    control: float | None
    most: float

    @property
    def kept(self) -> bool:
        """Whether it was."""
        return self.measured <= self.most

    def line(self) -> str:
        """For the report."""
        control = f"control {self.control:9.3f}" if self.control is not None else " " * 17
        verdict = "kept" if self.kept else "NOT KEPT"
        return f"  {self.number:3} {self.what:55} {self.measured:9.3f}  {control}  <= {self.most:.3f}  {verdict}"


def promises(control: Found, beside_dead: Found) -> list[Promise]:
    """All of them; the monitors are of a thousand queues, the second one with a vendor beside it that never answers."""
    late, worst = control.lateness_p99, max(broken().values())
    good = _cost(bodies.observations([bodies.observation(number, 0) for number in range(QUEUES)]))
    return [
        Promise(5, "dead vendor: the others' p99 lateness, s", beside_dead.lateness_p99, late, late + 0.25),
        Promise(5, "dead vendor: the others' polls that are missing, share", _missing(control, beside_dead), 0.0, 0.01),
        Promise(17, "a broken answer, CPU s (control: a good one of 100 queues)", worst, good, 0.010),
        Promise(32, "1,000 targets: share of a core", control.core_share, None, 0.20),
        Promise(32, "1,000 targets: p99 lateness, s", late, None, 0.10),
    ]


def _missing(control: Found, beside_dead: Found) -> float:
    wanted = control.polls / control.wall
    return max(0.0, 1.0 - beside_dead.polls / beside_dead.wall / wanted)


def broken() -> Mapping[str, float]:
    """CPU seconds of refusing each kind of broken answer."""
    return {name: _cost(body) for name, body in _broken()}


def _broken() -> Iterator[tuple[str, bytes]]:
    good = bodies.observations([bodies.observation(number, 0) for number in range(QUEUES)])
    yield "cut off", good[: len(good) // 2]
    yield "HTML", b"<html>" + b"<p>busy</p>" * 50_000
    yield "depth", b'{"results":' + b"[" * 2_000 + b"]" * 2_000 + b"}"
    yield "another shape", b'{"results": "none"}'
    yield "half a character", good.replace(b'"oWaiting"', b'"\xff"', 1)
    yield "byte order mark", b"\xef\xbb\xbf" + good[: len(good) // 2]
    yield "nothing", b""


def _cost(body: bytes) -> float:
    """The least of a few rounds: what it costs when nobody else is in the way."""
    costs = []
    for _ in range(ROUNDS):
        began = time.process_time()
        with suppress(BrokenAnswerError):
            lenient.decode(body, wire.Observations)
        costs.append(time.process_time() - began)
    return min(costs)
