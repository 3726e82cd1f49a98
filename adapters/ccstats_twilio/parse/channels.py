"""Task channels under the neutral names of channels, and their answers as parts of a family: pure.

TaskRouter filters statistics by one task channel per request (`TaskChannel`), so every channel is an answer of its
own. A workspace's channels have unique names that the account chooses:
https://www.twilio.com/docs/taskrouter/api/task-channel
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from ccstats import lenient
from ccstats.model import (
    Channel,
    ChannelRealtime,
    ChannelWindow,
    Gap,
    GapReason,
    Realtime,
    ServiceLevel,
    TimeStat,
    Window,
)

CHANNELS: Final[Mapping[str, Channel]] = {
    name: Channel(name) for name in ("voice", "chat", "email", "sms", "video", "callback")
}
NO_HANDLE: Final = Gap(reason=GapReason.NOT_IMPLEMENTED, detail="handle time from events is not kept apart by channel")
NOBODY: Final = Gap(reason=GapReason.NO_DATA, detail="nobody is waiting")
Answers = Sequence[tuple[str, Realtime | Window, Mapping[str, Gap]]]
"""By unique name of the task channel: what it says, and the gaps that only this answer can explain."""


def neutral(word: str, names: Mapping[str, Channel]) -> str:
    """The neutral name of a task channel: as configured, else by its own name, else `other`."""
    return (names.get(word) or CHANNELS.get(word.lower()) or Channel.OTHER).value


def now_by_channel(answers: Answers, names: Mapping[str, Channel]) -> tuple[dict[str, ChannelRealtime], dict[str, Gap]]:
    """The contacts of each channel, of the real-time answers of a target."""
    found: dict[str, ChannelRealtime] = {}
    for word, values, _ in answers:
        if isinstance(values, Realtime):
            part = ChannelRealtime(
                vendor_names=(word,),
                waiting=values.waiting,
                offering=values.offering,
                longest_wait=values.longest_wait,
                in_progress=values.in_progress,
            )
            name = neutral(word, names)
            found[name] = _now_together(found[name], part) if name in found else part
    quiet = all(part.waiting == 0 for part in found.values() if part.longest_wait is None)
    return found, {"by_channel.longest_wait": NOBODY} if quiet else {}


def window_by_channel(
    answers: Answers, names: Mapping[str, Channel]
) -> tuple[dict[str, ChannelWindow], dict[str, Gap]]:
    """What happened in each channel, of the answers of a target about one period."""
    found: dict[str, ChannelWindow] = {}
    gaps: dict[str, Gap] = {"by_channel.handle": NO_HANDLE}
    for word, values, lacks in answers:
        if isinstance(values, Window):
            part = ChannelWindow(
                vendor_names=(word,),
                offered=values.offered,
                answered=values.answered,
                abandoned=values.abandoned,
                handled=values.handled,
                speed_of_answer=values.speed_of_answer,
                abandon_wait=values.abandon_wait,
                service_levels=values.service_levels,
            )
            gaps |= {f"by_channel.{path}": gap for path, gap in lacks.items() if path.startswith("service_levels")}
            name = neutral(word, names)
            found[name] = _window_together(found[name], part) if name in found else part
    return found, gaps


def _now_together(one: ChannelRealtime, other: ChannelRealtime) -> ChannelRealtime:
    waits = [part.longest_wait for part in (one, other) if part.waiting != 0]
    return ChannelRealtime(
        vendor_names=(*one.vendor_names, *other.vendor_names),
        waiting=lenient.plus(one.waiting, other.waiting),
        offering=lenient.plus(one.offering, other.offering),
        longest_wait=max((wait for wait in waits if wait is not None), default=None) if None not in waits else None,
        in_progress=lenient.plus(one.in_progress, other.in_progress),
    )


def _window_together(one: ChannelWindow, other: ChannelWindow) -> ChannelWindow:
    return ChannelWindow(
        vendor_names=(*one.vendor_names, *other.vendor_names),
        offered=lenient.plus(one.offered, other.offered),
        answered=lenient.plus(one.answered, other.answered),
        abandoned=lenient.plus(one.abandoned, other.abandoned),
        handled=lenient.plus(one.handled, other.handled),
        speed_of_answer=_times(one.speed_of_answer, other.speed_of_answer),
        abandon_wait=_times(one.abandon_wait, other.abandon_wait),
        service_levels=_levels(one.service_levels, other.service_levels),
    )


def _times(one: TimeStat | None, other: TimeStat | None) -> TimeStat | None:
    if one is None or other is None or one.count is None or other.count is None:
        return None
    parts = [part for part in (one, other) if part.count]
    lows, highs = [part.min for part in parts], [part.max for part in parts]
    return TimeStat(
        count=one.count + other.count,
        sum=sum((part.sum for part in parts if part.sum is not None), timedelta(0)),
        min=min((low for low in lows if low is not None), default=None) if None not in lows else None,
        max=max((high for high in highs if high is not None), default=None) if None not in highs else None,
    )


def _levels(
    one: Iterable[ServiceLevel] | None, other: Iterable[ServiceLevel] | None
) -> tuple[ServiceLevel, ...] | None:
    """Level by level: both answers have the thresholds that were sent, in one order."""
    if one is None or other is None:
        return None
    return tuple(
        ServiceLevel(
            threshold=mine.threshold,
            comparator=mine.comparator,
            met=lenient.plus(mine.met, its.met),
            missed=lenient.plus(mine.missed, its.missed),
            abandoned_within=lenient.plus(mine.abandoned_within, its.abandoned_within),
            abandoned_beyond=lenient.plus(mine.abandoned_beyond, its.abandoned_beyond),
        )
        for mine, its in zip(one, other, strict=True)
    )
