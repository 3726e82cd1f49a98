"""What a plan costs and how fresh it can be: pure arithmetic over the batches that would be polled.

A batch that is read every T seconds shows ages between 0 and T, all alike often. Where a budget carries what is
wanted, T is the period. Where it does not, starts go to the most overdue batch (age over cadence), so all periods
under that budget stretch by the same factor, wanted over available; but no family gets less than a fifth of the
starts (`order`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ccstats.adapter import Batch
from ccstats.budget import Limit
from ccstats.budget.limit import MARGIN
from ccstats.config import Limits
from ccstats.model import Family
from ccstats.monitor.order import LEAST_SHARE

PERCENTILE = 0.95


@dataclass(frozen=True, slots=True)
class Planned:
    """One batch as it would be polled: by which source, how often, and how much of the limit that source may spend."""

    source: str
    batch: Batch
    period: float
    limits: Limits

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.batch.requests / self.period


@dataclass(frozen=True, slots=True)
class FamilyForecast:
    """One family of one source. Times in seconds; of 100 looks, 95 find a number younger than `p95_age`."""

    family: Family
    targets: int
    period: float
    requests_per_minute: float
    stretch: float
    p95_age: float


@dataclass(frozen=True, slots=True)
class SourceForecast:
    """What one source wants, what its budgets carry, and how fresh its numbers will be."""

    source: str
    wanted_per_minute: float
    budget_per_minute: float
    families: tuple[FamilyForecast, ...]
    shared: bool = False
    """Whether other programs spend the same budgets: then these are what all of them have together."""

    @property
    def stretch(self) -> float:
        """By how much the slowest family's period is exceeded; 1 is not at all."""
        return max((family.stretch for family in self.families), default=1.0)


def forecast(planned: Sequence[Planned]) -> list[SourceForecast]:
    """The forecast of every source. Sources that spend the same budget are stretched together."""
    stretches = _stretches(planned)
    sources: dict[str, list[Planned]] = defaultdict(list)
    for one in planned:
        sources[one.source].append(one)
    return [_source(name, members, stretches) for name, members in sources.items()]


Stretches = Mapping[tuple[str, Family], float]


def _stretches(planned: Sequence[Planned]) -> Stretches:
    """By how much each family's periods stretch under each budget."""
    wanted: dict[str, dict[Family, float]] = defaultdict(lambda: defaultdict(float))
    for one in planned:
        if one.batch.requests:
            wanted[one.batch.budget][one.batch.family] += one.rate
    found: dict[tuple[str, Family], float] = {}
    for key, families in wanted.items():
        rate = _rate([one for one in planned if one.batch.budget == key])
        for family, share in _shares(families, rate).items():
            found[key, family] = share
    return found


def _rate(members: Sequence[Planned]) -> float:
    """Requests a second that a budget carries: the strictest of what its users may spend."""
    rates = [
        one.batch.limit.scaled(one.limits.share * (1 - MARGIN)).pace().rate
        for one in members
        if one.batch.limit is not None
    ]
    caps = [
        Limit(one.limits.requests_per_minute, 60.0).pace().rate
        for one in members
        if one.limits.requests_per_minute is not None
    ]
    return min([*rates, *caps], default=float("inf"))


def _shares(wanted: Mapping[Family, float], available: float) -> dict[Family, float]:
    total = sum(wanted.values())
    if total <= available:
        return dict.fromkeys(wanted, 1.0)
    least = {family: min(rate, LEAST_SHARE * available) for family, rate in wanted.items()}
    poor = {family for family, rate in wanted.items() if rate / total < LEAST_SHARE}
    left = available - sum(least[family] for family in poor)
    rich = sum(rate for family, rate in wanted.items() if family not in poor)
    return {
        family: max(1.0, rate / least[family] if family in poor else rich / left) for family, rate in wanted.items()
    }


def _source(name: str, members: Sequence[Planned], stretches: Stretches) -> SourceForecast:
    by_family: dict[Family, list[Planned]] = defaultdict(list)
    for one in members:
        by_family[one.batch.family].append(one)
    keys = {one.batch.budget: _rate([m for m in members if m.batch.budget == one.batch.budget]) for one in members}
    return SourceForecast(
        source=name,
        wanted_per_minute=60 * sum(one.rate for one in members),
        budget_per_minute=60 * sum(keys.values()),
        families=tuple(_family(family, found, stretches) for family, found in sorted(by_family.items())),
        shared=any(one.limits.shared for one in members),
    )


def _family(family: Family, members: Sequence[Planned], stretches: Stretches) -> FamilyForecast:
    intervals = [
        (len(one.batch.targets), one.period * stretches.get((one.batch.budget, family), 1.0)) for one in members
    ]
    rate = sum(one.rate for one in members)
    stretch = max((stretches.get((one.batch.budget, family), 1.0) for one in members), default=1.0)
    return FamilyForecast(
        family=family,
        targets=len({target.key for one in members for target in one.batch.targets}),
        period=max(one.period for one in members),
        requests_per_minute=60 * rate,
        stretch=stretch,
        p95_age=percentile(intervals, PERCENTILE),
    )


def percentile(intervals: Sequence[tuple[int, float]], share: float) -> float:
    """The age that `share` of all looks stay below, where each of (targets, interval) shows ages from 0 to interval."""
    weight = sum(targets for targets, _ in intervals)
    return _root(
        lambda age: sum(t * min(age / i, 1.0) for t, i in intervals) - share * weight, max(i for _, i in intervals)
    )


def _root(rising: Callable[[float], float], high: float) -> float:
    low = 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return high
