"""Whole families over several targets: every field by its additivity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from ccstats.metrics.catalog import AGENTS_OF_SEVERAL
from ccstats.model import (
    Agents,
    ChannelRealtime,
    ChannelWindow,
    Gap,
    GapReason,
    Model,
    Realtime,
    Reservations,
    Status,
    Window,
)
from ccstats.model.part import fields_of, table
from ccstats.rollup.adding import Adder, Member, value_at
from ccstats.rollup.levels import service_levels

M = TypeVar("M", bound=Model)
COUNTS_NOW = ("waiting", "offering", "longest_wait", "in_progress", "after_call_work")
COUNTS = ("offered", "answered", "abandoned", "short_abandoned", "handled", "transferred", "flowed_out")
CHANNEL_COUNTS = ("offered", "answered", "abandoned", "handled")
TIMES = ("wait", "speed_of_answer", "abandon_wait", "handle", "talk", "hold", "after_call_work")
NOT_PROMISED = Gap(reason=GapReason.UNSUPPORTED, detail="not every member says up to when its window is complete")


def realtime(adder: Adder) -> Realtime:
    """What is true now over all members; agents are refused."""
    for path in ("agents", "activities"):
        adder.refuse(path, AGENTS_OF_SEVERAL)
    numbers = {name: adder.number(name) for name in COUNTS_NOW}
    return Realtime(
        observed_at=_oldest(adder.members),
        status=_worst(adder.members),
        **numbers,
        waiting_by_priority=adder.table("waiting_by_priority"),
        by_channel=_by_channel(adder, _channel_now),
        agents=Agents(),
    )


def window(adder: Adder) -> Window:
    """What happened over all members, whose windows are alike."""
    adder.refuse("activity_durations", AGENTS_OF_SEVERAL)
    starts = [value_at(values, "start") for _, values in adder.members]
    ends = [value_at(values, "end") for _, values in adder.members]
    complete = [value_at(values, "complete_until") for _, values in adder.members]
    if None in complete:
        adder.gaps[adder.at("complete_until")] = NOT_PROMISED
    for path, moments in (("start", starts), ("end", ends)):
        if None in moments:  # one member alone, whose vendor does not tell its period
            adder.lacking(path, adder.members)
    numbers = {name: adder.number(name) for name in COUNTS}
    times: dict[str, Any] = {name: adder.times(name) for name in TIMES}
    return Window(
        observed_at=_oldest(adder.members),
        status=_worst(adder.members),
        start=min(starts),
        end=max(ends),
        complete_until=None if None in complete else min(complete),
        **numbers,
        **times,
        service_levels=service_levels(adder),
        reservations=_reservations(adder),
        by_channel=_by_channel(adder, _channel_window),
    )


def _reservations(adder: Adder) -> Reservations | None:
    having = [member for member in adder.members if value_at(member[1], "reservations") is not None]
    if not having:
        adder.lacking("reservations", adder.members)
        return None
    adder.count_known("reservations", len(having), adder.members)
    return Reservations(**{name: adder.number(f"reservations.{name}", having) for name in fields_of(Reservations)})


def _by_channel(adder: Adder, make: Any) -> Any:
    """Every channel that occurs; a member that tells its channels and lacks one had nothing in it."""
    having = [
        (one, channels) for one, values in adder.members if (channels := value_at(values, "by_channel")) is not None
    ]
    if not having:
        adder.lacking("by_channel", adder.members)
        return None
    adder.count_known("by_channel", len(having), adder.members)
    names = sorted({name for _, channels in having for name in channels})
    found = {
        name: make(adder, [(one, channels[name]) for one, channels in having if name in channels]) for name in names
    }
    # A gap's path names no channel: what is refused for one is refused for all.
    refused = {name: None for model in found.values() for name in table(model) if _refused(adder, name)}
    return {name: model.but(**refused) for name, model in found.items()} if refused else found


def _refused(adder: Adder, name: str) -> bool:
    gap = adder.gaps.get(adder.at(f"by_channel.{name}"))
    return gap is not None and gap.reason is GapReason.REFUSED


class _Channel(Model):
    """A family that has nothing but one channel, so that channels are added up like families."""

    by_channel: Any


def _members(parts: Sequence[Member]) -> list[Member]:
    return [(one, _Channel(by_channel=part)) for one, part in parts]


def _channel_now(adder: Adder, parts: Sequence[Member]) -> ChannelRealtime:
    members = _members(parts)
    return ChannelRealtime(
        vendor_names=_words(parts), **{name: adder.number(f"by_channel.{name}", members) for name in COUNTS_NOW[:4]}
    )


def _channel_window(adder: Adder, parts: Sequence[Member]) -> ChannelWindow:
    members = _members(parts)
    counts: dict[str, Any] = {name: adder.number(f"by_channel.{name}", members) for name in CHANNEL_COUNTS}
    times: dict[str, Any] = {
        name: adder.times(f"by_channel.{name}", members) for name in ("speed_of_answer", "abandon_wait", "handle")
    }
    levels = service_levels(adder, "by_channel.service_levels", parts)
    return ChannelWindow(vendor_names=_words(parts), **counts, **times, service_levels=levels)


def _words(parts: Sequence[Member]) -> tuple[str, ...]:
    return tuple(sorted({word for _, part in parts for word in value_at(part, "vendor_names")}))


def _oldest(members: Sequence[Member]) -> datetime | None:
    times = [at for _, values in members if (at := value_at(values, "observed_at")) is not None]
    return min(times, default=None)


def _worst(members: Sequence[Member]) -> Status:
    stale = any(value_at(values, "status") is Status.STALE for _, values in members)
    return Status.STALE if stale else Status.FRESH
