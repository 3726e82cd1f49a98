"""Handle time out of the events of reservations: pure.

TaskRouter's statistics have none. Every reservation that an agent accepted leaves `reservation.accepted`, `.wrapup`
(where the agent wraps up) and `.completed` in the Events list, with `event_date_ms`:
https://www.twilio.com/docs/taskrouter/api/event. Talk is accepted to wrapup, after-call work wrapup to completed,
handle time accepted to completed, each counted when the reservation is completed. Hold is inside talk: no event tells
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from ccstats import lenient
from ccstats.model import Gap, GapReason, TimeStat
from ccstats_twilio.api import wire

ACCEPTED, WRAPUP, COMPLETED = "reservation.accepted", "reservation.wrapup", "reservation.completed"
STEPS = (ACCEPTED, WRAPUP, COMPLETED)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(slots=True)
class Stay:
    """One reservation: where it belongs, and the epoch milliseconds of its steps as far as they are known."""

    queue: str | None = None
    workflow: str | None = None
    worker: str | None = None
    channel: str | None = None
    steps: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandleTimes:
    """What the reservations of a target took that were completed in a window."""

    handle: TimeStat
    talk: TimeStat
    after_call_work: TimeStat
    by_channel: Mapping[str | None, TimeStat] = field(default_factory=dict)
    """Handle time by the unique name of the task channel; None is of those whose channel no event tells."""


class Ledger:
    """The reservations of one workspace. An event that comes twice is counted once."""

    def __init__(self) -> None:
        self._stays: dict[str, Stay] = {}
        self._sorted: dict[tuple[datetime, datetime], dict[str | None, list[Stay]]] = {}

    def __contains__(self, sid: object) -> bool:
        return sid in self._stays

    def add(self, event: wire.Event) -> None:
        """Take note of one event; what is no step of a reservation or has no usable time is left out."""
        data = event.event_data
        sid = lenient.text(lenient.member(data, "reservation_sid")) or lenient.text(event.resource_sid)
        at = lenient.number(event.event_date_ms)
        if sid is None or at is None or event.event_type not in STEPS:
            return
        stay = self._stays.setdefault(sid, Stay())
        stay.steps[event.event_type] = int(at)
        stay.queue = lenient.text(lenient.member(data, "task_queue_sid")) or stay.queue
        stay.workflow = lenient.text(lenient.member(data, "workflow_sid")) or stay.workflow
        stay.worker = lenient.text(lenient.member(data, "worker_sid")) or stay.worker
        stay.channel = lenient.text(lenient.member(data, "task_channel_unique_name")) or stay.channel
        self._sorted.clear()

    def forget(self, before: datetime) -> None:
        """Drop the reservations whose last known step is older."""
        limit = _milliseconds(before)
        kept = {sid: stay for sid, stay in self._stays.items() if max(stay.steps.values()) >= limit}
        if len(kept) < len(self._stays):
            self._stays = kept
            self._sorted.clear()

    def beginless(self, start: datetime, end: datetime) -> list[str]:
        """Reservations completed in [start, end) whose acceptance is not known."""
        return [sid for sid, stay in self._completed(start, end) if ACCEPTED not in stay.steps]

    def times(self, start: datetime, end: datetime, sid: str | None) -> HandleTimes | Gap:
        """The times of what was completed in [start, end) in a queue, in a workflow, by a worker, or anywhere (None).

        A gap where one of the reservations was accepted before all that is known.
        """
        stays = self._by_place(start, end).get(sid, [])
        unknown = sum(ACCEPTED not in stay.steps for stay in stays)
        if unknown:
            detail = f"of {unknown} of {len(stays)} reservations no event tells when they were accepted"
            return Gap(reason=GapReason.UNKNOWN, detail=detail)
        wrapped = [stay for stay in stays if WRAPUP in stay.steps]
        taken: dict[str | None, list[int]] = {}
        for stay in stays:
            taken.setdefault(stay.channel, []).append(stay.steps[COMPLETED] - stay.steps[ACCEPTED])
        return HandleTimes(
            handle=_stat(chain.from_iterable(taken.values())),
            talk=_stat(stay.steps.get(WRAPUP, stay.steps[COMPLETED]) - stay.steps[ACCEPTED] for stay in stays),
            after_call_work=_stat(stay.steps[COMPLETED] - stay.steps[WRAPUP] for stay in wrapped),
            by_channel={word: _stat(each) for word, each in taken.items()},
        )

    def _by_place(self, start: datetime, end: datetime) -> dict[str | None, list[Stay]]:
        """What was completed in a window by each SID that it belongs to, found once for all queues."""
        found = self._sorted.get((start, end))
        if found is None:
            found = self._sorted[start, end] = {None: []}
            for _, stay in self._completed(start, end):
                for place in {None, stay.queue, stay.workflow, stay.worker}:
                    found.setdefault(place, []).append(stay)
        return found

    def _completed(self, start: datetime, end: datetime) -> Iterator[tuple[str, Stay]]:
        first, last = _milliseconds(start), _milliseconds(end)
        for sid, stay in self._stays.items():
            at = stay.steps.get(COMPLETED)
            if at is not None and first <= at < last:
                yield sid, stay


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _stat(milliseconds: Iterable[int]) -> TimeStat:
    # Clocks of two servers may stand apart by a little: a step before the one before it took no time.
    found = [max(each, 0) * MILLISECOND for each in milliseconds]
    return TimeStat(
        count=len(found), sum=sum(found, timedelta(0)), min=min(found, default=None), max=max(found, default=None)
    )
