"""What an app holds: sources polled, the latest of everything, changes as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from os import PathLike
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import TaskGroup

from ccstats.adapter import Toolbox
from ccstats.clock import wall_clock
from ccstats.config import Config, load_config
from ccstats.model import Snapshot
from ccstats.monitor.runner import Runner
from ccstats.monitor.stats import MonitorStats
from ccstats.monitor.stream import Changes, Matches, Streams, matcher
from ccstats.poller import Job, Only
from ccstats.registry import resolve

CLOSING = 5.0
"""Seconds that closing may take."""


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
    ) -> None:
        self._config = config if isinstance(config, Config) else load_config(str(config))
        self._only = only
        self._raw = raw
        self._clock = clock
        self._runners: list[Runner] = []
        self._streams = Streams()
        self._stack: AsyncExitStack | None = None
        self._group: TaskGroup | None = None

    async def __aenter__(self) -> Self:
        """Open every source and start polling; raises `ConfigError` where the configuration is wrong."""
        toolbox = Toolbox(self._config.http, clock=self._clock, keep_raw=self._raw)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(toolbox.close)
            for found in resolve(self._config):
                source = await stack.enter_async_context(found.adapter.open(found.name, found.options, toolbox))
                job = Job(found.name, found.adapter, found.options, self._config.poll, self._only)
                self._runners.append(Runner(job, source, toolbox, self._streams.publish))
            group = anyio.create_task_group()
            await group.__aenter__()
            for runner in self._runners:
                group.start_soon(runner.run, group)
            self._group, self._stack = group, stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop polling, end all streams, close all connections."""
        self._streams.close_all()
        group, stack = self._group, self._stack
        if group is None or stack is None:
            return
        self._group = self._stack = None
        group.cancel_scope.cancel()
        for runner in self._runners:
            runner.settle()
        try:
            # The body's own exception is not handed to the task group: it would come back wrapped in a group.
            await group.__aexit__(None, None, None)
        finally:
            # A cancellation must not keep sources from closing, only from taking their time.
            with anyio.move_on_after(CLOSING, shield=True):
                await stack.aclose()

    def latest(self) -> dict[str, Snapshot]:
        """The latest snapshot of every target, by key."""
        return {key: snapshot for runner in self._runners for key, snapshot in runner.table.latest.items()}

    def get(self, key: str) -> Snapshot | None:
        """The latest snapshot of one target."""
        return next((found for runner in self._runners if (found := runner.table.latest.get(key))), None)

    def age(self, key: str, window: str | None = None) -> timedelta | None:
        """How long ago the real-time numbers (or a window's) of a target were last read well; None if never.

        Counted on the monotonic clock: setting the wall clock makes nothing older, and nothing negative.
        """
        read_at = next((at for runner in self._runners if (at := runner.table.read_at(key, window)) is not None), None)
        return None if read_at is None else timedelta(seconds=asyncio.get_running_loop().time() - read_at)

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

    def stats(self) -> MonitorStats:
        """How the monitor itself is doing, source by source."""
        sources = tuple(runner.stats() for runner in self._runners)
        return MonitorStats(sources=sources, readers=self._streams.readers, missed=self._streams.missed)
