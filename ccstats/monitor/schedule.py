"""When each batch is due: slots on a fixed grid, computed from deadlines and never from "now plus a period".

The n batches of a family stand at i/n of its period, shifted by a phase that follows from the source's name, on a grid
that is aligned with the wall clock when the monitor starts: after a restart every batch has the offset it had before,
and no second is busier than the others. From then on only the monotonic clock counts; setting the wall clock moves
nothing.

A batch that is still waiting or running when its next slot comes is skipped there, and counted. However long the
process was suspended, one slot is made up for.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from ccstats.adapter import Batch
from ccstats.model import Family
from ccstats.monitor.entry import Entry
from ccstats.monitor.waiting import Waiting

SAME = 1e-6
"""Seconds. Slots computed in two ways are one slot."""


@dataclass(slots=True)
class Ticked:
    """What one look at the schedule found: the batches whose slot has come, and how many slots were skipped."""

    due: list[Entry] = field(default_factory=list)
    skipped: int = 0


class Schedule:
    """The batches of one source, each on its slots."""

    def __init__(self, source: str) -> None:
        self._phase = int.from_bytes(sha256(source.encode()).digest()[:8]) / 2**64
        self._entries: dict[str, Entry] = {}
        self._heap: list[tuple[float, str]] = []
        self.waiting = Waiting()
        """The batches that wait to be started."""
        self._anchor: tuple[float, float] | None = None

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every batch by its key."""
        return self._entries

    def replan(self, batches: Iterable[tuple[Batch, float]], now: float, wall: datetime) -> None:
        """Put these batches (each with its period) in place of the present ones; what was known of a batch stays."""
        families: dict[tuple[Family, float], list[Batch]] = defaultdict(list)
        for batch, period in batches:
            families[batch.family, period].append(batch)
        entries: dict[str, Entry] = {}
        self._anchor = self._anchor or (now, wall.timestamp())
        for (_, period), members in families.items():
            origin = self._anchor[0] - self._anchor[1] % period
            for index, batch in enumerate(members):
                offset = (self._phase + index / len(members)) % 1.0 * period
                due = _slot_after(origin + offset, period, now)
                entries[batch.key] = self._renewed(batch, period, due, now)
        self._entries = entries
        self.waiting = Waiting(entry for entry in entries.values() if entry.ready_since is not None)
        self._heap = [(entry.due, key) for key, entry in entries.items()]
        heapq.heapify(self._heap)

    def tick(self, now: float) -> Ticked:
        """Make every batch whose slot has come ready to be started."""
        ticked = Ticked()
        while self._heap and self._heap[0][0] <= now:
            due, key = heapq.heappop(self._heap)
            entry = self._entries[key]
            missed = math.floor((now - due) / entry.period)
            if entry.running or entry.ready_since is not None:
                ticked.skipped += 1 + missed
            else:
                entry.ready_since = due + missed * entry.period
                self.waiting.add(entry)
                ticked.skipped += missed
            ticked.due.append(entry)
            entry.due = due + (missed + 1) * entry.period
            heapq.heappush(self._heap, (entry.due, key))
        return ticked

    def next_due(self) -> float:
        """When the next slot comes."""
        return self._heap[0][0] if self._heap else math.inf

    def demand(self, entry: Entry, now: float) -> None:
        """Make this batch ready out of turn."""
        if entry.ready_since is None and not entry.running:
            entry.ready_since = now
            self.waiting.add(entry)

    def start(self, entry: Entry, now: float) -> float:
        """This batch is started now; how late that is, in seconds."""
        late = now - entry.ready_since if entry.ready_since is not None else 0.0
        self.waiting.remove(entry)
        entry.running, entry.ready_since, entry.started = True, None, now
        return late

    def _renewed(self, batch: Batch, period: float, due: float, now: float) -> Entry:
        known = self._entries.get(batch.key)
        if known is None:
            return Entry(batch, period, due, born=now)
        # A slot that has come and was not looked at yet must not be lost: only another grid moves a known batch.
        if known.period != period or not _same_grid(known.due, due, period):
            known.due = due
        known.batch, known.period = batch, period
        return known


def _same_grid(one: float, other: float, period: float) -> bool:
    apart = (one - other) / period
    return abs(apart - round(apart)) * period < SAME


def _slot_after(slot: float, period: float, now: float) -> float:
    return slot + math.ceil((now - slot) / period) * period
