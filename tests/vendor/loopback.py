"""Accounts of simulated vendors, served on loopback and opened through their adapters."""

import json
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import ccstats
from ccstats.adapter import Batch, Reading, Source, Toolbox, Want
from ccstats.budget import Budget, Limit
from ccstats.config import Limits, WindowSpec, parse_config, validate
from ccstats.http import Allowance, RetryPolicy
from ccstats.model import Family, Kind, Result, Snapshot, Target
from ccstats.poller import read_batch
from ccstats.poller.merge import Merger
from ccstats.simulator.center import Center, CenterSpec, generate_spec
from ccstats.simulator.face import Fault, ManualClock, World
from ccstats.simulator.server import Running, serve
from ccstats_genesys import adapter as genesys
from ccstats_genesys.face import GenesysFace
from ccstats_twilio import adapter as twilio
from ccstats_twilio.face import TwilioFace

START: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
FAMILIES: Final = frozenset(Family)
ONCE: Final = RetryPolicy(attempts=1)
NOTHING: Final[Mapping[str, Any]] = {}
FACES: Final = {"twilio": TwilioFace, "genesys": GenesysFace}
ADAPTERS: Final[Mapping[str, Any]] = {"twilio": twilio, "genesys": genesys}
USUAL: Final[Mapping[str, Mapping[str, object]]] = {"twilio": {}, "genesys": {"requests_per_minute": 1_000_000}}
"""Face settings with which the budgets never make a test wait."""


class Unhurried(Toolbox):
    """A toolbox whose budgets are so large that nothing waits for them."""

    def budget(self, key: str, limit: Limit, limits: Limits) -> Budget:
        """The budget `key`, whatever its limit is."""
        return super().budget(key, Limit(1_000_000, 1.0), Limits())


@dataclass(frozen=True)
class Account:
    """One account, served and open."""

    running: Running
    options: Any
    source: Source

    @property
    def adapter(self) -> Any:
        """The vendor's adapter."""
        return ADAPTERS[self.running.face.name]

    @property
    def world(self) -> World:
        """The center behind the account, its clock, its faults and its requests."""
        return self.running.world

    @property
    def clock(self) -> ManualClock:
        """What drives the world."""
        assert isinstance(self.world.clock, ManualClock)
        return self.world.clock

    @property
    def sent(self) -> Counter[str]:
        """How many requests came in, by the last two parts of their path templates."""
        found: Counter[str] = Counter()
        for (method, template), number in self.world.requests.counts.items():
            found[f"{method} {'/'.join(template.split('/')[-2:])}"] += number
        return found

    def bodies(self, part: str) -> list[Any]:
        """The JSON bodies of the requests whose path contains `part`."""
        return [json.loads(record.body) for record in self.world.requests if part in record.path]

    def fault(self, match: str, **what: Any) -> None:
        """Let something go wrong with the requests whose path contains `match`."""
        self.world.faults.add(Fault(match, **what))

    async def discover(self) -> tuple[Target, ...]:
        """The selected targets; the requests of discovery are forgotten."""
        found, select = await self.source.discover(), self.options.select
        self.world.requests.forget()
        return tuple(one for one in found.targets if select.wants(one.kind, one.name, one.id))

    def plan(self, targets: Iterable[Target], *windows: str, families: frozenset[Family] = FAMILIES) -> list[Batch]:
        """The batches for targets and windows, with what the source has learned."""
        want = Want(tuple(targets), families, tuple(map(WindowSpec.parse, windows)))
        return self.adapter.plan(self.options, want, self.source.learned)

    async def read(self, batches: Iterable[Batch]) -> list[Reading]:
        """The readings of batches, one batch after the other."""
        return [reading for batch in batches for reading in await read_batch(self.source, batch)]

    async def poll(
        self, targets: Iterable[Target], *windows: str, families: frozenset[Family] = FAMILIES
    ) -> dict[str, Snapshot]:
        """The snapshots of targets by id, read once."""
        targets = tuple(targets)
        merger = Merger(self.adapter.abilities)
        merger.expect(targets)
        for reading in await self.read(self.plan(targets, *windows, families=families)):
            merger.add(reading)
        return {snapshot.target.id: snapshot for snapshot in merger.snapshots()}


@asynccontextmanager
async def served(
    vendor: str, spec: CenterSpec | None = None, face: Mapping[str, object] = NOTHING
) -> AsyncGenerator[Running]:
    """A center of one hour, shown by a vendor's face; its clock stands still."""
    world = World(Center(spec or generate_spec(1), START), ManualClock(START + timedelta(hours=1, seconds=20)))
    async with serve(FACES[vendor](), world, settings={**USUAL[vendor], **face}) as running:
        yield running


@asynccontextmanager
async def opened(running: Running, toolbox: Toolbox | None = None, **given: Any) -> AsyncGenerator[Account]:
    """The account of a face, open; `given` are options of the source."""
    adapter = ADAPTERS[running.face.name]
    options = validate(adapter.options, {**running.source(), **given})
    toolbox = toolbox or Unhurried(clock=running.world.clock.now, retry=ONCE)
    async with adapter.open("here", options, toolbox) as source:
        try:
            yield Account(running, options, source)
        finally:
            await toolbox.close()


@asynccontextmanager
async def account(
    vendor: str,
    spec: CenterSpec | None = None,
    *,
    face: Mapping[str, object] = NOTHING,
    allowance: int | None = None,
    retry: RetryPolicy = ONCE,
    **given: Any,
) -> AsyncGenerator[Account]:
    """A simulated account of its own, open."""
    async with served(vendor, spec, face) as running:
        limit = Allowance(allowance) if allowance is not None else None
        toolbox = Unhurried(clock=running.world.clock.now, retry=retry, permit=limit)
        async with opened(running, toolbox, **given) as open_account:
            yield open_account


async def fetched(running: Running, *, late_by: timedelta = timedelta(0), **given: Any) -> Result:
    """What `ccstats.fetch` makes of a face; this side's clock is late by so much."""
    config = parse_config({"sources": {"here": {**running.source(), **given}}})
    return await ccstats.fetch(config, clock=lambda: running.world.clock.now() - late_by)


def of(kind: Kind, targets: Iterable[Target]) -> tuple[Target, ...]:
    """The targets of one kind."""
    return tuple(target for target in targets if target.kind is kind)
