"""One source, polled: one timer, whatever the number of its targets.

Each look at the clock makes due batches ready, starts as many as the budget will let through at once in the order of
`order`, and sleeps until something can be done again. A batch runs in a task of its own; the timer never waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Callable

from anyio.abc import TaskGroup

from ccstats.adapter import Batch, Source, Toolbox, Want
from ccstats.budget import Budget
from ccstats.model import Family, Snapshot, Target
from ccstats.monitor.health import Health
from ccstats.monitor.order import Order
from ccstats.monitor.schedule import Entry, Schedule
from ccstats.monitor.stats import Lateness, SourceStats
from ccstats.monitor.table import Table
from ccstats.poller import Job, as_vendor_error, read_batch

logger = logging.getLogger(__name__)

FINEST = 0.005
"""Seconds. The timer wakes no more often than this: event loops with coarse timers would spin."""
BOTH = frozenset(Family)


class Runner:
    """Polls one source for as long as its task lives."""

    def __init__(self, job: Job, source: Source, toolbox: Toolbox, publish: Callable[[Snapshot], None]) -> None:
        self.job = job
        self.table = Table(job.adapter.abilities)
        self.ready = asyncio.Event()
        """Set when every batch has been tried once."""
        self._source = source
        self._toolbox = toolbox
        self._publish = publish
        self._schedule = Schedule(job.name)
        self._orders: dict[str, Order] = defaultdict(Order)
        self._health = Health(job.name)
        self._lateness = Lateness()
        self._wake = asyncio.Event()
        self._targets: tuple[Target, ...] = ()
        self._discover_at = -math.inf
        self._discovering = False
        self._learned: object = None
        self._untried: set[str] = set()
        self._polls = self._failed = self._skipped = self._running = 0

    async def run(self, group: TaskGroup) -> None:
        """Discover, plan, and start batches when they are due, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                wake_at = self._look(group, loop.time())
            except Exception as error:  # a bug in an adapter's plan must not end the polling of everybody else
                failure = as_vendor_error(error, self._source, "planning")
                wake_at = loop.time() + self._health.failed(failure)
            await self._sleep(max(wake_at, loop.time() + FINEST))

    def _look(self, group: TaskGroup, now: float) -> float:
        """Everything that is to be done now; when to look again."""
        if now >= self._discover_at and not self._discovering:
            self._discovering = True
            group.start_soon(self._discover)
        if self._source.learned is not self._learned:
            self._replan(now)
        self._tick(now)
        wake_at = self._start_due(group, now)
        return wake_at if self._discovering else min(wake_at, self._discover_at)

    async def refresh(self, wanted: Callable[[Target], bool]) -> None:
        """Read the batches that hold a wanted target now, out of turn."""
        for entry in list(self._schedule.entries.values()):
            if not entry.running and any(wanted(target) for target in entry.batch.targets):
                self._schedule.start(entry, asyncio.get_running_loop().time())
                await self._read(entry)

    def stats(self) -> SourceStats:
        """How this source is doing."""
        traffic, budgets = self._source.traffic, self._budgets()
        return SourceStats(
            source=self.job.name,
            vendor=self.job.adapter.name,
            state=self._health.state,
            targets=len(self._targets),
            polls=self._polls,
            failed_polls=self._failed,
            skipped=self._skipped,
            lateness_p99=self._lateness.p99(),
            lateness_max=self._lateness.maximum,
            budget=min((budget.level() for budget in budgets), default=1.0),
            waiting=len(self._schedule.ready()),
            requests=traffic.requests,
            retries=traffic.retries,
            rate_limited=traffic.rate_limited,
            bytes=traffic.bytes,
            error=self._health.error,
        )

    async def _discover(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            found = await self._source.discover()
            self._take_targets(found.targets)
        except Exception as error:
            failure = as_vendor_error(error, self._source, "discovery")
            self._discover_at = loop.time() + self._health.failed(failure)
        else:
            every = self.job.options.poll.discovery_every or self.job.poll.discovery_every
            self._discover_at = loop.time() + every.total_seconds()
            self._health.answered()
        finally:
            self._discovering = False
            self._said_ready()
            self._wake.set()

    def _take_targets(self, found: tuple[Target, ...]) -> None:
        select, only = self.job.options.select, self.job.only
        chosen = [target for target in found if select.wants(target.kind, target.name, target.id)]
        self._targets = tuple(target for target in chosen if only is None or only(target))
        for snapshot in self.table.expect(self._targets):
            self._publish(snapshot)
        self._replan(asyncio.get_running_loop().time())

    def _said_ready(self) -> None:
        """Ready is when every batch was tried once, or when there is nothing to try."""
        if not self._untried:
            self.ready.set()

    def _replan(self, now: float) -> None:
        """The plan for the present targets and knowledge: targets of one cadence are planned together."""
        self._learned = self._source.learned
        groups: dict[tuple[float, float], list[Target]] = defaultdict(list)
        for target in self._targets:
            groups[self.job.options.poll.cadence(self.job.poll, target.name, target.id)].append(target)
        planned: list[tuple[Batch, float]] = []
        for (realtime, window), targets in groups.items():
            want = Want(targets=tuple(targets), families=BOTH, windows=self.job.poll.windows)
            batches = self.job.adapter.plan(self.job.options, want, self._learned)
            planned += [(batch, realtime if batch.family is Family.REALTIME else window) for batch in batches]
        self._schedule.replan(planned, now, self._toolbox.now())
        self._untried = {key for key, entry in self._schedule.entries.items() if entry.started is None}

    def _tick(self, now: float) -> None:
        ticked = self._schedule.tick(now)
        self._skipped += ticked.skipped
        for entry in ticked.stale:
            for family, window in entry.yields:
                for snapshot in self.table.stale(entry.batch.targets, family, window):
                    self._publish(snapshot)

    def _start_due(self, group: TaskGroup, now: float) -> float:
        """Start what the budgets let through; when to look again."""
        wake_at = self._schedule.next_due()
        if self._health.parked_until > now:
            return min(wake_at, self._health.parked_until)
        by_budget: dict[str, list[Entry]] = defaultdict(list)
        for entry in self._schedule.ready():
            if entry.batch.requests == 0:
                self._start(group, entry, now)
            else:
                by_budget[entry.batch.budget].append(entry)
        for key, ready in by_budget.items():
            budget = self._toolbox.known_budget(key)
            free = budget.free() if budget is not None else len(ready)
            while ready and free > 0 and self._has_room():
                entry = self._orders[key].pick(ready, now)
                ready.remove(entry)
                free -= entry.batch.requests
                self._start(group, entry, now)
            if ready and budget is not None and self._has_room():
                wake_at = min(wake_at, now + max(budget.wait_expected(), FINEST))
        return wake_at

    def _has_room(self) -> bool:
        return self._running < self.job.options.limits.concurrency

    def _start(self, group: TaskGroup, entry: Entry, now: float) -> None:
        self._lateness.add(self._schedule.start(entry, now))
        self._running += 1
        group.start_soon(self._run_entry, entry)

    async def _run_entry(self, entry: Entry) -> None:
        try:
            await self._read(entry)
        finally:
            self._running -= 1
            self._wake.set()

    async def _read(self, entry: Entry) -> None:
        batch = entry.batch
        deadline = self._toolbox.http.timeout.total_seconds() * max(batch.requests, 1)
        try:
            readings = await read_batch(self._source, batch, deadline=deadline)
        finally:
            entry.running = False
        self._polls += 1
        failures = [reading.error for reading in readings if reading.error is not None]
        if failures and len(failures) == len(readings):
            self._failed += 1
            self._health.failed(failures[0])
        else:
            entry.good, entry.stale = asyncio.get_running_loop().time(), False
            self._health.answered()
        for reading in readings:
            entry.yields.add((reading.family, reading.window))
            snapshot = self.table.apply(reading)
            if snapshot is not None:
                self._publish(snapshot)
        self._untried.discard(batch.key)
        self._said_ready()

    async def _sleep(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        self._wake.clear()
        timer = loop.call_at(until, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    def _budgets(self) -> list[Budget]:
        keys = {entry.batch.budget for entry in self._schedule.entries.values()}
        return [budget for key in keys if (budget := self._toolbox.known_budget(key)) is not None]
