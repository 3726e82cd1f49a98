"""What several workers have read, as if it was read here: `ccstats.attach`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import TaskGroup

from ccstats.config import Config, Redis, validate
from ccstats.coordination import Coordinator, connect
from ccstats.errors import CoordinatorError
from ccstats.fleet.about import config_of
from ccstats.fleet.clock import SharedClock
from ccstats.fleet.follower import Follower
from ccstats.fleet.shown import Shown
from ccstats.fleet.sources import Sources, said_at
from ccstats.model import Group, Snapshot
from ccstats.monitor import MonitorStats
from ccstats.monitor.stream import Changes, Matches, Streams
from ccstats.poller import Only
from ccstats.rollup import groups

logger = logging.getLogger(__name__)

CLOSING = 2.0
"""Seconds that closing the connections may take."""
LOOK_EVERY = 1.0
"""Seconds between two looks for what has become stale."""
PREFERRED = ("board", "groups")
"""What a reader may say itself, in place of what the workers say."""


class Reader:
    """Follows the table that workers share, without a vendor's secret and without any request to a vendor.

    ```python
    async with ccstats.attach("rediss://reader@redis.example:6379") as reader:
        await reader.wait_until_ready()
        async with reader.subscribe(match="us:*") as changes:
            async for snapshot in changes:
                ...
    ```

    It is read as a `Monitor` is. What was not read well for three periods becomes stale by itself: also when the
    workers are gone, or the table cannot be reached. Then the last values stay, `stats()` says what is wrong, and the
    table is tried again every second.
    """

    def __init__(
        self,
        where: Redis | Coordinator,
        *,
        config: Config | None = None,
        only: Only | None = None,
        sources: Collection[str] = (),
    ) -> None:
        self._where = where
        self._own = config or Config()
        self._streams = Streams()
        self._clock = SharedClock()
        self._shown = Shown(self._streams.publish, only or (lambda _: True))
        self._sources = Sources()
        self._follower = Follower(self._shown, self._sources, self._clock, sources, self._refresh)
        self._ready = asyncio.Event()
        self._described = b""
        self._told, self._config = Config(), _preferring(Config(), self._own)
        self._group: TaskGroup | None = None

    async def __aenter__(self) -> Self:
        """Begin to follow; raises `ConfigError` where the address is wrong. An unreachable table is tried on."""
        coordinator = connect(self._where) if isinstance(self._where, Redis) else self._where
        group = anyio.create_task_group()
        await group.__aenter__()
        self._group = group
        group.start_soon(self._follow, coordinator)
        group.start_soon(self._age)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all streams and close the connections; the latest values stay."""
        self._streams.close_all()
        group, self._group = self._group, None
        if group is not None:
            group.cancel_scope.cancel()
            # The body's own exception is not handed to the task group: it would come back wrapped in a group.
            await group.__aexit__(None, None, None)

    def prefer(self, config: Config) -> None:
        """Say something else in place of what the workers say: `serve`, and `board` and `groups` where it has them."""
        self._own = config
        self._config = _preferring(self._told, config)

    @property
    def config(self) -> Config:
        """What the workers say of groups, board and windows, with what this reader says in its place; no source."""
        return self._config

    def now(self) -> datetime:
        """What time it is, by the coordinator's clock."""
        return self._clock.date(_now())

    def latest(self) -> dict[str, Snapshot]:
        """The latest snapshot of every target, by key."""
        return self._shown.latest()

    def get(self, key: str) -> Snapshot | None:
        """The latest snapshot of one target."""
        return self._shown.get(key)

    def groups(self) -> dict[str, Group]:
        """Every group as of now, by name, rolled up from the latest snapshots."""
        return {group.name: group for group in groups(self._config, self.latest().values(), self.now())}

    def age(self, key: str, window: str | None = None) -> timedelta | None:
        """How long ago the real-time numbers (or a window's) of a target were last read well; None if never.

        Counted on the monotonic clock: setting a wall clock makes nothing older, and nothing negative.
        """
        read_at = self._shown.good(key, "realtime" if window is None else f"windows.{window}")
        return None if read_at is None else timedelta(seconds=max(_now() - read_at, 0.0))

    @asynccontextmanager
    async def subscribe(self, match: str | Matches | None = None) -> AsyncGenerator[Changes]:
        """The changes from now on, of the targets whose key or name matches a glob (or that a predicate wants).

        As those of a monitor: any value but the time of reading, the latest of each target.
        """
        changes = self._streams.open(match)
        try:
            yield changes
        finally:
            self._streams.close(changes)

    async def wait_until_ready(self, timeout: float | None = None) -> bool:
        """Wait until the table was read and its workers have tried everything; whether within `timeout` seconds."""
        with anyio.move_on_after(timeout):
            await self._ready.wait()
        return self._ready.is_set()

    def stats(self) -> MonitorStats:
        """How the polling is doing, source by source, as the workers say; and what a reader sees beside that.

        A source is failing where the table cannot be reached, and where nobody has said anything of it for 15 s.
        """
        reach, lost = self._follower.reach, None
        if reach.error is not None:
            lost = f"the shared table cannot be reached since {said_at(self._clock.date(reach.since))}: {reach.error}"
        sources = self._sources.stats(_now(), lost=lost, unreadable=self._shown.unreadable, clock=self._clock)
        return MonitorStats(sources=sources, readers=self._streams.readers, missed=self._streams.missed)

    async def _follow(self, coordinator: Coordinator) -> None:
        try:
            await self._follower.run(coordinator)
        finally:
            if coordinator is not self._where:
                with anyio.move_on_after(CLOSING, shield=True):
                    await coordinator.aclose()

    async def _age(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._shown.expire(_now())

    def _refresh(self) -> None:
        """More than rows has changed."""
        if self._follower.description != self._described:
            self._described = self._follower.description
            try:
                self._told = config_of(self._described)
            except CoordinatorError as error:
                logger.warning("%s", error)
            self._config = _preferring(self._told, self._own)
        if self._follower.read and self._sources.ready:
            self._ready.set()
        else:
            self._ready.clear()


def _now() -> float:
    return asyncio.get_running_loop().time()


def attach(
    where: str | Redis | Coordinator,
    *,
    config: Config | None = None,
    only: Only | None = None,
    sources: Collection[str] = (),
) -> Reader:
    """A reader of the table at a Redis URL (`rediss://USER:PASSWORD@HOST:PORT`), to be entered with `async with`.

    `config.serve`, and `board` and `groups` where `config` has them, stand in place of what the workers say; `only` and
    `sources` choose what is shown. Raises `ConfigError` where the URL is none. A `Coordinator` stays its owner's to
    close.
    """
    if isinstance(where, str):
        where = validate(Redis, {"url": where}, key="redis")
    return Reader(where, config=config, only=only, sources=sources)


def _preferring(told: Config, own: Config) -> Config:
    """What the workers say, with what the reader itself says in its place."""
    said = {name: getattr(own, name) for name in PREFERRED if name in own.model_fields_set}
    return told.model_copy(update={"serve": own.serve, **said})
