"""Virtual time that cannot spin unseen, and a small contact center of a vendor that nobody knows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import looptime
import pytest

from ccstats.adapter import Ability, Batch, Discovery, Reading, Support, Toolbox, Want
from ccstats.config import Config
from ccstats.config.settings import SourceOptions
from ccstats.http import Traffic
from ccstats.model import Family, Kind, Realtime, Result, Target, TimeStat, Window
from ccstats.poller import fetch

SPINS = 20_000
"""Rounds of the loop at one virtual instant; more than any test needs, and soon counted."""


def _run(main: Callable[[], Awaitable[Any]]) -> Any:
    loop = looptime.new_event_loop(start=0, resolution=1e-9, noop_cycles=3)
    rounds, last, once = 0, -1.0, loop._run_once

    def counted() -> None:
        nonlocal rounds, last
        rounds = rounds + 1 if loop.time() == last else 0
        last = loop.time()
        if rounds > SPINS:
            rounds = 0
            raise RuntimeError(f"the loop spins at {last}")
        once()

    loop._run_once = counted
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main())


@pytest.fixture(scope="session")
def virtual() -> Callable[[Callable[[], Awaitable[Any]]], Any]:
    """Runs a coroutine function from virtual second 0 to its end; fails where the loop spins without time passing."""
    return _run


@pytest.fixture
def install_adapters(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes adapters known by name, as if distributions had brought them."""

    def install(**adapters: object) -> None:
        points = [
            SimpleNamespace(name=name, value=f"tests:{name}", dist=None, load=lambda adapter=adapter: adapter)
            for name, adapter in adapters.items()
        ]
        monkeypatch.setattr("ccstats.registry.entry_points", lambda group: points)

    return install


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONFIG = {"good": {"adapter": "good"}, "other": {"adapter": "other"}}


class Center:
    """An adapter and its source in one: five queues, two to a batch. Tests override what is to go wrong."""

    name = "center"
    api_version = 1
    options = SourceOptions
    abilities = {Kind.QUEUE: {"window.handle": Ability(Support.UNSUPPORTED, note="no handle time")}}
    example = {"adapter": "center"}
    learned: object = None
    notes: tuple[str, ...] = ("read through the front door",)

    def __init__(self) -> None:
        self.traffic = Traffic()
        self.closed = False
        self.keep_raw = False

    def plan(self, options: SourceOptions, want: Want, learned: object) -> list[Batch]:
        pairs = [want.targets[i : i + 2] for i in range(0, len(want.targets), 2)]
        now = [Batch("now", pair, Family.REALTIME) for pair in pairs if Family.REALTIME in want.families]
        over = [
            Batch("over", pair, Family.WINDOW, window)
            for window in want.windows
            for pair in pairs
            if Family.WINDOW in want.families
        ]
        return now + over

    @asynccontextmanager
    async def open(self, name: str, options: SourceOptions, toolbox: Toolbox) -> AsyncIterator["Center"]:
        self.name, self.keep_raw = name, toolbox.keep_raw
        yield self
        self.closed = True

    def now(self) -> datetime:
        return NOW

    async def discover(self) -> Discovery:
        queues = [
            Target(source=self.name, vendor="acme", kind=Kind.QUEUE, id=f"Q{i}", name=f"Queue {i}") for i in range(5)
        ]
        return Discovery(tuple(queues), notes=("found by looking",))

    async def read(self, batch: Batch) -> list[Reading]:
        self.traffic.requests += 1
        return [self.reading(batch, target) for target in batch.targets]

    def reading(self, batch: Batch, target: Target) -> Reading:
        raw = {"id": target.id} if self.keep_raw else None
        if batch.window is None:
            return Reading(target, batch.family, NOW, values=Realtime(observed_at=NOW, waiting=1), raw=raw)
        values = Window(observed_at=NOW, offered=4, wait=TimeStat(count=0))
        return Reading(target, batch.family, NOW, window=batch.window.name, values=values, raw=raw)


@pytest.fixture
def center() -> type[Center]:
    """The class of an adapter that works, to be spoiled."""
    return Center


@pytest.fixture
def read(install_adapters: Callable[..., None]) -> Callable[..., Awaitable[Result]]:
    """Reads a good center and another one, which a test may give."""

    async def run(other: Any = None, **options: Any) -> Result:
        install_adapters(good=Center(), other=other or Center())
        return await fetch(Config(sources=CONFIG, poll={"windows": ["30m", "today"]}), clock=lambda: NOW, **options)

    return run
