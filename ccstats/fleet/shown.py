"""What a reader shows: the rows of the shared table as snapshots, becoming stale by themselves.

Times are of the reader's own monotonic clock: what a row says in the coordinator's time is converted when it is read,
so that nobody's clock makes anything older or younger afterwards.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ccstats.errors import CoordinatorError
from ccstats.fleet.clock import SharedClock
from ccstats.fleet.rows import DEFINITIONS, Row, decoded, learn
from ccstats.model import Family, Realtime, Snapshot, Status, Target, Window
from ccstats.monitor.runner import STALE_AFTER
from ccstats.monitor.table import alike

SLACK = 1000
"""Moments that may stand in line beside one per row, before those are taken out that nobody waits for any more."""


@dataclass(slots=True)
class Known:
    """One row as it is shown, and when its families were last read well, by their paths."""

    snapshot: Snapshot
    digest: int
    good: dict[str, float]
    periods: Mapping[Family, float]
    looked_at: float = math.inf
    """The moment in line at which it is looked at again."""

    def stale_at(self) -> float:
        """When the next of its fresh families becomes stale."""
        return min((self._until(path) for path, _ in _fresh(self.snapshot)), default=math.inf)

    def aged(self, now: float) -> Snapshot:
        """As it is to be shown at `now`: what was last read well too long ago is stale."""
        late = {path for path, _ in _fresh(self.snapshot) if self._until(path) < now}
        return _marked(self.snapshot, Status.STALE, late) if late else self.snapshot

    def _until(self, path: str) -> float:
        """Fresh until then; where nobody says how often it is read, or when it last was, it is not fresh at all."""
        period = self.periods.get(Family.REALTIME if path == Family.REALTIME else Family.WINDOW, -math.inf)
        return self.good.get(path, -math.inf) + STALE_AFTER * period


class Shown:
    """The latest of every target; `publish` is told what changes, but for the time of reading."""

    def __init__(self, publish: Callable[[Snapshot], None], wants: Callable[[Target], bool]) -> None:
        self._publish = publish
        self._wants = wants
        self._tables: dict[str, dict[str, Known]] = {}
        self._unreadable: dict[str, set[str]] = {}
        self._line: list[tuple[float, str, str]] = []
        self._periods: Mapping[Family, float] = {}

    def latest(self) -> dict[str, Snapshot]:
        """Every snapshot, by key."""
        return {key: one.snapshot for table in self._tables.values() for key, one in table.items()}

    def get(self, key: str) -> Snapshot | None:
        """One snapshot."""
        known = self._known(key)
        return known.snapshot if known is not None else None

    def good(self, key: str, path: str) -> float | None:
        """When a family of a target was last read well."""
        known = self._known(key)
        return known.good.get(path) if known is not None else None

    def names(self) -> dict[str, set[str]]:
        """The names of all rows that are known, by source."""
        sources = self._tables.keys() | self._unreadable.keys()
        return {one: self._tables.get(one, {}).keys() | self._unreadable.get(one, set()) for one in sources}

    def unreadable(self, source: str | None = None) -> int:
        """How many rows (of a source, or of all) cannot be read."""
        if source is not None:
            return len(self._unreadable.get(source, ()))
        return sum(map(len, self._unreadable.values()))

    def put(self, source: str, name: str, data: bytes, clock: SharedClock, now: float) -> None:
        """Take in a row as it was read at `now`, with times of the coordinator's clock.

        A row that cannot be read leaves what was known before. Equal bytes are not looked into again.
        """
        known, digest = self._tables.get(source, {}).get(name), hash(data)
        if known is not None and known.digest == digest:
            self._unreadable.get(source, set()).discard(name)
            return
        try:
            if name.startswith(DEFINITIONS):
                learn(name, data)
                return
            row = decoded(data)
            if row.snapshot.target.key != name or row.snapshot.target.source != source:
                raise CoordinatorError("a row stands under a name that is not its own")
        except CoordinatorError:
            self._unreadable.setdefault(source, set()).add(name)
            return
        self._unreadable.get(source, set()).discard(name)
        if self._wants(row.snapshot.target):
            self._take(source, name, row, known, digest, clock, now)
        else:
            self.drop(source, name)

    def drop(self, source: str, name: str) -> None:
        """This row is there no longer: whoever follows is told once that the target is gone."""
        self._unreadable.get(source, set()).discard(name)
        known = self._tables.get(source, {}).pop(name, None)
        if known is not None and any(one is not Status.GONE for one in _statuses(known.snapshot)):
            self._publish(_marked(known.snapshot, Status.GONE))

    def expire(self, now: float) -> None:
        """Mark what has become stale; only rows are looked at whose moment has come."""
        while self._line and self._line[0][0] < now:
            at, source, name = heapq.heappop(self._line)
            known = self._tables.get(source, {}).get(name)
            if known is None or known.looked_at != at:
                continue
            aged = known.aged(now)
            if aged is not known.snapshot:
                known.snapshot = aged
                self._publish(aged)
            known.looked_at = math.inf
            self._line_up(source, name, known)
        if len(self._line) > SLACK + 2 * sum(len(table) for table in self._tables.values()):
            self._line = [(at, source, name) for at, source, name in self._line if self._awaited(at, source, name)]
            heapq.heapify(self._line)

    def _take(
        self, source: str, name: str, row: Row, before: Known | None, digest: int, clock: SharedClock, now: float
    ) -> None:
        good = {path: clock.here(at) for path, at in row.good.items()}
        if row.periods != self._periods:
            self._periods = row.periods  # most rows have the same: one object for all of them
        known = Known(row.snapshot, digest, good, self._periods)
        known.snapshot = known.aged(now)
        if before is not None:
            known.looked_at = before.looked_at
            if before.snapshot.target == known.snapshot.target:
                known.snapshot = known.snapshot.but(target=before.snapshot.target)
        self._tables.setdefault(source, {})[name] = known
        self._line_up(source, name, known)
        if before is None or not _same(before.snapshot, known.snapshot):
            self._publish(known.snapshot)

    def _line_up(self, source: str, name: str, known: Known) -> None:
        """One moment per row stands in line; a row that was read again meanwhile is put back when it comes."""
        at = known.stale_at()
        if at < known.looked_at:
            known.looked_at = at
            heapq.heappush(self._line, (at, source, name))

    def _awaited(self, at: float, source: str, name: str) -> bool:
        known = self._tables.get(source, {}).get(name)
        return known is not None and known.looked_at == at

    def _known(self, key: str) -> Known | None:
        return self._tables.get(key.partition(":")[0], {}).get(key)


def _families(snapshot: Snapshot) -> Iterator[tuple[str, Realtime | Window]]:
    if snapshot.realtime is not None:
        yield Family.REALTIME.value, snapshot.realtime
    for name, window in snapshot.windows.items():
        yield f"windows.{name}", window


def _fresh(snapshot: Snapshot) -> list[tuple[str, Realtime | Window]]:
    return [one for one in _families(snapshot) if one[1].status is Status.FRESH]


def _statuses(snapshot: Snapshot) -> list[Status | None]:
    return [family.status for _, family in _families(snapshot)] or [None]


def _marked(snapshot: Snapshot, status: Status, paths: set[str] | None = None) -> Snapshot:
    """The same with these families (by default all) of this status; the last values stay."""

    def marked(path: str) -> bool:
        return paths is None or path in paths

    realtime = snapshot.realtime
    if realtime is None and not snapshot.windows:
        realtime = Realtime(status=status)
    elif realtime is not None and marked(Family.REALTIME):
        realtime = realtime.but(status=status)
    windows = {
        name: one.but(status=status) if marked(f"windows.{name}") else one for name, one in snapshot.windows.items()
    }
    return snapshot.but(realtime=realtime, windows=windows)


def _same(one: Snapshot, other: Snapshot) -> bool:
    """Whether two snapshots of a target say the same, whenever it was read."""
    before, after = dict(_families(one)), dict(_families(other))
    return (
        one.target == other.target
        and one.definitions == other.definitions
        and (one.gaps is other.gaps or one.gaps == other.gaps)
        and before.keys() == after.keys()
        and all(alike(before[path], after[path]) for path in before)
    )
