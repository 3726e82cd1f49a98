"""How many requests refresh so many queues once: out of the adapters' own plans, nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import bodies
from benchmarks.freshness import REAL
from ccstats.adapter import Want
from ccstats.config import WindowSpec, validate
from ccstats.model import Family, Kind, Target
from ccstats.registry import load_adapter

SIZES = (100, 1_000, 10_000)


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests for one refresh of all queues, per family."""

    vendor: str
    queues: int
    realtime: int
    window: int


def table() -> list[Requests]:
    """Both vendors at every size."""
    return [_planned(vendor, queues) for vendor in REAL for queues in SIZES]


def _planned(vendor: str, queues: int) -> Requests:
    adapter = load_adapter(vendor)
    options = validate(adapter.options, REAL[vendor], key="sources.bench")
    targets = tuple(
        Target(source="s", vendor=vendor, kind=Kind.QUEUE, scope=bodies.WORKSPACE, id=bodies.sid("WQ", number))
        for number in range(queues)
    )
    want = Want(targets=targets, families=frozenset(Family), windows=(WindowSpec.parse("30m"),))
    batches = adapter.plan(options, want, None)
    sums = {family: sum(batch.requests for batch in batches if batch.family is family) for family in Family}
    return Requests(vendor, queues, sums[Family.REALTIME], sums[Family.WINDOW])
