"""From answers to readings: which part of an answer belongs to which target and family. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ccstats import lenient
from ccstats.adapter import Batch, Reading
from ccstats.http import Answer
from ccstats.model import ActivityDuration, Channel, Family, Gap, GapReason, Kind, Realtime, Target, Window
from ccstats_twilio.api import wire
from ccstats_twilio.config import TwilioOptions
from ccstats_twilio.parse import WorkspaceFacts, realtime, window, worker_window
from ccstats_twilio.parse.channels import handle_by_channel, now_by_channel, window_by_channel
from ccstats_twilio.parse.handling import HandleTimes

WORKER_CAP = (
    "Twilio refuses worker statistics here: above 100 workers they are off unless support turns them on "
    "(https://www.twilio.com/docs/taskrouter/limits)"
)
MISSING = Gap(reason=GapReason.UNKNOWN, detail="the queue is missing from the answer")
Names = Mapping[str, Channel]
HANDLE_TIMES = ("handle", "talk", "after_call_work")
CAPPED = Gap(reason=GapReason.NOT_PERMITTED, detail=WORKER_CAP)


@dataclass(frozen=True, slots=True)
class Readings:
    """Makes readings for one source."""

    options: TwilioOptions
    facts: Mapping[str, WorkspaceFacts]
    keep_raw: bool

    def now(self, target: Target, row: wire.RealTime | None, answer: Answer, raw: Any = None) -> Reading:
        """The real-time reading of one row; no row is not zero."""
        if row is None:
            values = Realtime(observed_at=answer.at)
            return Reading(target, Family.REALTIME, answer.at, values=values, gaps={"": MISSING})
        facts = self.facts[target.scope or ""]
        since_entry = self.options.longest_wait == "since_queue_entry" and target.kind is Kind.QUEUE
        values, gaps = realtime(row, facts, target.kind, target.id, answer.at, since_entry=since_entry)
        return Reading(target, Family.REALTIME, answer.at, values=values, gaps=gaps, raw=raw)

    def window(
        self, batch: Batch, target: Target, part: wire.Cumulative | None, answer: Answer, raw: Any = None
    ) -> Reading:
        """The reading of one window; no row is not zero."""
        if part is None:
            values = Window(observed_at=answer.at)
            return Reading(target, Family.WINDOW, answer.at, _window_name(batch), values, {"": MISSING})
        if target.kind is Kind.AGENT:
            values, gaps = worker_window(part, answer.at)
        else:
            levels, short = self.options.levels(target), self.options.short_abandon
            values, gaps = window(part, target.kind, answer.at, levels=levels, short_abandon=short)
        name = _window_name(batch)
        return Reading(target, Family.WINDOW, answer.at, window=name, values=values, gaps=gaps, raw=raw)

    def part(self, batch: Batch, target: Target, answer: Answer) -> Reading:
        """The reading of an answer about one task channel."""
        if batch.operation.endswith(".realtime"):
            return self.now(target, lenient.decode(answer.body, wire.RealTime), answer)
        return self.window(batch, target, lenient.decode(answer.body, wire.Cumulative), answer)

    def both(self, batch: Batch, target: Target, row: wire.Combined, answer: Answer, raw: Any = None) -> list[Reading]:
        """A combined answer serves the window and, where the batch is a real-time one, real time."""
        readings = [self.window(batch, target, row.cumulative, answer, raw)]
        if batch.family is Family.REALTIME:
            readings.insert(0, self.now(target, row.realtime, answer, raw))
        return readings

    def raw(self, answer: Answer) -> Any:
        """The answer as it came, where that is wanted."""
        return json.loads(answer.body) if self.keep_raw else None

    def raw_rows(self, answer: Answer, key: str) -> dict[str, Any]:
        """The rows of a list as they came, by queue, where that is wanted."""
        if not self.keep_raw:
            return {}
        rows = json.loads(answer.body).get(key) or []
        return {str(row.get("task_queue_sid")): row for row in rows if isinstance(row, dict)}


def capped(batch: Batch, target: Target, at: datetime) -> list[Reading]:
    """The readings of a target whose statistics the cap of workers closes: one per family that was asked for."""
    readings = []
    if batch.family is Family.REALTIME:
        values = Realtime(observed_at=at)
        readings.append(Reading(target, Family.REALTIME, at, values=values, gaps={"": CAPPED}))
    if batch.window is not None:
        over = Window(observed_at=at)
        readings.append(Reading(target, Family.WINDOW, at, batch.window.name, over, {"": CAPPED}))
    return readings


def with_durations(reading: Reading, durations: tuple[ActivityDuration, ...] | None, gap: Gap | None) -> Reading:
    """A window reading with the time per activity, which comes from another endpoint."""
    if not isinstance(reading.values, Window) or "" in reading.gaps:
        return reading
    values, gaps = reading.values, dict(reading.gaps)
    if durations is not None:
        values = values.but(activity_durations=durations)
    if gap is not None:
        gaps["activity_durations"] = gap
    return replace(reading, values=values, gaps=gaps)


def with_channels(reading: Reading, parts: Sequence[tuple[str, Reading]] | Gap, names: Names) -> Reading:
    """A reading with its channels, each out of a reading of its own; or with the reason why they are not known."""
    if isinstance(parts, Gap):
        return replace(reading, gaps={**reading.gaps, "by_channel": parts})
    answers = [(word, part.values, part.gaps) for word, part in parts if part.values is not None]
    values = reading.values
    if isinstance(values, Realtime):
        now, lacks = now_by_channel(answers, names)
        return replace(reading, values=values.but(by_channel=now), gaps={**reading.gaps, **lacks})
    if isinstance(values, Window):
        over, lacks = window_by_channel(answers, names)
        return replace(reading, values=values.but(by_channel=over), gaps={**reading.gaps, **lacks})
    return reading


def with_handle_time(reading: Reading, found: HandleTimes | Gap) -> Reading:
    """A window reading with the times that the Events list tells."""
    if not isinstance(reading.values, Window):
        return reading
    apart = reading.values.by_channel
    if isinstance(found, Gap):
        paths = HANDLE_TIMES if apart is None else (*HANDLE_TIMES, "by_channel.handle")
        return replace(reading, gaps={**reading.gaps, **dict.fromkeys(paths, found)})
    values = reading.values.but(handle=found.handle, talk=found.talk, after_call_work=found.after_call_work)
    if apart is None:
        return replace(reading, values=values)
    channels, lacks = handle_by_channel(apart, found.by_channel)
    return replace(reading, values=values.but(by_channel=channels), gaps={**reading.gaps, **lacks})


def _window_name(batch: Batch) -> str:
    return batch.window.name if batch.window is not None else ""
