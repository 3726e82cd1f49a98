"""What an app holds: sources polled, the latest of everything, changes as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from os import PathLike
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import TaskGroup

from ccstats.adapter import Toolbox
from ccstats.budget import Inherited
from ccstats.clock import wall_clock
from ccstats.config import Config, load_config
from ccstats.coordination import Coordinator
from ccstats.http import Permit
from ccstats.model import Family, Group, Snapshot
from ccstats.monitor.legacy import Legacy
from ccstats.monitor.roster import CLOSING, DRAINING, Roster
from ccstats.monitor.runner import Runner
from ccstats.monitor.stats import MonitorStats, SourceStats
from ccstats.monitor.stream import Changes, Matches, Streams, matcher
from ccstats.poller import Only
from ccstats.rollup import groups


class Monitor:
    """Polls every source of a configuration and keeps the latest snapshots.

    ```python
    async with Monitor("ccstats.toml") as monitor:
        await monitor.wait_until_ready()
        async with monitor.subscribe(match="us:*") as changes:
            async for snapshot in changes:
                ...
    ```

    However many readers there are, each vendor is asked once per cadence. A vendor that fails is tried on; its targets
    keep their last good values, with their age and with what went wrong.
    """

    def __init__(
        self,
        config: Config | str | PathLike[str],
        *,
        only: Only | None = None,
        raw: bool = False,
        clock: Callable[[], datetime] = wall_clock,
        permit: Permit | None = None,
        legacy: Legacy | None = None,
        coordinator: Coordinator | None = None,
    ) -> None:
        """`permit` is asked before each request leaves; `legacy` is what a process knew that polled this before.

        Sources whose limits are shared ask at `coordinator`, where one is given, and else at `config.redis`.
        """
        legacy = legacy or Legacy()
        self._config = config if isinstance(config, Config) else load_config(str(config))
        self._streams = Streams()
        self._toolbox = Toolbox(
            self._config.http,
            clock=clock,
            keep_raw=raw,
            permit=permit,
            inherited=legacy.inherited,
            coordinator=coordinator,
        )
        self._roster = Roster(self._toolbox, self._streams.publish, only, legacy)
        self._group: TaskGroup | None = None

    async def __aenter__(self) -> Self:
        """Open every source and start polling; raises `ConfigError` where the configuration is wrong."""
        group = anyio.create_task_group()
        await group.__aenter__()
        self._group = group
        try:
            await self._roster.follow(self._config, group)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop polling, end all streams, close all connections."""
        await self._end()

    async def _end(self) -> None:
        self._streams.close_all()
        group, self._group = self._group, None
        if group is None:
            return
        group.cancel_scope.cancel()
        self._roster.settle()
        try:
            # The body's own exception is not handed to the task group: it would come back wrapped in a group.
            await group.__aexit__(None, None, None)
        finally:
            with anyio.move_on_after(CLOSING, shield=True):
                await self._toolbox.close()

    async def reload(self, config: Config | str | PathLike[str]) -> None:
        """Follow another configuration; where it is wrong, raise its `ConfigError` and go on as before.

        A source whose options, cadence and network stayed the same loses no poll. One that changed keeps its latest
        values while it is discovered anew; targets that are no longer there are marked as gone. What was refused or did
        not answer is tried again at once.
        """
        if self._group is None:
            raise RuntimeError("a monitor follows a new configuration while it is entered")
        config = config if isinstance(config, Config) else load_config(str(config))
        await self._roster.follow(config, self._group)
        self._config = config

    async def drain(self, seconds: float = DRAINING) -> None:
        """Start no more polls and wait for those under way, so many seconds at most: what comes before leaving.

        Streams end; the latest values stay.
        """
        await self._roster.drain(seconds)
        self._streams.close_all()

    @property
    def config(self) -> Config:
        """What it follows now."""
        return self._config

    def now(self) -> datetime:
        """What time it is, by its clock."""
        return self._toolbox.now()

    @property
    def _runners(self) -> list[Runner]:
        return list(self._roster.runners.values())

    def _of(self, key: str) -> Runner | None:
        """Who polls a target: its key begins with the name of its source."""
        return self._roster.runners.get(key.partition(":")[0])

    def latest(self) -> dict[str, Snapshot]:
        """The latest snapshot of every target, by key."""
        return {key: snapshot for runner in self._runners for key, snapshot in runner.table.latest.items()}

    def latest_of(self, source: str) -> Mapping[str, Snapshot]:
        """The latest snapshot of every target of one source, by key; empty where it is not polled."""
        runner = self._roster.runners.get(source)
        return runner.table.latest if runner is not None else {}

    def get(self, key: str) -> Snapshot | None:
        """The latest snapshot of one target."""
        runner = self._of(key)
        return runner.table.latest.get(key) if runner is not None else None

    def groups(self) -> dict[str, Group]:
        """Every configured group as of now, by name, rolled up from the latest snapshots."""
        found = groups(self._config, self.latest().values(), self.now())
        return {group.name: group for group in found}

    def age(self, key: str, window: str | None = None) -> timedelta | None:
        """How long ago the real-time numbers (or a window's) of a target were last read well; None if never.

        Counted on the monotonic clock: setting the wall clock makes nothing older, and nothing negative.
        """
        runner = self._of(key)
        read_at = runner.table.read_at(key, window) if runner is not None else None
        return None if read_at is None else timedelta(seconds=asyncio.get_running_loop().time() - read_at)

    def periods(self, key: str) -> dict[Family, float]:
        """How often each family of a target is read, in seconds; empty where its source is not polled."""
        runner, snapshot = self._of(key), self.get(key)
        if runner is None or snapshot is None:
            return {}
        now, window = runner.job.options.poll.cadence(runner.job.poll, snapshot.target.name, snapshot.target.id)
        return {Family.REALTIME: now, Family.WINDOW: window}

    def debts(self) -> Inherited:
        """What every budget owes: what the next one to poll the same begins with."""
        return self._toolbox.debts()

    def is_ready(self, source: str) -> bool:
        """Whether everything of a source was tried once."""
        runner = self._roster.runners.get(source)
        return runner is not None and runner.ready.is_set()

    def pulse(self, source: str) -> tuple[object, ...] | None:
        """What is another one when there is something new of a source; None where it is not polled."""
        runner = self._roster.runners.get(source)
        if runner is None:
            return None
        return runner.table.version, runner.ready.is_set(), runner.health.state, runner.health.error

    @asynccontextmanager
    async def subscribe(self, match: str | Matches | None = None) -> AsyncGenerator[Changes]:
        """The changes from now on, of the targets whose key or name matches a glob (or that a predicate wants).

        A change is any value but the time of reading. A reader that is slow sees the latest of each target, not every
        one in between; `changes.missed` counts those.
        """
        changes = self._streams.open(match)
        try:
            yield changes
        finally:
            self._streams.close(changes)

    async def refresh(self, match: str | Matches | None = None) -> None:
        """Read what matches now, out of turn, within the budgets; returns when it has been read."""
        wanted = matcher(match)
        futures = [future for runner in self._runners for future in runner.demand(wanted)]
        if futures:
            await asyncio.wait(futures)

    async def wait_until_ready(self, timeout: float | None = None) -> bool:
        """Wait until everything has been tried once; whether that came within `timeout` seconds."""
        with anyio.move_on_after(timeout):
            for runner in self._runners:
                await runner.ready.wait()
        return all(runner.ready.is_set() for runner in self._runners)

    def stats_of(self, source: str) -> SourceStats | None:
        """How one source is doing; None where it is not polled."""
        runner = self._roster.runners.get(source)
        return runner.stats() if runner is not None else None

    def stats(self) -> MonitorStats:
        """How the monitor itself is doing, source by source."""
        sources = tuple(runner.stats() for runner in self._runners)
        return MonitorStats(sources=sources, readers=self._streams.readers, missed=self._streams.missed)
