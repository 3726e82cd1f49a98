"""Counts and times of Genesys metrics, added over media types: pure.

A requested metric that is missing from a returned group is zero: the vendor omits what is zero. A metric that is
there and cannot be read makes the sum unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ccstats import lenient
from ccstats.model import TimeStat
from ccstats_genesys.api import wire

CLOCKS_APART = 3600.0
"""Seconds. A wait that begins later than clocks can differ is no wait."""
EPOCH_FROM = 1e12
"""Milliseconds. As a duration 31 years, as a time September 2001: what is larger is a time."""


def counts(values: Iterable[object]) -> int | None:
    """The sum of counts; an unusable one makes it unknown."""
    found = [lenient.count(value) for value in values]
    return None if None in found else sum(number for number in found if number is not None)


def poison(names: Iterable[str]) -> list[wire.Metric]:
    """Metrics that cannot be read, in place of a list that was null: null is never nothing."""
    return [wire.Metric(name, stats=wire.Stats(count=None)) for name in names]


def metric_count(metrics: Iterable[wire.Metric]) -> int | None:
    """The sum of `stats.count`."""
    return counts(metric.stats.count for metric in metrics)


def time_stat(metrics: Sequence[wire.Metric]) -> TimeStat | None:
    """Milliseconds of several media types as one time; the average comes from counts and sums, never averages."""
    number = metric_count(metrics)
    if number is None:
        return None
    if number == 0:
        return TimeStat(count=0, sum=timedelta(0))
    filled = [metric.stats for metric in metrics if lenient.count(metric.stats.count)]
    sums = [lenient.total_milliseconds(stats.sum) for stats in filled]
    lows = [lenient.milliseconds(stats.min) for stats in filled]
    highs = [lenient.milliseconds(stats.max) for stats in filled]
    total = _all(sums)
    if total is None:
        return None
    low, high = _all(lows), _all(highs)
    return TimeStat(
        count=number,
        sum=sum(total, timedelta(0)),
        min=min(low) if low else None,
        max=max(high) if high else None,
    )


def longest_wait(values: Iterable[object], at: datetime) -> timedelta | None:
    """The longest of several waits as of `at`, by the vendor's clock.

    `calculatedMetricValue` is documented as a value and was seen to be the epoch milliseconds at which the oldest
    contact began to wait; both are understood. Clocks differ: a wait that began "in the future" is 0.
    """
    waits = [_wait(value, at) for value in values]
    known = _all(waits)
    return max(known) if known else None


def _wait(value: object, at: datetime) -> timedelta | None:
    number = lenient.number(value)
    if number is not None and number > EPOCH_FROM:
        wait = at.timestamp() - number / 1000
        return lenient.seconds(max(wait, 0.0)) if wait > -CLOCKS_APART else None
    return lenient.milliseconds(value)


def _all(values: list[timedelta | None]) -> list[timedelta] | None:
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else None
