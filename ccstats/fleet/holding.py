"""One shard in the hands of this worker: a monitor of its sources, and what it knows written into the table."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Collection, Mapping

import anyio

from ccstats.config import Config
from ccstats.coordination import Claim, Coordinator, Grant, Life
from ccstats.errors import CcstatsError, CoordinatorError
from ccstats.fleet.clock import SharedClock
from ccstats.fleet.debts import inherited, told
from ccstats.fleet.lease import HeldLease
from ccstats.fleet.overview import overview
from ccstats.fleet.publisher import Publisher
from ccstats.fleet.reach import OUT_OF_REACH
from ccstats.fleet.rows import decoded, of_targets
from ccstats.model import Snapshot
from ccstats.monitor import Monitor
from ccstats.monitor.alarm import Alarm
from ccstats.monitor.legacy import Known, Legacy

logger = logging.getLogger(__name__)

LONGEST_START = 30.0
"""Seconds after which a shard counts as what is known of it."""


class Holding:
    """From a grant to its end."""

    def __init__(
        self,
        shard: str,
        config: Config,
        grant: Grant,
        lease: HeldLease,
        publisher: Publisher,
        *,
        stopped_before: float,
        clock: SharedClock,
        open_monitor: Callable[..., Monitor],
    ) -> None:
        self.shard = shard
        self.lease = lease
        self.publisher = publisher
        self.ended = False
        """Whether nothing of it is left: it can be given back."""
        self._config = config
        self._open = open_monitor
        self._clock = clock
        self._inherited = inherited(grant.heritage, clock, stopped_before)
        self._known_by = grant.at + LONGEST_START
        self._monitor: Monitor | None = None
        self._told = anyio.Event()
        self._news = Alarm()
        self._drains = False

    @property
    def ending(self) -> bool:
        """Whether it was told to end."""
        return self._told.is_set()

    @property
    def lost(self) -> bool:
        """Whether another worker holds it by now."""
        return self.lease.over

    @property
    def sources(self) -> Collection[str]:
        """The names of its sources."""
        return self._config.sources

    def claim(self) -> Claim:
        """What is said of it at every sign of life."""
        monitor = self._monitor
        owed = monitor.debts() if monitor is not None else self._inherited
        return Claim(self.lease.fence, self._weight(), told(owed))

    def _weight(self) -> int:
        """How many targets there are; 0 while that is being found out, but not for ever."""
        monitor = self._monitor
        if monitor is None or not (all(map(monitor.is_ready, self.sources)) or self._clock.now() > self._known_by):
            return 0
        return max(sum(len(monitor.latest_of(source)) for source in self.sources), 1)

    def finish(self) -> None:
        """Start nothing more, let what is under way end, write it, and end."""
        self._drains = True
        self._end()

    def lose(self) -> None:
        """It is another worker's now: nothing leaves any more, and nothing of it is written."""
        self.lease.end()
        self._end()

    def look(self) -> None:
        """Write what there is to be written, if there is anything."""
        if self._monitor is not None and self.publisher.due(self._monitor, self.sources):
            self._news.ring()

    def _end(self) -> None:
        self._told.set()
        self._news.ring()

    async def follow(self, config: Config) -> None:
        """Poll its sources as this configuration says; where it is wrong, raise its `ConfigError` and go on as before.

        What ends is not changed any more: whoever takes it next begins with what holds then.
        """
        if self.ending or self.ended:
            return
        if self._monitor is not None:
            await self._monitor.reload(config)
        self._config = config

    async def run(self, coordinator: Coordinator) -> None:
        """Poll and write until told to end."""
        try:
            legacy = Legacy(await self._known(coordinator), self._inherited)
            begun_with = self._config
            async with self._open(begun_with, permit=self.lease, legacy=legacy) as monitor:
                self._monitor = monitor
                if self._config is not begun_with:  # another one came while its sources were being opened
                    await monitor.reload(self._config)
                await self._write_until_told(coordinator, monitor)
                if self._drains:
                    await monitor.drain()
                    await self._write(coordinator, monitor)
        except CcstatsError as error:
            logger.error("%s cannot be polled: %s", self.shard, error)  # noqa: TRY400 - one line for a person
        except Exception:  # a bug costs its shard, and none of the others
            logger.exception("%s is no longer polled here", self.shard)
        finally:
            self.ended = True

    async def _write_until_told(self, coordinator: Coordinator, monitor: Monitor) -> None:
        while not self._told.is_set():
            await self._write(coordinator, monitor)
            if not self._told.is_set():
                await self._news.sleep(math.inf)

    async def _write(self, coordinator: Coordinator, monitor: Monitor) -> None:
        try:
            ours = await self.publisher.write(monitor, self.sources)
        except OUT_OF_REACH:
            return  # what differs then will be written then; that it is away is said elsewhere
        if not ours:
            self.lose()

    async def _known(self, coordinator: Coordinator) -> dict[str, list[Known]]:
        """What the table holds of its sources; nothing where it cannot be read now."""
        found: dict[str, list[Known]] = {}
        standing: dict[str, Snapshot | None] = {}
        try:
            self._warn_of_others(await coordinator.sources(self.sources))
            for source in self.sources:
                async for rows in coordinator.table(source):
                    for name, text in of_targets(rows).items():
                        known = _known(text, self._clock)
                        standing[name] = known.snapshot if known is not None else None
                        if known is not None:
                            found.setdefault(source, []).append(known)
        except OUT_OF_REACH as error:
            logger.warning("%s: begun without what was known: %s", self.shard, error)
        self.publisher.found(standing)
        return found

    def _warn_of_others(self, told: Mapping[str, bytes]) -> None:
        """Say which of its sources somebody else polls as another account: both write the same rows."""
        for one in overview(Life(self._clock.now(), "", None, ()), told).sources:
            if one.polled and one.about is not None:
                other = one.about
                if other.shard not in ("", self.shard):
                    text = "%s polls a source %s too, as %s: are two fleets under one prefix?"
                    logger.warning(text, other.worker, one.source, other.shard)


def _known(text: bytes, clock: SharedClock) -> Known | None:
    try:
        row = decoded(text)
    except CoordinatorError:
        return None  # another version's: written anew once it is read
    now = asyncio.get_running_loop().time()
    return Known(row.snapshot, {path: min(clock.here(at), now) for path, at in row.good.items()})
