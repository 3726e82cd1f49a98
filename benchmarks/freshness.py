"""How old the numbers get under the vendors' real limits: the real monitor, plans and budgets, on the virtual clock.

Only the vendor is made up: every request takes 0.2 s. The sources come in as plugins do, through an entry point.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from benchmarks import bodies
from benchmarks.virtual import VirtualLoop, run
from ccstats.adapter import API_VERSION, Abilities, Batch, Discovery, Reading, Toolbox, Want
from ccstats.budget import InFlight
from ccstats.config import SourceOptions, parse_config, validate
from ccstats.http import Traffic
from ccstats.model import Family, Gap, GapReason, Kind, Realtime, Target, Window
from ccstats.monitor import Monitor
from ccstats.registry import load_adapter
from ccstats_genesys.api.queries import TOKEN_LIMIT
from ccstats_twilio.api.endpoints import BULK_LIMIT, USUAL_LIMIT

REQUEST_TAKES = 0.2
SETTLED = 300.0
LOOK_EVERY = 7.3
BIN = 0.1
NOTHING = {"": Gap(reason=GapReason.NO_DATA, detail="a benchmark's source knows no numbers")}
REAL: dict[str, dict[str, Any]] = {
    "twilio": {"adapter": "twilio", "account_sid": bodies.ACCOUNT, "auth_token": "benchmark"},
    "genesys": {"adapter": "genesys", "region": "eu-west-1", "client_id": "b", "client_secret": "b"},
}


class SlowOptions(SourceOptions):
    """A source that knows no vendor: whose limits and plans it has, and how many queues."""

    adapter: str = "bench-slow"
    vendor: str
    queues: int


class SlowSource:
    """Takes its time, spends the real budget, and knows nothing."""

    learned: object = None
    notes: tuple[str, ...] = ()

    def __init__(self, name: str, options: SlowOptions, toolbox: Toolbox) -> None:
        self.name = name
        self.traffic = Traffic()
        self._options = options
        self._toolbox = toolbox

    def now(self) -> datetime:
        """The virtual time."""
        return self._toolbox.now()

    async def discover(self) -> Discovery:
        """As many queues as were asked for."""
        vendor = self._options.vendor
        return Discovery(
            tuple(
                Target(source=self.name, vendor=vendor, kind=Kind.QUEUE, scope=bodies.WORKSPACE, id=bodies.sid("WQ", n))
                for n in range(self._options.queues)
            )
        )

    async def read(self, batch: Batch) -> list[Reading]:
        """The time of reading and nothing else."""
        for _ in range(batch.requests):
            budget = self._toolbox.budget(batch.budget, _limit(batch), self._options.limits)
            async with InFlight((budget,), None):
                self.traffic.requests += 1
                await asyncio.sleep(REQUEST_TAKES)
        at, name = self.now(), batch.window.name if batch.window is not None else None
        values = Realtime(observed_at=at) if batch.family is Family.REALTIME else Window(observed_at=at)
        return [Reading(target, batch.family, at, name, values, NOTHING) for target in batch.targets]


class SlowAdapter:
    """Plans as the real adapter of the vendor does."""

    name: ClassVar[str] = "bench-slow"
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[SourceOptions]] = SlowOptions
    abilities: ClassVar[Abilities] = {}

    def plan(self, options: SlowOptions, want: Want, learned: object) -> list[Batch]:
        """The real plan."""
        adapter = load_adapter(options.vendor)
        return adapter.plan(validate(adapter.options, REAL[options.vendor], key="real"), want, None)

    @asynccontextmanager
    async def open(self, name: str, options: SlowOptions, toolbox: Toolbox) -> AsyncIterator[SlowSource]:
        """The source."""
        yield SlowSource(name, options, toolbox)


adapter = SlowAdapter()


def _limit(batch: Batch) -> Any:
    if batch.budget.startswith("genesys"):
        return TOKEN_LIMIT
    return BULK_LIMIT if batch.operation == "queues.bulk" else USUAL_LIMIT


@dataclass(frozen=True, slots=True)
class Freshness:
    """One case and what came of it: ages in seconds, requests per minute."""

    vendor: str
    queues: int
    window_every: float
    p50: float
    p95: float
    requests_per_minute: float


def measure(vendor: str, queues: int, window_every: float, seconds: float) -> Freshness:
    """Poll for so many virtual seconds, of which the first five minutes do not count."""
    with _installed():
        loop = VirtualLoop()
        return run(_measure(loop, vendor, queues, window_every, seconds), loop)


async def _measure(loop: VirtualLoop, vendor: str, queues: int, window_every: float, seconds: float) -> Freshness:
    source = {"adapter": "bench-slow", "vendor": vendor, "queues": queues}
    config = parse_config({"poll": {"window_every": window_every}, "sources": {"slow": source}})
    ages: dict[int, int] = {}
    async with Monitor(config, clock=loop.wall_clock) as monitor:
        await asyncio.sleep(SETTLED)
        sent = monitor.stats().sources[0].requests
        while loop.time() < SETTLED + seconds:
            await asyncio.sleep(LOOK_EVERY)
            now = loop.wall_clock()
            for snapshot in monitor.latest().values():
                seen = snapshot.realtime.observed_at if snapshot.realtime is not None else None
                age = (now - seen).total_seconds() if seen is not None else loop.time()
                ages[int(age / BIN)] = ages.get(int(age / BIN), 0) + 1
        rate = (monitor.stats().sources[0].requests - sent) / (loop.time() - SETTLED) * 60
    return Freshness(vendor, queues, window_every, _quantile(ages, 0.5), _quantile(ages, 0.95), rate)


def _quantile(ages: dict[int, int], share: float) -> float:
    left = share * sum(ages.values())
    for age in sorted(ages):
        left -= ages[age]
        if left <= 0:
            break
    return (age + 1) * BIN


@contextmanager
def _installed() -> Iterator[None]:
    """The metadata that a wheel with this adapter would leave behind."""
    with tempfile.TemporaryDirectory() as folder:
        info = Path(folder) / "bench_slow-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-slow\nVersion: 1\n")
        (info / "entry_points.txt").write_text("[ccstats.adapters]\nbench-slow = benchmarks.freshness:adapter\n")
        sys.path.append(folder)
        try:
            yield
        finally:
            sys.path.remove(folder)
