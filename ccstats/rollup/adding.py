"""Adding up one metric over several targets, by its additivity in the catalogue.

A target whose value is None for want of data (nobody waits) has nothing to add and is counted as known. One whose
value is missing for any other reason makes the result partial, never smaller in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ccstats.metrics import Additivity, metric_of
from ccstats.metrics.catalog import OWN_AVERAGE
from ccstats.model import Gap, GapReason, Model, Snapshot, TimeStat
from ccstats.model.values import MAX_COUNT, MAX_TOTAL

ZERO = timedelta(0)
NOTHING = Gap(reason=GapReason.NO_DATA, detail="nothing happened that could be measured")
TOO_LARGE = Gap(reason=GapReason.UNKNOWN, detail="the sum is larger than a count or a time can be")
BARE = Gap(reason=GapReason.REFUSED, detail=OWN_AVERAGE)
Member = tuple[Snapshot, Model]


@dataclass(slots=True)
class Adder:
    """The members of one family, and what was found out while adding them up.

    `family` is the catalogue's word for it (`window`), `place` the snapshots' (`windows.30m`).
    """

    family: str
    place: str
    members: Sequence[Member]
    gaps: dict[str, Gap] = field(default_factory=dict)
    partial: dict[str, int] = field(default_factory=dict)

    def number(self, path: str, members: Sequence[Member] | None = None) -> Any:
        """A count, a gauge or a duration over all members; None with a gap where there is none or must be none."""
        members = self.members if members is None else members
        metric = metric_of(f"{self.family}.{path}")
        if metric is None or metric.additivity is Additivity.NEVER:
            return self.refuse(path, metric.refusal if metric is not None else "")
        values = self._known(path, members, metric.additivity is Additivity.MAXIMUM)
        if not values:
            return None
        return max(values) if metric.additivity is Additivity.MAXIMUM else self.bounded(path, sum(values))

    def table(self, path: str) -> Any:
        """Counts by key, such as contacts by priority."""
        tables = self._known(path, self.members, none_is_nothing=False)
        if not tables:
            return None
        keys = sorted({key for table in tables for key in table})
        found = {key: self.bounded(path, sum(table.get(key, 0) for table in tables)) for key in keys}
        return None if None in found.values() else found

    def times(self, path: str, members: Sequence[Member] | None = None) -> TimeStat | None:
        """A time out of counts and sums; refused where one of them is a bare average."""
        members = self.members if members is None else members
        stats: list[TimeStat] = self._known(path, members, none_is_nothing=True)
        if not stats:
            return None
        if any(stat.count is None or stat.sum is None for stat in stats):
            self.gaps[self.at(path)] = BARE
            self.partial.pop(self.at(path), None)
            return None
        filled = [stat for stat in stats if stat.count]
        total = sum((stat.sum for stat in filled if stat.sum is not None), ZERO)
        count = self.bounded(path, sum(stat.count or 0 for stat in filled))
        if count is None or total > MAX_TOTAL:
            self.gaps[self.at(path)] = TOO_LARGE
            return None
        low, high = self._extreme(path, "min", members, min), self._extreme(path, "max", members, max)
        if not filled:
            self.gaps[self.at(f"{path}.average")] = NOTHING
        return TimeStat(count=count, sum=total, min=low, max=high)

    def bounded(self, path: str, number: int) -> int | None:
        """A count, or a gap where it is larger than one can be."""
        if number <= MAX_COUNT:
            return number
        self.gaps[self.at(path)] = TOO_LARGE
        self.partial.pop(self.at(path), None)
        return None

    def refuse(self, path: str, why: str) -> None:
        """No number at `path`, and why."""
        self.gaps[self.at(path)] = Gap(reason=GapReason.REFUSED, detail=why)

    def lacking(self, path: str, members: Sequence[Member]) -> None:
        """No number at `path`, because no member has one: for their common reason, or for the reasons of each."""
        self.gaps[self.at(path)] = common(snapshot.gap(self.at(path)) for snapshot, _ in members)

    def at(self, path: str) -> str:
        """The path in a snapshot."""
        return f"{self.place}.{path}"

    def count_known(self, path: str, known: int, members: Sequence[Member]) -> None:
        """Note that a value is made of fewer members than there are."""
        if known < len(members):
            at = self.at(path)
            self.partial[at] = min(known, self.partial.get(at, known))

    def _known(self, path: str, members: Sequence[Member], none_is_nothing: bool) -> list[Any]:
        values = [value_at(values, path) for _, values in members]
        known = [value for value in values if value is not None]
        quiet = 0
        if len(known) < len(values):
            missing = [one for one, value in zip(members, values, strict=True) if value is None]
            quiet = sum(_quiet(snapshot.gap(self.at(path))) for snapshot, _ in missing) if none_is_nothing else 0
            if not known:
                self.lacking(path, missing)
                return []
        self.count_known(path, len(known) + quiet, members)
        return known

    def _extreme(
        self, path: str, part: str, members: Sequence[Member], choose: Callable[[Iterable[timedelta]], timedelta]
    ) -> timedelta | None:
        """The shortest or longest of all; unknown where one of those that happened does not tell its own."""
        stats = [(member, value_at(member[1], path)) for member in members]
        filled = [(member, stat) for member, stat in stats if stat is not None and stat.count]
        found = [getattr(stat, part) for _, stat in filled]
        if filled and None not in found:
            return choose(found)
        at = self.at(f"{path}.{part}")
        silent = [member[0].gap(at) for member, stat in filled if getattr(stat, part) is None]
        self.gaps[at] = common(silent) if silent else NOTHING
        return None


def value_at(values: object, path: str) -> Any:
    """The value at a path below a family, or None."""
    for part in path.split("."):
        values = getattr(values, part, None)
    return values


def common(gaps: Iterable[Gap | None]) -> Gap:
    """One gap for several: the same where they agree, all their reasons where they do not."""
    distinct = list(dict.fromkeys((gap.reason, gap.detail) for gap in gaps if gap is not None))
    if not distinct:
        return Gap(reason=GapReason.UNKNOWN, detail="no member says why")
    reasons = {reason for reason, _ in distinct}
    reason = reasons.pop() if len(reasons) == 1 else GapReason.UNKNOWN
    details = sorted({detail for _, detail in distinct if detail})
    return Gap(reason=reason, detail="; ".join(details))


def _quiet(gap: Gap | None) -> bool:
    return gap is not None and gap.reason is GapReason.NO_DATA
