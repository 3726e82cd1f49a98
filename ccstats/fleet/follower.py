"""Following a shared table: everything once, then what changes, through outages and lost tables."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from typing import TypeVar

from ccstats.coordination import Coordinator, Mark
from ccstats.fleet.clock import SharedClock
from ccstats.fleet.reach import OUT_OF_REACH, Reach
from ccstats.fleet.shown import Shown
from ccstats.fleet.sources import Sources

logger = logging.getLogger(__name__)

WAIT = 1.0
"""Seconds that the next change is waited for."""
PAUSE = 0.05
"""Seconds between two looks: what is written many times meanwhile is read once."""
RETRY = 1.0
"""Seconds between two attempts while the table cannot be reached; a tenth more or less, as there are many readers."""
ABOUT_EVERY = 1.0
"""Seconds between two looks at what is said about the sources, however often something is."""
REFILL = 10.0
"""Seconds that workers have to write everything again into a table that has lost everything. Their numbers are not
gone with it: until then, what is not there yet is shown as it was known.
"""
SLICE = 500
"""Rows that are asked for together."""
AT_ONCE = 50
"""Rows that are taken in before others have their turn."""


T = TypeVar("T")


class Follower:
    """Keeps `shown` and `sources` as the table has them; `changed` is called when more than rows may have changed."""

    def __init__(
        self, shown: Shown, sources: Sources, clock: SharedClock, chosen: Collection[str], changed: Callable[[], None]
    ) -> None:
        self.description = b""
        self.reach = Reach("reader")
        self.read = False
        """Whether everything was read once."""
        self._shown, self._sources, self._clock = shown, sources, clock
        self._chosen = frozenset(chosen)
        self._changed = changed
        self._mark: Mark | None = None
        self._whole = False
        self._about_at = 0.0
        self._about_touched = False
        self._spared: dict[str, set[str]] = {}
        self._spared_until = 0.0
        self._complained = False

    async def run(self, coordinator: Coordinator) -> None:
        """Follow until cancelled."""
        while True:
            try:
                await self._look(coordinator)
            except OUT_OF_REACH as error:
                self.reach.lost(error)
                await asyncio.sleep(RETRY * random.uniform(0.9, 1.1))
            else:
                self.reach.found()
                await asyncio.sleep(PAUSE)

    async def _look(self, coordinator: Coordinator) -> None:
        if self._mark is None or not self._whole:
            await self._read_everything(coordinator)
        else:
            await self._read_changes(coordinator, self._mark)
        if self._spared and self._whole and _now() >= self._spared_until:
            self._about_touched = True
            self._spared = {} if await self._read_touched(coordinator, self._spared) else self._spared
        if self._about_touched and _now() >= self._about_at:
            await self._hear(coordinator)
        if not self._complained and self._shown.unreadable():
            self._complained = True
            logger.warning("rows of the shared table cannot be read; are they written by another version?")

    async def _read_everything(self, coordinator: Coordinator) -> None:
        mark = await coordinator.mark()
        self._clock.heard((await coordinator.changes(mark, wait=0)).at)
        emptied = self._mark is not None and self._mark.epoch != mark.epoch
        missing = self._shown.names()
        self.description = await coordinator.description() or self.description
        told = self._wanted(await coordinator.sources())
        for source in told:
            async for rows in coordinator.table(source):
                await self._take(source, rows.keys(), rows)
                missing.get(source, set()).difference_update(rows)
        missing = {source: names for source, names in missing.items() if names}
        emptied = emptied or not await _lives(coordinator, mark)
        if emptied or self._spared:
            self._spare(missing, self._sources.told().keys() - told.keys(), anew=emptied)
        else:
            for source, names in missing.items():
                await self._take(source, names, {})
        self._told(told)
        self._mark, self.read, self._whole = mark, True, True
        self._changed()

    async def _read_changes(self, coordinator: Coordinator, mark: Mark) -> None:
        touched = await coordinator.changes(mark, wait=WAIT)
        self._clock.heard(touched.at)
        if not touched.complete:
            self._whole = False
            await self._read_everything(coordinator)
            return
        if "" in touched.rows:
            self.description = await coordinator.description()
            self._changed()
        self._about_touched |= bool(touched.rows)
        rows = self._wanted({source: names for source, names in touched.rows.items() if source})
        if await self._read_touched(coordinator, rows):
            self._mark = touched.mark

    async def _read_touched(self, coordinator: Coordinator, touched: Mapping[str, Collection[str]]) -> bool:
        """Read these rows; False, and nothing is gone, where the table has lost everything meanwhile."""
        for source, names in touched.items():
            for some in sliced(names, SLICE):
                rows = await coordinator.rows(source, some)
                if len(rows) < len(some) and self._mark is not None and not await _lives(coordinator, self._mark):
                    self._whole = False
                    return False
                await self._take(source, some, rows)
        return True

    async def _take(self, source: str, names: Iterable[str], rows: Mapping[str, bytes]) -> None:
        """Take in what there is under these names; what is under none of them any more is gone."""
        for some in sliced(names, AT_ONCE):
            now = _now()
            for name in some:
                data = rows.get(name)
                if data is None:
                    self._shown.drop(source, name)
                else:
                    self._shown.put(source, name, data, self._clock, now)
            await asyncio.sleep(0)

    def _spare(self, missing: Mapping[str, set[str]], silent: Collection[str], *, anew: bool) -> None:
        """Look again in a while whether these rows and sources are there."""
        for source in {*missing, *silent}:
            self._spared.setdefault(source, set()).update(missing.get(source, ()))
        if anew:
            self._spared_until = _now() + REFILL

    async def _hear(self, coordinator: Coordinator) -> None:
        self._about_touched, self._about_at = False, _now() + ABOUT_EVERY
        try:
            self._told(self._wanted(await coordinator.sources()))
        except OUT_OF_REACH:
            self._about_touched = True
            raise
        self._changed()

    def _told(self, told: Mapping[str, bytes]) -> None:
        spared = {name: text for name, text in self._sources.told().items() if name in self._spared}
        self._sources.hear({**spared, **told}, self._clock, _now())

    def _wanted(self, sources: Mapping[str, T]) -> dict[str, T]:
        return {name: one for name, one in sources.items() if not self._chosen or name in self._chosen}


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _lives(coordinator: Coordinator, mark: Mark) -> bool:
    """Whether the table is still the one of this mark."""
    return (await coordinator.mark()).epoch == mark.epoch


def sliced(names: Iterable[str], size: int) -> Iterable[list[str]]:
    """These names, so many at a time."""
    rest = iter(names)
    while some := list(islice(rest, size)):
        yield some
