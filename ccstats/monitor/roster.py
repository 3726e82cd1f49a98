"""The sources of one monitor: each is opened, polled and closed in a task of its own, and a new configuration moves
only those that it changes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup, TaskStatus

from ccstats.adapter import Source, Toolbox
from ccstats.config import Config
from ccstats.errors import ConfigError
from ccstats.model import Snapshot
from ccstats.monitor.legacy import Legacy, adopt
from ccstats.monitor.runner import Runner
from ccstats.monitor.unopened import Unopened
from ccstats.poller import Job, Only, log_bug
from ccstats.registry import resolve

logger = logging.getLogger(__name__)

CLOSING = 2.0
"""Seconds that closing a source may take."""
DRAINING = 5.0
"""Seconds that what is under way has to end by itself."""


@dataclass(slots=True, eq=False)
class Change:
    """One change: first every new source is opened, then all take their places, or none does."""

    seats: dict[str, Runner] = field(default_factory=dict)
    decided: anyio.Event = field(default_factory=anyio.Event)


class Roster:
    """Which sources are polled."""

    def __init__(
        self, toolbox: Toolbox, publish: Callable[[Snapshot], None], only: Only | None, legacy: Legacy
    ) -> None:
        self.runners: dict[str, Runner] = {}
        self._toolbox = toolbox
        self._publish = publish
        self._only = only
        self._legacy = legacy
        self._changing = anyio.Lock()

    async def follow(self, config: Config, group: TaskGroup) -> None:
        """Poll what `config` says from now on; where it is wrong, raise its `ConfigError` and change nothing.

        A source whose options, cadence and network stayed the same is not touched. One that changed keeps its latest
        values and its place in the schedule, and is discovered anew. What is no longer polled is marked as gone.
        """
        async with self._changing:
            found = resolve(config, met=self._toolbox.met)
            jobs = [Job(one.name, one.adapter, one.options, config.poll, self._only) for one in found]
            self._toolbox.meet(config.redis, [one.options for one in found])
            toolbox, change = self._toolbox.on(config.http), Change()
            fresh = [job for job in jobs if toolbox is not self._toolbox or self._differs(job)]
            try:
                opened = [(job, await group.start(self._poll, job, toolbox, change)) for job in fresh]
                self._toolbox = toolbox
                with anyio.CancelScope(shield=True):  # half a change would leave sources that nobody polls
                    await self._dismiss({job.name: job for job in jobs})
                    await self._seat_all(opened, change)
                self.runners = {job.name: change.seats.get(job.name) or self.runners[job.name] for job in jobs}
                self._legacy = Legacy()  # taken over once
                toolbox.forgive()
            finally:
                change.decided.set()

    async def drain(self, seconds: float = DRAINING) -> None:
        """Start nothing more, and wait for what is under way: so many seconds at most, then it is cancelled."""
        async with anyio.create_task_group() as group:
            for runner in self.runners.values():
                group.start_soon(runner.finish, seconds)

    def settle(self) -> None:
        """Polling ends: nobody has to wait any longer."""
        for runner in self.runners.values():
            runner.settle()

    def _differs(self, job: Job) -> bool:
        known = self.runners.get(job.name)
        return known is None or known.job != job

    async def _dismiss(self, wanted: dict[str, Job]) -> None:
        """End the polling of sources that are no longer wanted, or are another vendor's now."""
        gone = [one for name, one in self.runners.items() if not _same_vendor(one, wanted.get(name))]
        async with anyio.create_task_group() as group:
            for runner in gone:
                group.start_soon(runner.finish, DRAINING)
        for runner in gone:
            del self.runners[runner.job.name]
            for snapshot in runner.table.expect(()):
                self._publish(snapshot)

    async def _seat_all(self, opened: list[tuple[Job, Source]], change: Change) -> None:
        async with anyio.create_task_group() as group:
            for job, source in opened:
                group.start_soon(self._seat, job, source, change)

    async def _seat(self, job: Job, source: Source, change: Change) -> None:
        runner = self.runners.get(job.name)
        if runner is None:
            runner = Runner(job, source, self._toolbox, self._publish)
            runner.late = adopt(runner.table, self._legacy.rows.get(job.name, ()))
        else:
            await runner.finish(DRAINING)
            runner.follow(job, source, self._toolbox)
        change.seats[job.name] = runner

    async def _poll(self, job: Job, toolbox: Toolbox, change: Change, *, task_status: TaskStatus[Source]) -> None:
        """One source from its opening to its end, in one task: what it enters, it leaves in the same task."""
        async with AsyncExitStack() as opening:
            lent = opening.enter_context(toolbox.lent())
            source = await _opened(job, lent, opening)
            ending = opening.pop_all()
        try:
            task_status.started(source)
            await change.decided.wait()
            if job.name in change.seats:
                await change.seats[job.name].run()
        finally:
            # A cancellation must not keep a source from closing, only from taking its time.
            with anyio.move_on_after(CLOSING, shield=True):
                await _close(job.name, ending)


def _same_vendor(runner: Runner, job: Job | None) -> bool:
    return job is not None and job.adapter is runner.job.adapter


async def _opened(job: Job, toolbox: Toolbox, stack: AsyncExitStack) -> Source:
    """The source; where a bug of its adapter keeps it closed, what says so. The others are polled all the same."""
    try:
        return await stack.enter_async_context(job.adapter.open(job.name, job.options, toolbox))
    except ConfigError:
        raise
    except Exception as error:
        log_bug(job.name, "opening", error)
        return Unopened(job.name, toolbox, error)


async def _close(name: str, ending: AsyncExitStack) -> None:
    try:
        await ending.aclose()
    except Exception as error:
        logger.error("source %s did not close", name, exc_info=error)  # noqa: TRY400 - not in flight
