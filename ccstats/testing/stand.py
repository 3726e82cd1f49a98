"""One account of a vendor, served on loopback by its face and open: what the contract's promises are tried on."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from ccstats.adapter import Adapter, Batch, Reading, Source, Toolbox, Want
from ccstats.budget import Budget, Limit
from ccstats.config import Http, Limits, SourceOptions, WindowSpec, validate
from ccstats.http import RetryPolicy
from ccstats.model import Family, Snapshot, Target
from ccstats.poller import read_batch
from ccstats.poller.merge import Merger
from ccstats.simulator.kit import Center, CenterSpec, Face, Fault, ManualClock, World, serve

NAME: Final = "here"
START: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
OPEN_FOR: Final = timedelta(hours=1, seconds=20)
FAMILIES: Final = frozenset(Family)
MOST_BYTES: Final = 1 << 20
"""Of an answer; a face's own are far smaller."""
ONCE: Final = RetryPolicy(attempts=1)
PLENTY: Final = Limit(1_000_000, 1.0)
NOTHING: Final[Mapping[str, Any]] = {}

Twist = Callable[[Any], Any]


class Metered(Budget):
    """A budget that counts the requests it lets out."""

    def __init__(self, key: str) -> None:
        super().__init__(key, PLENTY)
        self.spent = 0

    def commit(self) -> None:
        """Count one request."""
        super().commit()
        self.spent += 1


class Unhurried(Toolbox):
    """A toolbox whose budgets are so large that nothing waits for them, and that counts what each lets out."""

    def __init__(self, clock: Callable[[], datetime], *, keep_raw: bool = False) -> None:
        super().__init__(Http(max_body_bytes=MOST_BYTES), clock=clock, retry=ONCE, keep_raw=keep_raw)
        self.metered: dict[str, Metered] = {}

    def budget(self, key: str, limit: Limit, limits: Limits) -> Budget:
        """The budget `key`, whatever its limit is."""
        return self.metered.setdefault(key, Metered(key))


@dataclass
class Twisted:
    """A face whose JSON answers pass through `twist` as soon as there is one."""

    face: Face
    twist: Twist | None = None

    @property
    def name(self) -> str:
        """The face's name."""
        return self.face.name

    def configuration(self, base_url: str, world: World) -> dict[str, object]:
        """The face's configuration."""
        return self.face.configuration(base_url, world)

    def app(self, world: World, settings: Mapping[str, object]) -> web.Application:
        """The face's application, with the twist around it."""
        app = self.face.app(world, settings)
        app.middlewares.insert(0, self._bend)
        return app

    @web.middleware
    async def _bend(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if self.twist is None or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
            return response
        return web.Response(text=json.dumps(self.twist(json.loads(response.body))), status=response.status)


@dataclass
class Stand:
    """One account, served and open."""

    adapter: Adapter[Any]
    face: Twisted
    world: World
    options: SourceOptions
    toolbox: Unhurried
    source: Source
    bugs: list[str] = field(default_factory=list)
    """What the adapter raised that was no `VendorError`."""

    @property
    def clock(self) -> ManualClock:
        """What drives the world."""
        assert isinstance(self.world.clock, ManualClock)
        return self.world.clock

    def fault(self, **what: Any) -> None:
        """Let something go wrong with every request from now on."""
        self.world.faults.add(Fault(**what))

    async def discover(self) -> tuple[Target, ...]:
        """The selected targets; the requests of discovery are forgotten."""
        found, select = await self.source.discover(), self.options.select
        self.world.requests.forget()
        return tuple(one for one in found.targets if select.wants(one.kind, one.name, one.id))

    def plan(self, targets: Iterable[Target], *windows: str, families: frozenset[Family] = FAMILIES) -> list[Batch]:
        """The batches for targets and windows, with what the source has learned."""
        want = Want(tuple(targets), families, tuple(map(WindowSpec.parse, windows)))
        return self.adapter.plan(self.options, want, self.source.learned)

    async def read(self, *batches: Batch) -> list[Reading]:
        """The readings of batches, one batch after the other."""

        def report(source: str, doing: str, error: Exception) -> None:
            self.bugs.append(f"{doing}: {type(error).__name__}: {error}")

        return [one for batch in batches for one in await read_batch(self.source, batch, report=report)]

    def merged(self, readings: Iterable[Reading]) -> list[Snapshot]:
        """The snapshots that readings make."""
        merger = Merger(self.adapter.abilities)
        for reading in readings:
            merger.add(reading)
        return merger.snapshots()


@asynccontextmanager
async def stand(
    adapter: Adapter[Any],
    face: Face,
    spec: CenterSpec,
    *,
    options: Mapping[str, Any] = NOTHING,
    settings: Mapping[str, object] = NOTHING,
    keep_raw: bool = False,
) -> AsyncGenerator[Stand]:
    """A center that has been open for an hour, shown by `face` and opened by `adapter`; its clock stands still."""
    world = World(Center(spec, START), ManualClock(START + OPEN_FOR))
    twisted = Twisted(face)
    async with serve(twisted, world, settings=settings) as running:
        chosen = validate(adapter.options, {**running.source(), **options})
        toolbox = Unhurried(world.clock.now, keep_raw=keep_raw)
        async with adapter.open(NAME, chosen, toolbox) as source:
            try:
                yield Stand(adapter, twisted, world, chosen, toolbox, source)
            finally:
                await toolbox.close()
