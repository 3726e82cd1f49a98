"""Cumulative statistics to the neutral model: pure.

https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics#taskqueue-cumulative-statistics and its siblings.
TaskRouter counts in whole seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ccstats import lenient
from ccstats.model import (
    ActivityDuration,
    Comparator,
    Gap,
    GapReason,
    Kind,
    Reservations,
    ServiceLevel,
    TimeStat,
    Window,
)
from ccstats_twilio.api import wire

NOTHING = TimeStat.of(0, timedelta(0), None, None)
BARE_AVERAGE = Gap(
    reason=GapReason.NOT_REQUESTED,
    detail="only the combined endpoints were read, which give a bare average: set detail = 'full'",
)
SPLIT_CAP = 10_000
"""https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics: no more tasks are counted per threshold."""
CAPPED_SPLIT = Gap(reason=GapReason.UNKNOWN, detail=f"TaskRouter counts at most {SPLIT_CAP:,} tasks per threshold")
COUNTED = ("met", "missed", "abandoned_within", "abandoned_beyond")
NO_LEVELS = Gap(reason=GapReason.NOT_REQUESTED, detail="set split_by_wait_time to one or more numbers of seconds")
NO_SHORT = Gap(reason=GapReason.NOT_REQUESTED, detail="set short_abandon to a number of seconds")


def window(
    answer: wire.Cumulative,
    kind: Kind,
    at: datetime,
    *,
    levels: Sequence[int] = (),
    short_abandon: int | None = None,
) -> tuple[Window, dict[str, Gap]]:
    """The values of a queue, workflow or workspace over a period, and the gaps that only this answer can explain."""
    accepted = lenient.count(answer.reservations_accepted)
    canceled = lenient.count(answer.tasks_canceled)
    speed, gaps = _speed_of_answer(answer, kind, accepted)
    if short_abandon is None:
        gaps["short_abandoned"] = NO_SHORT
    if not levels:
        gaps["service_levels"] = NO_LEVELS
    service_levels = _service_levels(answer.split_by_wait_time, levels)
    gaps |= _capped(answer.split_by_wait_time, levels)
    values = Window.trusted(
        observed_at=at,
        start=lenient.moment(answer.start_time),
        end=lenient.moment(answer.end_time),
        offered=lenient.count(answer.tasks_created if kind is Kind.WORKSPACE else answer.tasks_entered),
        answered=accepted,
        abandoned=canceled,
        short_abandoned=_short(answer.split_by_wait_time, short_abandon),
        handled=lenient.count(answer.tasks_completed),
        flowed_out=lenient.count(answer.tasks_moved),
        wait=_wait(answer, accepted, canceled),
        speed_of_answer=speed,
        abandon_wait=_stat(answer.wait_duration_until_canceled, canceled),
        service_levels=service_levels,
        activity_durations=activity_durations(answer.activity_durations),
        reservations=reservations(answer),
    )
    return values, gaps


def worker_window(answer: wire.Cumulative, at: datetime) -> tuple[Window, dict[str, Gap]]:
    """The values of one worker over a period."""
    values = Window.trusted(
        observed_at=at,
        start=lenient.moment(answer.start_time),
        end=lenient.moment(answer.end_time),
        answered=lenient.count(answer.reservations_accepted),
        activity_durations=activity_durations(answer.activity_durations),
        reservations=reservations(answer),
    )
    return values, {}


def reservations(answer: wire.Cumulative) -> Reservations:
    """Offers to agents by outcome."""
    return Reservations.trusted(
        created=lenient.count(answer.reservations_created),
        accepted=lenient.count(answer.reservations_accepted),
        rejected=lenient.count(answer.reservations_rejected),
        timed_out=lenient.count(answer.reservations_timed_out),
        canceled=lenient.count(answer.reservations_canceled),
        rescinded=lenient.count(answer.reservations_rescinded),
    )


def activity_durations(rows: Any) -> tuple[ActivityDuration, ...] | None:
    """Time per activity. `total` is worker-seconds clipped to the window; `avg` is per stint and may exceed the window.

    The published examples are impossible (min above max): nothing is inferred from one field about another.
    """
    if not isinstance(rows, list):
        return None
    found = []
    for row in rows:
        sid = lenient.text(lenient.member(row, "sid"))
        if sid is not None:
            duration = ActivityDuration.trusted(
                id=sid,
                name=lenient.text(lenient.member(row, "friendly_name")),
                total=lenient.total_seconds(lenient.member(row, "total")),
                average=lenient.seconds(lenient.member(row, "avg")),
                min=lenient.seconds(lenient.member(row, "min")),
                max=lenient.seconds(lenient.member(row, "max")),
            )
            found.append(duration)
    return tuple(found)


def _speed_of_answer(
    answer: wire.Cumulative, kind: Kind, accepted: int | None
) -> tuple[TimeStat | None, dict[str, Gap]]:
    if kind is Kind.QUEUE and isinstance(answer.wait_duration_in_queue_until_accepted, dict):
        return _stat(answer.wait_duration_in_queue_until_accepted, accepted), {}
    if isinstance(answer.wait_duration_until_accepted, dict) and kind is not Kind.QUEUE:
        return _stat(answer.wait_duration_until_accepted, accepted), {}
    if answer.wait_duration_until_accepted is not None or accepted is None:
        return None, {}
    if accepted == 0:
        return NOTHING, {}
    average = lenient.seconds(answer.avg_task_acceptance_time)
    if average is None:
        return None, {}
    bare = {f"speed_of_answer.{part}": BARE_AVERAGE for part in ("count", "sum", "min", "max")}
    return TimeStat.trusted(average=average), bare


def _stat(table: Any, number: int | None) -> TimeStat | None:
    """A wait duration. It has no count of its own: the count is that of the events it belongs to."""
    if not isinstance(table, dict) or number is None:
        return None
    if number == 0:
        return NOTHING
    total = lenient.total_seconds(table.get("total"))
    if total is None:
        return None
    return TimeStat.of(number, total, lenient.seconds(table.get("min")), lenient.seconds(table.get("max")))


def _wait(answer: wire.Cumulative, accepted: int | None, canceled: int | None) -> TimeStat | None:
    """Accepted and canceled together: both waits count from the creation of the task."""
    one = _stat(answer.wait_duration_until_accepted, accepted)
    other = _stat(answer.wait_duration_until_canceled, canceled)
    return one.joined(other) if one is not None and other is not None else None


def _service_levels(splits: Any, levels: Sequence[int]) -> tuple[ServiceLevel, ...] | None:
    """One service level per wanted threshold. On which side an exact hit falls is documented nowhere."""
    if not isinstance(splits, dict) or not levels or any(str(seconds) not in splits for seconds in levels):
        return None
    return tuple(_service_level(seconds, splits[str(seconds)]) for seconds in sorted(set(levels)))


def _capped(splits: Any, levels: Sequence[int]) -> dict[str, Gap]:
    """The gaps of counts that were cut off at the cap: whether it holds for each or for all four, nobody says."""
    for seconds in levels if isinstance(splits, dict) else ():
        if _cut_off(_counts(splits.get(str(seconds)))):
            return {f"service_levels.{name}": CAPPED_SPLIT for name in COUNTED}
    return {}


def _cut_off(counts: Sequence[int | None]) -> bool:
    known = [number for number in counts if number is not None]
    return sum(known) == SPLIT_CAP or max(known, default=0) >= SPLIT_CAP


def _counts(split: object) -> tuple[int | None, ...]:
    below, above = lenient.member(split, "below"), lenient.member(split, "above")
    return tuple(
        lenient.count(lenient.member(side, name))
        for name in ("reservations_accepted", "tasks_canceled")
        for side in (below, above)
    )


def _service_level(seconds: int, split: object) -> ServiceLevel:
    counts = _counts(split)
    counted = dict.fromkeys(COUNTED) if _cut_off(counts) else dict(zip(COUNTED, counts, strict=True))
    return ServiceLevel.trusted(threshold=timedelta(seconds=seconds), comparator=Comparator.UNKNOWN, **counted)


def _short(splits: Any, short_abandon: int | None) -> int | None:
    split = lenient.member(splits, str(short_abandon)) if short_abandon is not None else None
    return lenient.count(lenient.member(lenient.member(split, "below"), "tasks_canceled"))
