"""How to read what is wanted in the fewest requests: pure, the same for a forecast and for real.

Requests for N queues of a workspace: real time ceil(N / 50) by the bulk endpoint (or N where the longest wait is to
count from queue entry, or a channel is filtered: the bulk endpoint knows neither); windows N each. With `detail =
"totals"` the list of queue statistics answers for both in ceil(N / 1000).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ccstats.adapter import Batch, Want
from ccstats.config import WindowSpec
from ccstats.model import Family, Kind, Target
from ccstats_twilio.api.endpoints import BULK_QUEUES, PAGE, STATISTICS, WORKERS
from ccstats_twilio.config import TwilioOptions
from ccstats_twilio.parse.channels import CHANNELS
from ccstats_twilio.parse.handling import STEPS

Targets = tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """What reads have taught, until the next discovery."""

    no_worker_statistics: frozenset[str] = frozenset()
    """Workspaces that refuse them: https://www.twilio.com/docs/taskrouter/limits caps them at 100 workers."""
    channels: tuple[tuple[str, int], ...] = ()
    """How many task channels of each workspace are read apart."""


NOTHING = Learned()


def plan(options: TwilioOptions, want: Want, learned: Learned) -> list[Batch]:
    """The batches that read what is wanted, workspace by workspace, in the order of the targets."""
    windows = options.windows(want.windows) if Family.WINDOW in want.families else ()
    now = Family.REALTIME in want.families
    batches: list[Batch] = []
    # Before discovery nobody knows which channels there are: for a glob, those that have a name here stand in.
    guessed = max(len(options.by_channel), len(options.channels(CHANNELS)))
    for scope in dict.fromkeys(target.scope or "" for target in want.targets):
        channels = dict(learned.channels).get(scope, guessed)
        part = _Part(options, scope, now, windows, scope not in learned.no_worker_statistics, channels)
        first = len(batches)
        for kind in (Kind.WORKSPACE, Kind.QUEUE, Kind.WORKFLOW, Kind.AGENT):
            targets = tuple(t for t in want.targets if t.kind is kind and (t.scope or "") == scope)
            if targets:
                batches.extend(part.batches(kind, targets))
        if options.handle_time == "events":
            batches[first:] = _with_events(batches[first:])
    return batches


def _with_events(batches: list[Batch]) -> list[Batch]:
    """The first window of a workspace that is read brings its events, one list per kind of step."""
    place = next((index for index, batch in enumerate(batches) if batch.window is not None), None)
    if place is not None:
        batches[place] = replace(batches[place], requests=batches[place].requests + len(STEPS))
    return batches


def _chunks(targets: Targets, size: int) -> Iterator[Targets]:
    for start in range(0, len(targets), size):
        yield targets[start : start + size]


def _pages(targets: Sequence[Target]) -> int:
    return math.ceil(len(targets) / PAGE)


@dataclass(frozen=True, slots=True)
class _Part:
    """One workspace of a plan."""

    options: TwilioOptions
    scope: str
    now: bool
    windows: tuple[WindowSpec, ...]
    workers: bool
    channels: int

    def batches(self, kind: Kind, targets: Targets) -> Iterator[Batch]:
        if kind is Kind.AGENT:
            yield from self._agents(targets)
        elif self.options.detail == "totals" and self.windows:
            yield from self._totals(kind, targets)
        else:
            yield from self._now(kind, targets)
            yield from self._windows(kind, targets)

    def _now(self, kind: Kind, targets: Targets) -> Iterator[Batch]:
        if not self.now:
            return
        apart = self.options.channel is not None or bool(self.options.by_channel)
        one_by_one = apart or self.options.longest_wait == "since_queue_entry"
        if kind is Kind.QUEUE and not one_by_one:
            for chunk in _chunks(targets, BULK_QUEUES):
                yield self._batch("queues.bulk", chunk, Family.REALTIME)
        else:
            for target in targets:
                yield self._batch(f"{kind.value}.realtime", (target,), Family.REALTIME, requests=1 + self.channels)

    def _windows(self, kind: Kind, targets: Targets) -> Iterator[Batch]:
        requests = self._with_durations(kind) + self.channels
        for window in self.windows:
            for target in targets:
                yield self._batch(f"{kind.value}.cumulative", (target,), Family.WINDOW, window, requests)

    def _totals(self, kind: Kind, targets: Targets) -> Iterator[Batch]:
        """One request for both families; a further window reads only itself."""
        for index, window in enumerate(self.windows):
            family = Family.REALTIME if self.now and index == 0 else Family.WINDOW
            if kind is Kind.QUEUE and len(targets) > 1:
                yield self._batch("queues.list", targets, family, window, _pages(targets))
            else:
                requests = self._with_durations(kind)
                for target in targets:
                    yield self._batch(f"{kind.value}.combined", (target,), family, window, requests)

    def _with_durations(self, kind: Kind) -> int:
        """Requests per window: the time per activity costs one of its own."""
        durations = kind is Kind.WORKSPACE or (kind is Kind.QUEUE and self.options.activity_durations)
        return 2 if durations and self.workers else 1

    def _agents(self, targets: Targets) -> Iterator[Batch]:
        if self.now:
            yield self._batch("workers.list", targets, Family.REALTIME, requests=_pages(targets))
        for window in self.windows:
            for target in targets:
                yield self._batch("worker", (target,), Family.WINDOW, window, requests=1 if self.workers else 0)

    def _batch(
        self, operation: str, targets: Targets, family: Family, window: WindowSpec | None = None, requests: int = 1
    ) -> Batch:
        budget = budget_key(self.options, self.scope, operation)
        limit = STATISTICS.get(operation, WORKERS).limit
        return Batch(operation, targets, family, window, budget=budget, requests=requests, limit=limit)


def budget_key(options: TwilioOptions, scope: str, operation: str) -> str:
    """What Twilio counts a request against: workspace and resource (https://www.twilio.com/docs/taskrouter/api)."""
    return f"twilio|{options.root.origin()}|{options.account}|{scope}|{operation}"
