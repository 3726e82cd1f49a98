"""Task channels under the neutral names of channels, and their answers as parts of a family: pure.

TaskRouter filters statistics by one task channel per request (`TaskChannel`), so every channel is an answer of its
own. A workspace's channels have unique names that the account chooses:
https://www.twilio.com/docs/taskrouter/api/task-channel
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from ccstats.model import (
    Channel,
    ChannelRealtime,
    ChannelWindow,
    Gap,
    GapReason,
    Realtime,
    TimeStat,
    Window,
)

CHANNELS: Final[Mapping[str, Channel]] = {
    name: Channel(name) for name in ("voice", "chat", "email", "sms", "video", "callback")
}
NO_CHANNEL: Final = Gap(reason=GapReason.UNKNOWN, detail="of some reservations no event tells the channel")
NOTHING: Final = TimeStat(count=0, sum=timedelta(0))
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
            found[name] = found[name].joined(part) if name in found else part
    quiet = all(part.waiting == 0 for part in found.values() if part.longest_wait is None)
    return found, {"by_channel.longest_wait": NOBODY} if quiet else {}


def window_by_channel(
    answers: Answers, names: Mapping[str, Channel]
) -> tuple[dict[str, ChannelWindow], dict[str, Gap]]:
    """What happened in each channel, of the answers of a target about one period."""
    found: dict[str, ChannelWindow] = {}
    gaps: dict[str, Gap] = {}
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
            found[name] = found[name].joined(part) if name in found else part
    return found, gaps


def handle_by_channel(
    channels: Mapping[str, ChannelWindow], times: Mapping[str | None, TimeStat]
) -> tuple[dict[str, ChannelWindow], dict[str, Gap]]:
    """The channels with the handle time of each; `times` are by unique name of the task channel."""
    if None in times:
        return dict(channels), {"by_channel.handle": NO_CHANNEL}
    return {name: part.but(handle=_handle(part.vendor_names, times)) for name, part in channels.items()}, {}


def _handle(words: Sequence[str], times: Mapping[str | None, TimeStat]) -> TimeStat | None:
    found: TimeStat | None = NOTHING
    for word in words:
        found = found.joined(times.get(word, NOTHING)) if found is not None else None
    return found
