"""Counts and times of Genesys metrics, added over media types: pure.

A requested metric that is missing from a returned group is zero: the vendor omits what is zero. A metric that is
there and cannot be read makes the sum unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from ccstats import lenient
from ccstats.model import TimeStat
from ccstats.model.values import plus
from ccstats_genesys.api import wire

CLOCKS_APART = 3600.0
"""Seconds. A wait that begins later than clocks can differ is no wait."""
EPOCH_FROM, EPOCH_TO = 1e12, 1e14
"""Milliseconds. As a duration 31 years, as a time September 2001: what is larger is a time, if one of our days."""
NOTHING = TimeStat.of(0, timedelta(0), None, None)
"""The time of no contact at all."""


def counts(values: Iterable[object]) -> int | None:
    """The sum of counts; an unusable one makes it unknown."""
    found: int | None = 0
    for value in values:
        found = plus(found, lenient.count(value))
    return found


def time_stat(stats: wire.Summary, number: int | None) -> TimeStat | None:
    """The milliseconds of `number` contacts as a time."""
    if not number:
        return None if number is None else NOTHING
    total = lenient.total_milliseconds(stats.sum)
    if total is None:
        return None
    return TimeStat.of(number, total, lenient.milliseconds(stats.min), lenient.milliseconds(stats.max))


def added(one: TimeStat | None, other: TimeStat | None) -> TimeStat | None:
    """Two times as one; unknown where one of them is."""
    return one.joined(other) if one is not None and other is not None else None


def wait(value: object, now: float) -> timedelta | None:
    """How long the oldest contact has waited at `now` (epoch seconds by the vendor's clock).

    `calculatedMetricValue` is documented as a value and was seen to be the epoch milliseconds at which the oldest
    contact began to wait; both are understood. Clocks differ: a wait that began "in the future" is 0.
    """
    number = value if type(value) is int else lenient.number(value)
    if number is not None and EPOCH_FROM < number < EPOCH_TO:
        waited = now - number / 1000
        return lenient.seconds(max(waited, 0.0)) if waited > -CLOCKS_APART else None
    return lenient.milliseconds(value)


def longest(waits: list[timedelta | None]) -> timedelta | None:
    """The longest of several waits; one that cannot be read could be it."""
    found: timedelta | None = None
    for one in waits:
        if one is None:
            return None
        if found is None or one > found:
            found = one
    return found
