"""What TaskRouter's numbers mean, under which options.

https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics and its siblings; the same for every account with the
same options, so that each set is made once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from ccstats.model import (
    AbandonRule,
    Comparator,
    CountedUnit,
    Definitions,
    DefinitionSource,
    Exit,
    Exits,
    HandlePart,
    Kind,
    MetricDefinition,
    Origin,
    Population,
    ThresholdOwner,
    TimeBasis,
    Told,
    WaitEnd,
    WaitStart,
)
from ccstats_twilio.config import TwilioOptions

READ_ON: Final = date(2026, 11, 22)
DOCUMENTS: Final = "https://www.twilio.com/docs/taskrouter/api/"
QUEUES: Final = DOCUMENTS + "taskqueue-statistics"
PAGES: Final[Mapping[Kind, str]] = {
    Kind.QUEUE: QUEUES,
    Kind.WORKSPACE: DOCUMENTS + "workspace-statistics",
    Kind.WORKFLOW: DOCUMENTS + "workflow-statistics",
}
WORKERS: Final = DOCUMENTS + "worker"
AVAILABLE: Final[Mapping[Kind, tuple[Origin, str]]] = {
    Kind.QUEUE: (Origin.VENDOR, "total_available_workers"),
    Kind.WORKSPACE: (Origin.RECOMPUTED, "activity_statistics"),
    Kind.AGENT: (Origin.RECOMPUTED, "available"),
}
EVENTS_USED: Final = ("reservation.accepted", "reservation.wrapup", "reservation.completed")
CANCELS: Final = "tasks canceled by API, time to live or workflow are in it: an upper bound"
# https://www.twilio.com/docs/taskrouter/lifecycle-task-state: a moved task enters its next queue anew.
LEFT: Final = Exits(flow_out=Exit.OUT, transfer=Exit.IN, missed=Exit.OUT, callback=Exit.UNKNOWN, system=Exit.IN)


def definitions(options: TwilioOptions) -> Mapping[Kind, Definitions]:
    """What the numbers of each kind of target mean under `options`."""
    return _definitions(
        options.longest_wait == "since_queue_entry",
        options.detail == "totals",
        bool(options.split_by_wait_time or options.service_levels),
        options.handle_time == "events",
    )


@lru_cache(maxsize=16)
def _definitions(since_entry: bool, totals: bool, levels: bool, events: bool) -> Mapping[Kind, Definitions]:
    found = {}
    for kind in PAGES:
        metrics = _tasks(kind, since_entry=since_entry and kind is Kind.QUEUE, totals=totals)
        if levels and not totals:
            metrics["window.service_levels"] = _service_levels(kind)
        if events:
            metrics["window.handle"] = _handle()
        if kind is not Kind.WORKFLOW:
            metrics |= _agents(kind)
        found[kind] = Definitions.declare("twilio", kind, metrics)
    # An agent has no waits of its own, but a state, and a handle time where events are read.
    own = {"realtime.agents.available": _available(Kind.AGENT)} | ({"window.handle": _handle()} if events else {})
    return found | {Kind.AGENT: Definitions.declare("twilio", Kind.AGENT, own)}


def _source(kind: Kind, *names: str) -> DefinitionSource:
    return DefinitionSource(names=names, address=PAGES[kind], read_on=READ_ON)


def _tasks(kind: Kind, *, since_entry: bool, totals: bool) -> dict[str, MetricDefinition]:
    found = {
        "realtime.waiting": _waiting(kind),
        "realtime.longest_wait": _longest_wait(kind, since_entry),
        "window.speed_of_answer": _speed_of_answer(kind, totals),
        "window.abandoned": _abandoned(kind),
    }
    return found if totals else found | {"window.wait": _wait(kind)}


def _waiting(kind: Kind) -> MetricDefinition:
    return MetricDefinition(
        ring_included=Told.YES,
        population=Population.WAITING,
        unit_of_count=CountedUnit.TASK,
        time_basis=TimeBasis.NOW,
        retroactive=Told.NO,
        origin=Origin.RECOMPUTED,
        source=_source(kind, "tasks_by_status.pending", "tasks_by_status.reserved"),
    )


def _longest_wait(kind: Kind, since_entry: bool) -> MetricDefinition:
    age = "longest_relative_task_age_in_queue" if since_entry else "longest_task_waiting_age"
    return MetricDefinition(
        wait_starts_at=WaitStart.QUEUE_ENTERED if since_entry else WaitStart.TASK_CREATED,
        wait_ends_at=WaitEnd.NOW,
        ring_included=Told.YES,
        population=Population.WAITING,
        unit_of_count=CountedUnit.TASK,
        time_basis=TimeBasis.NOW,
        retroactive=Told.NO,
        origin=Origin.VENDOR,
        source=_source(kind, age),
    )


def _speed_of_answer(kind: Kind, totals: bool) -> MetricDefinition:
    in_queue = kind is Kind.QUEUE and not totals
    field = "wait_duration_in_queue_until_accepted" if in_queue else "wait_duration_until_accepted"
    names = ("avg_task_acceptance_time",) if totals else (field, "reservations_accepted")
    return MetricDefinition(
        wait_starts_at=WaitStart.QUEUE_ENTERED if in_queue else WaitStart.TASK_CREATED,
        wait_ends_at=WaitEnd.ANSWERED,
        ring_included=Told.YES,
        population=Population.ANSWERED,
        unit_of_count=CountedUnit.RESERVATION,
        time_basis=TimeBasis.ANSWER,
        retroactive=Told.NO,
        origin=Origin.VENDOR if totals else Origin.RECOMPUTED,
        source=_source(kind, *names),
    )


def _abandoned(kind: Kind) -> MetricDefinition:
    return MetricDefinition(
        population=Population.ABANDONED,
        abandon_rule=AbandonRule.COUNT_AGAINST,
        exits=LEFT,
        unit_of_count=CountedUnit.TASK,
        time_basis=TimeBasis.DISCONNECT,
        retroactive=Told.NO,
        origin=Origin.VENDOR,
        source=_source(kind, "tasks_canceled"),
        note=CANCELS,
    )


def _wait(kind: Kind) -> MetricDefinition:
    return MetricDefinition(
        wait_starts_at=WaitStart.TASK_CREATED,
        wait_ends_at=WaitEnd.LEFT_QUEUE,
        ring_included=Told.YES,
        population=Population.ANSWERED_AND_ABANDONED,
        exits=LEFT,
        unit_of_count=CountedUnit.TASK,
        time_basis=TimeBasis.DISCONNECT,
        retroactive=Told.NO,
        origin=Origin.RECOMPUTED,
        source=_source(kind, "wait_duration_until_accepted", "wait_duration_until_canceled"),
        note=CANCELS,
    )


def _service_levels(kind: Kind) -> MetricDefinition:
    return MetricDefinition(
        wait_starts_at=WaitStart.UNKNOWN,
        wait_ends_at=WaitEnd.ANSWERED,
        ring_included=Told.YES,
        population=Population.ANSWERED_AND_ABANDONED,
        abandon_rule=AbandonRule.BY_CHOICE,
        exits=LEFT,
        threshold_set_by=ThresholdOwner.CALLER,
        comparator=Comparator.UNKNOWN,
        unit_of_count=CountedUnit.RESERVATION,
        time_basis=TimeBasis.ANSWER,
        retroactive=Told.NO,
        origin=Origin.RECOMPUTED,
        source=_source(kind, "split_by_wait_time"),
        note="from when the wait counts is not documented; transfers add nothing; at most 10,000 tasks per threshold",
    )


def _handle() -> MetricDefinition:
    return MetricDefinition(
        ring_included=Told.NO,
        population=Population.HANDLED,
        handle_parts=(HandlePart.TALK, HandlePart.HOLD, HandlePart.AFTER_CALL_WORK),
        unit_of_count=CountedUnit.RESERVATION,
        time_basis=TimeBasis.COMPLETION,
        retroactive=Told.NO,
        origin=Origin.RECOMPUTED,
        source=DefinitionSource(names=EVENTS_USED, address=DOCUMENTS + "event", read_on=READ_ON),
        note="derived from the events of reservations; hold is inside talk",
    )


AGENTS: Final[Mapping[str, Any]] = {
    "unit_of_count": CountedUnit.AGENT,
    "time_basis": TimeBasis.NOW,
    "retroactive": Told.NO,
}


def _available(kind: Kind) -> MetricDefinition:
    origin, field = AVAILABLE[kind]
    return MetricDefinition(
        population=Population.AGENTS_IN_AVAILABLE_ACTIVITY,
        origin=origin,
        source=DefinitionSource(names=(field,), address=PAGES.get(kind, WORKERS), read_on=READ_ON),
        note="in a multi-tasking workspace they may be handling tasks",
        **AGENTS,
    )


def _agents(kind: Kind) -> dict[str, MetricDefinition]:
    return {
        "realtime.agents.available": _available(kind),
        "realtime.agents.busy": MetricDefinition(
            population=Population.AGENTS_HANDLING,
            ring_included=Told.YES,
            origin=Origin.RECOMPUTED,
            source=_source(kind, "activity_statistics"),
            note="in the assignment or reservation activity; single-tasking workspaces only",
            **AGENTS,
        ),
    }
