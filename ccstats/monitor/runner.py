"""One source, polled: one timer, whatever the number of its targets.

Each look at the clock makes due batches ready, starts as many as the budget will let through at once in the order of
`order`, and sleeps until something can be done again. A batch runs in a task of its own; the timer never waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Callable, Collection

import anyio
from anyio.abc import TaskGroup

from ccstats.adapter import Reading, Source, Toolbox, defined
from ccstats.errors import ConfigError, UnavailableError, VendorError
from ccstats.model import Snapshot, Target
from ccstats.monitor.alarm import Alarm
from ccstats.monitor.entry import Entry
from ccstats.monitor.health import DISCOVERY, Health
from ccstats.monitor.legacy import catch_up
from ccstats.monitor.order import Order
from ccstats.monitor.planning import planned_for
from ccstats.monitor.schedule import Schedule
from ccstats.monitor.stats import Lateness, SourceStats
from ccstats.monitor.table import Table
from ccstats.poller import Job, as_vendor_error, read_batch, unread

logger = logging.getLogger(__name__)

FINEST = 0.005
"""Seconds. The timer wakes no more often than this: event loops with coarse timers would spin."""
STALE_AFTER = 3
"""Periods without a good reading."""
DISCOVERY_DEADLINE = 300.0
"""Seconds. Many workspaces may be paged through within small limits; longer than that, something hangs."""


class Runner:
    """Polls one source for as long as its task lives."""

    def __init__(self, job: Job, source: Source, toolbox: Toolbox, publish: Callable[[Snapshot], None]) -> None:
        self.job = job
        self.table = Table(job.adapter.abilities, [one.name for one in job.poll.windows])
        self.ready = asyncio.Event()
        """Set when every batch has been tried once."""
        self._source, self._toolbox = source, toolbox
        self._publish = publish
        self._schedule = Schedule(job.name)
        self._orders: dict[str, Order] = defaultdict(Order)
        self.health = Health(job.name)
        self._lateness = Lateness()
        self._alarm = Alarm()
        self._targets: tuple[Target, ...] = ()
        self._discover_at = -math.inf
        self._discovering = self._discovered = False
        self.late = False
        """Whether somebody else polled this until a while ago: what is overdue is read at once."""
        self._learned: object = None
        self._untried: set[str] = set()
        self._lined_up: set[str] = set()
        self._polls = self._failed = self._skipped = self._running = 0
        self._ending, self._ended = False, asyncio.Event()
        self._scope: anyio.CancelScope | None = None

    async def run(self) -> None:
        """Discover, plan, and start batches when they are due, until cancelled or told to finish."""
        loop, ended = asyncio.get_running_loop(), self._ended
        try:
            async with anyio.create_task_group() as group:
                self._scope = group.cancel_scope
                while not self._ending:
                    wake_at = self._look(group, loop.time())
                    await self._alarm.sleep(max(wake_at, loop.time() + FINEST))
        finally:
            ended.set()

    async def finish(self, seconds: float) -> None:
        """Start nothing more; what is under way may end by itself for so many seconds, then it is cancelled."""
        self._ending = True
        self._alarm.ring()
        with anyio.move_on_after(seconds):
            await self._ended.wait()
        if not self._ended.is_set() and self._scope is not None:
            self._scope.cancel()
            with anyio.move_on_after(seconds):
                await self._ended.wait()

    def follow(self, job: Job, source: Source, toolbox: Toolbox) -> None:
        """After its end, poll another configuration of the same vendor: discovered anew, with what is known kept."""
        self.job, self._source, self._toolbox = job, source, toolbox
        self.health = Health(job.name)
        self._discover_at, self._discovered = -math.inf, False
        self._ending, self._ended = False, asyncio.Event()
        for snapshot in self.table.follow([one.name for one in job.poll.windows]):
            self._publish(snapshot)

    def _look(self, group: TaskGroup, now: float) -> float:
        """Everything that is to be done now; when to look again."""
        parked = self.health.parked_until > now
        if now >= self._discover_at and not self._discovering and not parked:
            self._discovering = True
            group.start_soon(self._discover)
        if self._discovered and self._source.learned is not self._learned:
            self._replan(now)
        self._tick(now)
        if parked or not self._discovered:
            self._step_out()
        wake_at = self.health.parked_until if parked else math.inf
        if self._discovered and not parked:
            wake_at = self._start_due(group, now)
        if not self._discovering and not parked:
            wake_at = min(wake_at, self._discover_at)
        return min(wake_at, self._schedule.next_due())

    def demand(self, wanted: Callable[[Target], bool]) -> list[asyncio.Future[None]]:
        """Make the batches that hold a wanted target ready out of turn; what is done when they have been read."""
        loop, futures = asyncio.get_running_loop(), []
        matching = [one for one in self._schedule.entries.values() if any(map(wanted, one.batch.targets))]
        for entry in matching:
            future: asyncio.Future[None] = loop.create_future()
            entry.awaited.append(future)
            futures.append(future)
            self._schedule.demand(entry, loop.time())
        self._alarm.ring()
        return futures

    def settle(self) -> None:
        """Polling ends: nobody has to wait any longer."""
        for entry in self._schedule.entries.values():
            entry.settle()

    def stats(self) -> SourceStats:
        """How this source is doing."""
        traffic, keys = self._source.traffic, {entry.batch.budget for entry in self._schedule.entries.values()}
        budgets = [budget for key in keys if (budget := self._toolbox.known_budget(key)) is not None]
        return SourceStats(
            source=self.job.name,
            vendor=self.job.adapter.name,
            state=self.health.state,
            targets=len(self._targets),
            polls=self._polls,
            failed_polls=self._failed,
            skipped=self._skipped,
            lateness_p99=self._lateness.p99(),
            lateness_max=self._lateness.maximum,
            budget=min((budget.level() for budget in budgets), default=1.0),
            waiting=len(self._schedule.waiting),
            requests=traffic.requests,
            retries=traffic.retries,
            rate_limited=traffic.rate_limited,
            bytes=traffic.bytes,
            error=self.health.error,
            repeated=traffic.repeated,
        )

    async def _discover(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(DISCOVERY_DEADLINE):
                found = await self._source.discover()
            self._take_targets(found.targets)
        except TimeoutError:
            late = UnavailableError(f"discovery took longer than {DISCOVERY_DEADLINE:g} s")
            self._discover_at = loop.time() + self.health.failed(DISCOVERY, late.located(source=self.job.name))
        except Exception as error:
            failure = as_vendor_error(error, self._source, DISCOVERY, self.health.bug)
            self._discover_at = loop.time() + self.health.failed(DISCOVERY, failure)
        else:
            every = self.job.options.poll.discovery_every or self.job.poll.discovery_every
            self._discover_at = loop.time() + every.total_seconds()
            self.health.answered(DISCOVERY)
        finally:
            self._discovering = False
            self._news()

    def _take_targets(self, found: tuple[Target, ...]) -> None:
        self._targets = self.job.chosen(found)
        for snapshot in self.table.expect(self._targets):
            self._publish(snapshot)
        self._discovered, now = True, asyncio.get_running_loop().time()
        self._replan(now)
        if self.late:
            catch_up(self._schedule, self.table, now)
        self.late = False

    def _replan(self, now: float) -> None:
        """The plan for the present targets and knowledge; where the adapter cannot make one, the last one holds."""
        self._learned = self._source.learned
        try:
            planned = planned_for(self.job, self._targets, self._learned)
            self.table.define(defined(self.job.adapter, self.job.options, self._learned))
        except Exception as error:  # a bug in an adapter's plan must not end the polling of what is planned
            self.health.failed("plan", as_vendor_error(error, self._source, "plan", self.health.bug))
            return
        before = list(self._schedule.entries.values())
        self._schedule.replan(planned, now, self._toolbox.now())
        entries = self._schedule.entries
        for entry in before:
            if not entry.running and entries.get(entry.batch.key) is not entry:
                entry.settle()  # it will not be read any more
        self.health.planned(entries.keys())
        self._untried = {key for key, entry in entries.items() if not entry.tried}

    def _tick(self, now: float) -> None:
        ticked = self._schedule.tick(now)
        self._skipped += ticked.skipped
        for entry in ticked.due:
            for family, window in entry.families():
                good_since = now - STALE_AFTER * entry.period
                for snapshot in self.table.expire(entry.batch.targets, family, window, good_since):
                    self._publish(snapshot)

    def _start_due(self, group: TaskGroup, now: float) -> float:
        """Start what the budgets let through; when to look again."""
        wake_at = math.inf
        for entry in self._schedule.waiting.free():
            self._start(group, entry, now)
        wanted = self._schedule.waiting.budgets()
        self._step_out(wanted)
        for key in wanted:
            wake_at = min(wake_at, self._start_under(group, key, now))
        return wake_at

    def _step_out(self, wanted: Collection[str] = ()) -> None:
        """Leave the lines of the budgets that nothing is wanted from: others must not wait for a turn not taken."""
        for key in self._lined_up.difference(wanted):
            self._lined_up.discard(key)
            if (budget := self._toolbox.known_budget(key)) is not None:
                budget.leave(self)

    def _start_under(self, group: TaskGroup, key: str, now: float) -> float:
        """Start what one budget lets through, in turn with the other sources that spend it; when to look again."""
        budget = self._toolbox.known_budget(key)
        self._lined_up.add(key)
        while (heads := self._schedule.waiting.heads(key)) and self._running < self.job.options.limits.concurrency:
            if budget is not None and budget.free() <= budget.line_up(self):
                return now + max(budget.wait_expected(), FINEST)
            self._start(group, self._orders[key].pick(heads, now), now)
            if budget is not None:
                budget.step_back(self)
        return math.inf

    def _start(self, group: TaskGroup, entry: Entry, now: float) -> None:
        self._lateness.add(self._schedule.start(entry, now))
        self._running += 1
        budget = self._toolbox.known_budget(entry.batch.budget)
        if budget is not None:
            budget.promise(entry, entry.batch.requests)
        group.start_soon(self._read, entry)

    async def _read(self, entry: Entry) -> None:
        batch = entry.batch
        deadline = self._toolbox.deadlines.within(self._toolbox.http.timeout.total_seconds() * max(batch.requests, 1))
        try:
            readings = await read_batch(self._source, batch, deadline=deadline, report=self.health.bug)
            self._take(entry, readings)
        except ConfigError as error:  # nobody is there to be told but the snapshots' readers
            mistake = VendorError(str(error)).located(source=self.job.name)
            self._take(entry, [unread(self._source, batch, target, mistake) for target in batch.targets])
        finally:
            self._done(entry)

    def _done(self, entry: Entry) -> None:
        budget = self._toolbox.known_budget(entry.batch.budget)
        if budget is not None:
            budget.fulfil(entry)
        entry.running, entry.tried = False, True
        self._running -= 1
        entry.settle()
        self._untried.discard(entry.batch.key)
        self._news()

    def _news(self) -> None:
        """Something has ended. Ready is when every batch was tried once, or when there is nothing to try."""
        if not self._untried:
            self.ready.set()
        self._alarm.ring()

    def _take(self, entry: Entry, readings: list[Reading]) -> None:
        now = asyncio.get_running_loop().time()
        self._polls += 1
        failures = [reading.error for reading in readings if reading.error is not None]
        if failures and len(failures) == len(readings):
            self._failed += 1
            self.health.failed(entry.batch.key, failures[0])
        else:
            self.health.answered(entry.batch.key)
        changed = {}
        for reading in readings:
            entry.yields.add((reading.family, reading.window))
            snapshot = self.table.apply(reading, now)
            if snapshot is not None:
                changed[snapshot.target.key] = snapshot  # one change, also where a read was about several families
        for snapshot in changed.values():
            self._publish(snapshot)
