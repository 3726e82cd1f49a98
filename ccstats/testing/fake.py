"""A scripted vendor: an adapter whose sources do what a test tells them, and remember what they were asked."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from ccstats.adapter import API_VERSION, Abilities, Batch, Discovery, Reading, Toolbox, Want
from ccstats.budget import InFlight, Limit
from ccstats.config import SourceOptions
from ccstats.errors import VendorError
from ccstats.http import Traffic
from ccstats.model import Family, Kind, Realtime, Target, Window

Answer = Realtime | Window | VendorError
NOW = (Family.REALTIME,)


def loop_time() -> float:
    """The event loop's time: virtual where the loop is."""
    return asyncio.get_running_loop().time()


class FakeOptions(SourceOptions):
    """How a fake source is planned, and which limit it spends."""

    families: tuple[Family, ...] = NOW
    batch: int = 1
    requests: int = 1
    credential: str = ""
    limit: float = math.inf
    """Requests a minute that the vendor allows this credential."""

    @property
    def counted_by(self) -> str:
        """The credential, as real vendors do."""
        return self.credential


@dataclass(slots=True)
class Read:
    """One read as the vendor saw it: asked for, let through by the budget, ended. Virtual seconds."""

    source: str
    batch: Batch
    at: float
    sent: float = math.nan
    ended: float = math.nan


@dataclass
class Script:
    """What one source holds and how it behaves; tests change it while it is being polled."""

    name: str
    targets: list[str] = field(default_factory=lambda: ["q0"])
    takes: Callable[[Batch], float] = lambda _: 0.0
    """Virtual seconds of a read; infinite hangs."""
    fails: Callable[[Batch], BaseException | None] = lambda _: None
    answer: Callable[[Target, int], Answer] = lambda _, number: Realtime(waiting=number)
    """What the n-th read of a batch says of a target."""
    returns: Callable[[list[Reading]], Any] = lambda readings: readings
    on_discover: Callable[[], BaseException | None] = lambda: None
    discovery_takes: float = 0.0
    plan_fails: BaseException | None = None
    learned: object = None
    """A number is a new batch size, as a vendor that refuses large requests teaches it; the rest changes no plan."""
    on_close: Callable[[], Any] | None = None

    reads: list[Read] = field(default_factory=list)
    discoveries: list[float] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    running: Counter[str] = field(default_factory=Counter)
    most_running: int = 0
    """The most reads of one batch that were ever in flight together."""
    open: bool = False

    def starts(self) -> list[float]:
        """When reads were asked for."""
        return [read.at for read in self.reads]

    def by_target(self, family: Family = Family.REALTIME) -> dict[str, list[float]]:
        """When reads of a family were asked for, by the id of their first target."""
        starts: dict[str, list[float]] = {}
        for read in self.reads:
            if read.batch.family is family:
                starts.setdefault(read.batch.targets[0].id, []).append(read.at)
        return starts

    def sent(self) -> list[float]:
        """When requests went out."""
        return [read.sent for read in self.reads if not math.isnan(read.sent)]

    def many(self, count: int) -> Script:
        """Give the source `count` queues."""
        self.targets = [f"q{index}" for index in range(count)]
        return self


class FakeSource:
    """One open source, following its script."""

    def __init__(self, script: Script, options: FakeOptions, toolbox: Toolbox) -> None:
        self.name = script.name
        self.traffic = Traffic()
        self._script = script
        self._now = toolbox.clock().now
        self._permit = toolbox.permit
        self._budget = None
        if options.credential:
            self._budget = toolbox.budget(options.credential, Limit(options.limit, 60.0), options.limits)

    @property
    def learned(self) -> object:
        """What the script says."""
        return self._script.learned

    @property
    def notes(self) -> tuple[str, ...]:
        """None."""
        return ()

    def now(self) -> datetime:
        """The toolbox's time."""
        return self._now()

    async def discover(self) -> Discovery:
        """The queues of the script."""
        script = self._script
        script.discoveries.append(loop_time())
        await _pass(script.discovery_takes)
        error = script.on_discover()
        if error is not None:
            raise error
        return Discovery(tuple(_target(script.name, ident) for ident in script.targets))

    async def read(self, batch: Batch) -> list[Reading]:
        """What the script answers, after as long as it takes."""
        script = self._script
        read = Read(self.name, batch, loop_time())
        script.reads.append(read)
        script.asked[batch.key] += 1
        script.running[batch.key] += 1
        script.most_running = max(script.most_running, script.running[batch.key])
        try:
            async with InFlight((self._budget,), None) if self._budget is not None else nullcontext():
                if self._permit is not None:
                    self._permit.take()
                read.sent = loop_time()
                self.traffic.requests += batch.requests
                await _pass(script.takes(batch))
                error = script.fails(batch)
                if error is not None:
                    raise error
                readings = [self._reading(batch, target, script.asked[batch.key]) for target in batch.targets]
                return script.returns(readings)  # type: ignore[no-any-return]  # whatever a broken plugin returns
        finally:
            script.running[batch.key] -= 1
            read.ended = loop_time()

    def _reading(self, batch: Batch, target: Target, number: int) -> Reading:
        answer = self._script.answer(target, number)
        window = batch.window.name if batch.window is not None else None
        if batch.family is Family.WINDOW and isinstance(answer, Realtime):
            answer = Window(offered=answer.waiting)
        observed = self.now()
        if isinstance(answer, VendorError):
            return Reading(target, batch.family, observed, window=window, error=answer)
        return Reading(target, batch.family, observed, window, answer.model_copy(update={"observed_at": observed}))


class FakeAdapter:
    """The vendor as the core sees it; tests reach each source's script by name: `vendor["us"].targets = [...]`."""

    name: ClassVar[str] = "fake"
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[SourceOptions]] = FakeOptions
    abilities: ClassVar[Abilities] = {}
    example: ClassVar[Mapping[str, Any]] = {"adapter": "fake"}

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}

    def __getitem__(self, name: str) -> Script:
        """The script of the source with this name."""
        return self.scripts.setdefault(name, Script(name))

    def plan(self, options: FakeOptions, want: Want, learned: object) -> list[Batch]:
        """Groups of `options.batch` targets per family and window."""
        if not want.targets:
            return []
        script = self[want.targets[0].source]
        if script.plan_fails is not None:
            raise script.plan_fails
        size = learned if isinstance(learned, int) else options.batch
        wanted = [family for family in options.families if family in want.families]
        return [
            Batch(family.value, chunk, family, window, options.credential, options.requests)
            for family in wanted
            for window in (want.windows if family is Family.WINDOW else (None,))
            for chunk in _chunks(want.targets, size)
        ]

    @asynccontextmanager
    async def open(self, name: str, options: FakeOptions, toolbox: Toolbox) -> AsyncGenerator[FakeSource]:
        """A source that follows the script of its name."""
        script = self[name]
        script.open = True
        try:
            yield FakeSource(script, options, toolbox)
        finally:
            if script.on_close is not None:
                await script.on_close()
            script.open = False


def _target(source: str, ident: str) -> Target:
    return Target(source=source, vendor="fake", kind=Kind.QUEUE, id=ident, name=f"Queue {ident}")


def _chunks(targets: Sequence[Target], size: int) -> list[tuple[Target, ...]]:
    return [tuple(targets[first : first + size]) for first in range(0, len(targets), size)]


async def _pass(seconds: float) -> None:
    if seconds == math.inf:
        await asyncio.get_running_loop().create_future()
    elif seconds > 0:
        await asyncio.sleep(seconds)
