"""The latest of every target: readings merged, failures laid over the last good values, changes noticed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ccstats.adapter import Abilities, Reading
from ccstats.errors import BrokenAnswerError, NotFoundError
from ccstats.model import ErrorInfo, Family, Realtime, Snapshot, Status, Target, Window
from ccstats.poller import Families, Judge, prefix_of

Values = Realtime | Window
VERSIONS = itertools.count(1)
"""One for all tables: that of a source which went and came again has no version of the old one."""


@dataclass(slots=True)
class Row(Families):
    """One target: its families as they are known, and since when."""

    good: dict[str, float] = field(default_factory=dict)
    """When each family was last read well, by the loop's clock."""
    wanted: bool = True

    def drop(self, windows: Collection[str]) -> None:
        """Forget these windows."""
        prefixes = {f"windows.{name}" for name in windows}
        self.windows = {name: window for name, window in self.windows.items() if name not in windows}
        self.gaps = {prefix: gaps for prefix, gaps in self.gaps.items() if prefix not in prefixes}
        self.good = {prefix: at for prefix, at in self.good.items() if prefix not in prefixes}
        if self.raw is not None:
            self.raw = {prefix: raw for prefix, raw in self.raw.items() if prefix not in prefixes}


class Table:
    """The rows of one source."""

    def __init__(self, abilities: Abilities, windows: Sequence[str] = ()) -> None:
        self._judge = Judge(abilities)
        self.define = self._judge.define
        self._windows = windows
        self.version = next(VERSIONS)
        """Another one after every change of any row, be it of the time of reading alone."""
        self._rows: dict[str, Row] = {}
        self._latest: dict[str, Snapshot] = {}

    @property
    def latest(self) -> Mapping[str, Snapshot]:
        """The latest snapshot of every target by its key."""
        return self._latest

    def read_at(self, key: str, window: str | None) -> float | None:
        """When a family of a target was last read well, by the loop's clock."""
        row = self._rows.get(key)
        if row is None:
            return None
        return row.good.get("realtime" if window is None else f"windows.{window}")

    def expect(self, targets: Iterable[Target]) -> list[Snapshot]:
        """Make rows for new targets and mark those that are no longer there as gone; what changed."""
        wanted = {target.key: target for target in targets}
        changed = []
        for key, target in wanted.items():
            row = self._rows.get(key)
            if row is None:
                self._rows[key] = Row(target)
            elif row.target != target or not row.wanted:
                row.target, row.wanted = target, True
            else:
                continue
            changed.append(self._publish(self._rows[key]))
        for key in [key for key in self._rows if key not in wanted]:
            row = self._rows[key]
            if not row.wanted:
                del self._rows[key], self._latest[key]  # it was gone at the last discovery already
                self.version = next(VERSIONS)
            else:
                row.wanted = False
                changed.append(self._marked(row, Status.GONE))
        return changed

    def apply(self, reading: Reading, now: float) -> Snapshot | None:
        """Take in one reading made at `now` by the loop's clock; the new snapshot where anything else has changed."""
        row = self._rows.get(reading.target.key)
        if row is None or not row.wanted:
            return None  # the target went while it was being read
        prefix = prefix_of(reading.family, reading.window)
        known, before = row.get(reading.window), row.gaps.get(prefix)
        if known is not None and before is not None and prefix in row.good and _failed(reading):
            values, gaps = _kept(known, reading), before
        else:
            if not _failed(reading):
                row.good[prefix] = now
            values, gaps = self._judge(reading, prefix)
        if reading.raw is not None:
            row.keep(prefix, reading.raw)
        changed = known is None or not alike(known, values) or gaps != before
        row.put(reading.window, values, self._windows)
        row.gaps[prefix] = gaps
        snapshot = self._publish(row)
        return snapshot if changed else None

    def adopt(self, snapshot: Snapshot, good: Mapping[str, float]) -> None:
        """Take a snapshot that another table made, and when its families were last read well, for what is known."""
        windows = {name: one for name, one in snapshot.windows.items() if name in self._windows}
        families = {"realtime": snapshot.realtime, **{f"windows.{name}": one for name, one in windows.items()}}
        there = {prefix: family for prefix, family in families.items() if family is not None}
        row = Row(snapshot.target, snapshot.realtime, windows)
        for prefix, family in there.items():
            below = {
                path: gap for path, gap in snapshot.gaps.items() if path == prefix or path.startswith(prefix + ".")
            }
            row.gaps[prefix] = below
            if prefix in good or family.status is Status.FRESH:
                row.good[prefix] = good.get(prefix, -math.inf)
        self._rows[snapshot.target.key], self._latest[snapshot.target.key] = row, snapshot
        self.version = next(VERSIONS)
        if len(windows) < len(snapshot.windows):
            self._publish(row)

    def follow(self, windows: Sequence[str]) -> list[Snapshot]:
        """These windows are read from now on, in this order; what was read of others is dropped. What changed."""
        dropped, self._windows = set(self._windows).difference(windows), windows
        changed = []
        for row in self._rows.values():
            if dropped & row.windows.keys():
                row.drop(dropped)
                changed.append(self._publish(row))
        return changed

    def expire(
        self, targets: Iterable[Target], family: Family, window: str | None, good_since: float
    ) -> list[Snapshot]:
        """Mark a family of these targets as stale where it was not read well since; its last good values stay."""
        changed = []
        prefix = prefix_of(family, window)
        for target in targets:
            row = self._rows.get(target.key)
            known = row.get(window) if row is not None else None
            if row is None or known is None or known.status is not Status.FRESH or row.good[prefix] >= good_since:
                continue
            row.put(window, known.but(status=Status.STALE), self._windows)
            changed.append(self._publish(row))
        return changed

    def _publish(self, row: Row) -> Snapshot:
        snapshot = row.snapshot(self._judge)
        self._latest[row.target.key], self.version = snapshot, next(VERSIONS)
        return snapshot

    def _marked(self, row: Row, status: Status) -> Snapshot:
        if row.realtime is None and not row.windows:
            row.realtime = Realtime(status=status)
        if row.realtime is not None:
            row.realtime = row.realtime.but(status=status)
        row.windows = {name: one.but(status=status) for name, one in row.windows.items()}
        return self._publish(row)


def _kept(known: Values, reading: Reading) -> Values:
    """The last good values, with what went wrong since. Never zeros, never an empty success."""
    error = reading.error or BrokenAnswerError("the adapter gave no values")
    status = Status.GONE if isinstance(error, NotFoundError) else known.status
    return known.but(error=ErrorInfo.of(error), status=status)


def _failed(reading: Reading) -> bool:
    return reading.error is not None or reading.values is None


def alike(one: Values, other: Values) -> bool:
    """Whether two readings of a family say the same, whenever they were made."""
    theirs = other.__dict__
    for name, value in one.__dict__.items():
        after = theirs[name]
        if value is not after and value != after and name != "observed_at":
            return False
    return True
