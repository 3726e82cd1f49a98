"""Somebody who writes into the shared table as workers do, and ways in which the table can fail."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ccstats.config import Board, Config, GroupOptions
from ccstats.coordination import Coordinator, LocalCoordinator, Mark, Touched
from ccstats.errors import CoordinatorError
from ccstats.fleet.about import About, described
from ccstats.fleet.rows import Row
from ccstats.model import Family, Gap, GapReason, Kind, Realtime, Snapshot, Target, Window
from ccstats.monitor import SourceState, SourceStats

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PERIODS = {Family.REALTIME: 10.0, Family.WINDOW: 60.0}


def loop_time() -> float:
    return asyncio.get_running_loop().time()


class Clock:
    """The coordinator's clock: the loop's, and whatever somebody has set it forward by."""

    def __init__(self) -> None:
        self.shift = 0.0

    def __call__(self) -> float:
        return BEGIN.timestamp() + loop_time() + self.shift


class Shaky(LocalCoordinator):
    """A coordinator whose network can be away, lose the answer, or be slow: what readers ask it."""

    def __init__(self, clock: Clock, *, remembered: int = 100_000) -> None:
        super().__init__(clock, remembered=remembered)
        self.clock = clock
        self.away = False
        self.takes = 0.0
        self.asked: list[str] = []

    async def _pass(self, what: str) -> None:
        self.asked.append(what)
        await asyncio.sleep(self.takes)
        if self.away:
            raise CoordinatorError("nobody is there")

    async def mark(self) -> Mark:
        await self._pass("mark")
        return await super().mark()

    async def description(self) -> bytes:
        await self._pass("description")
        return await super().description()

    async def sources(self, names: Collection[str] | None = None) -> Mapping[str, bytes]:
        await self._pass("sources")
        return await super().sources(names)

    async def table(self, source: str) -> AsyncIterator[Mapping[str, bytes]]:
        async for rows in super().table(source):
            await self._pass(f"table {source}")
            yield rows

    async def rows(self, source: str, names: Collection[str]) -> Mapping[str, bytes]:
        await self._pass(f"rows {source}")
        return await super().rows(source, names)

    async def changes(self, mark: Mark, *, wait: float) -> Touched:
        await self._pass("changes")
        found = await super().changes(mark, wait=wait)
        await self._pass("changed")
        return found


class Writer:
    """A worker as a reader sees it."""

    def __init__(self, coordinator: Shaky, source: str = "us") -> None:
        self.coordinator = coordinator
        self.source = source

    def key(self, name: str) -> str:
        return f"{self.source}:queue:{name}"

    def row(self, name: str, waiting: int = 1, *, good: float = 0.0, **more: Any) -> Row:
        """A row that was read well `good` seconds ago."""
        at = self.coordinator.clock() - good
        return Row(snapshot(self.source, name, waiting, **more), {"realtime": at, "windows.30m": at}, PERIODS)

    async def put(self, *names: str, waiting: int = 1, good: float = 0.0, **more: Any) -> None:
        """Rows under these names, and a word about the source."""
        rows = {self.key(name): self.row(name, waiting, good=good, **more).encoded() for name in names}
        await self.write(rows)

    async def write(self, rows: Mapping[str, bytes], gone: Sequence[str] = ()) -> None:
        assert await self.coordinator.write(self.source, 1, self.source, rows, gone, self.about().encoded())

    async def take(self, *names: str) -> None:
        await self.write({}, [self.key(name) for name in names])

    async def say(self, **more: Any) -> None:
        """Something about the source alone."""
        await self.coordinator.write(self.source, 1, self.source, {}, (), self.about(**more).encoded())

    def about(self, *, ready: bool = True, **more: Any) -> About:
        return About("w1", ready, stats(self.source, **more), self.coordinator.clock())


def snapshot(source: str, name: str, waiting: int = 1, *, window: bool = False, **more: Any) -> Snapshot:
    """A queue; it is read again every second, which is no change."""
    at = BEGIN + timedelta(seconds=loop_time())
    target = Target(source=source, vendor="acme", kind=Kind.QUEUE, id=name, name=name.title())
    windows = {"30m": Window(observed_at=at, offered=waiting)} if window else {}
    gaps = {"realtime.longest_wait": Gap(reason=GapReason.UNSUPPORTED, detail="no such number")}
    realtime = Realtime(observed_at=at, waiting=waiting)
    return Snapshot(**{"target": target, "realtime": realtime, "windows": windows, "gaps": gaps, **more})


def stats(source: str, **more: Any) -> SourceStats:
    known = {"state": SourceState.OK, "targets": 1, "polls": 1, "failed_polls": 0, "skipped": 0, "lateness_p99": 0.0}
    rest = {"lateness_max": 0.0, "budget": 1.0, "waiting": 0, "requests": 1, "retries": 0, "rate_limited": 0}
    return SourceStats(**{"source": source, "vendor": "acme", **known, **rest, "bytes": 1, **more})


def description(*groups: str, title: str = "Queues") -> bytes:
    found = {name: GroupOptions(match=(f"*:{name}*",)) for name in groups}
    return described(Config(groups=found, board=Board(title=title)))


async def table_of(coordinator: Coordinator) -> dict[str, bytes]:
    """Every row there is, by name."""
    found: dict[str, bytes] = {}
    for source in await coordinator.sources():
        async for rows in coordinator.table(source):
            found.update(rows)
    return found
