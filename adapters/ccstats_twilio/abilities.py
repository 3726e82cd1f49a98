"""What TaskRouter statistics can say, metric by metric.

Fields: https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics, .../workflow-statistics,
.../workspace-statistics, .../worker/statistics. There is no handle time, talk time or service level anywhere in them;
handle time is in the events of reservations: https://www.twilio.com/docs/taskrouter/api/event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ccstats.adapter import Abilities, Ability, Absence, Support
from ccstats.model import Kind

FULL, DERIVED, UNSUPPORTED = Support.FULL, Support.DERIVED, Support.UNSUPPORTED
ON_REQUEST = Support.ON_REQUEST
ZERO = Absence.ZERO

FROM_EVENTS: Final = "TaskRouter's statistics have none; set handle_time = 'events' to have it from the Events list"
BY_CHANNEL: Final = "one request more per channel: set by_channel = ['*'], or name the task channels"
NO_RATIO: Final = "TaskRouter gives counts per threshold, no percentage"
HOLD_INSIDE: Final = f"{FROM_EVENTS}; hold is in it"


def _ability(support: Support, origin: str, note: str = "", absence: Absence = Absence.UNKNOWN) -> Ability:
    return Ability(support, origin, absence, note)


def _no(note: str) -> Ability:
    return Ability(UNSUPPORTED, note=note)


_HANDLE: Mapping[str, Ability] = {
    "window.handle": _ability(ON_REQUEST, "Events: reservation.accepted to reservation.completed", FROM_EVENTS),
    "window.talk": _ability(ON_REQUEST, "Events: reservation.accepted to reservation.wrapup", HOLD_INSIDE),
    "window.after_call_work": _ability(ON_REQUEST, "Events: reservation.wrapup to reservation.completed", FROM_EVENTS),
    "window.hold": _no("no event of TaskRouter tells hold: it is inside talk"),
}

_TASKS: Mapping[str, Ability] = {
    "realtime.waiting": _ability(DERIVED, "tasks_by_status.pending + .reserved", "ringing contacts included", ZERO),
    "realtime.offering": _ability(FULL, "tasks_by_status.reserved", absence=ZERO),
    "realtime.in_progress": _ability(FULL, "tasks_by_status.assigned", absence=ZERO),
    "realtime.after_call_work": _ability(FULL, "tasks_by_status.wrapping", absence=ZERO),
    "realtime.waiting_by_priority": _ability(DERIVED, "tasks_by_priority", "not said to be waiting contacts only"),
    "realtime.longest_wait": _ability(FULL, "longest_task_waiting_age", "since the task was created"),
    "realtime.by_channel": _ability(ON_REQUEST, "the same with TaskChannel, one request per channel", BY_CHANNEL),
    "window.start": _ability(FULL, "start_time"),
    "window.end": _ability(FULL, "end_time"),
    "window.complete_until": _no("TaskRouter does not say when a period is complete"),
    "window.answered": _ability(FULL, "reservations_accepted", "reservations: a transferred task counts again"),
    "window.abandoned": _ability(
        DERIVED, "tasks_canceled", "an upper bound: tasks canceled by API, time to live or workflow are in it"
    ),
    "window.short_abandoned": _ability(DERIVED, "split_by_wait_time[short_abandon].below.tasks_canceled"),
    "window.handled": _ability(FULL, "tasks_completed"),
    "window.transferred": _no("TaskRouter counts moves between queues, not transfers"),
    "window.flowed_out": _ability(DERIVED, "tasks_moved", "moved to another queue"),
    "window.wait": _ability(DERIVED, "wait_duration_until_accepted + wait_duration_until_canceled"),
    "window.abandon_wait": _ability(DERIVED, "wait_duration_until_canceled, counted by tasks_canceled"),
    "window.speed_of_answer": _ability(
        DERIVED,
        "wait_duration_until_accepted (since creation), counted by reservations_accepted",
        "detail = totals: the bare average avg_task_acceptance_time",
    ),
    **_HANDLE,
    "window.service_levels": _ability(FULL, "split_by_wait_time"),
    "window.service_levels.vendor_ratio": _no(NO_RATIO),
    "window.reservations": _ability(FULL, "reservations_*"),
    "window.by_channel": _ability(ON_REQUEST, "the same with TaskChannel, one request per channel", BY_CHANNEL),
    "window.by_channel.handle": _ability(
        ON_REQUEST, "Events: the same by task_channel_unique_name", f"{FROM_EVENTS}, and by_channel"
    ),
    "window.by_channel.service_levels.vendor_ratio": _no(NO_RATIO),
}

_AGENTS: Mapping[str, Ability] = {
    "realtime.agents.available": _ability(FULL, "total_available_workers", "in an available activity, maybe busy"),
    "realtime.agents.busy": _ability(DERIVED, "activity_statistics of the assignment and reservation activities"),
    "realtime.agents.unavailable": _ability(DERIVED, "total workers less available and busy ones"),
    "realtime.agents.offline": _ability(DERIVED, "activity_statistics of the activities configured as offline"),
    "realtime.agents.off_queue": _no("TaskRouter has no on-queue switch: an activity is available or not"),
    "realtime.agents.not_responding": _no("a worker that does not answer is put into the timeout activity"),
    "realtime.activities": _ability(FULL, "activity_statistics"),
}

QUEUE: Mapping[str, Ability] = {
    **_TASKS,
    **_AGENTS,
    "realtime.agents.total": _ability(FULL, "total_eligible_workers", "offline ones included"),
    "window.offered": _ability(FULL, "tasks_entered"),
    "window.speed_of_answer": _ability(
        DERIVED,
        "wait_duration_in_queue_until_accepted (since queue entry), counted by reservations_accepted",
        "detail = totals: the bare average avg_task_acceptance_time, since creation",
    ),
    "window.activity_durations": _ability(
        FULL, "Workers/Statistics?TaskQueueSid activity_durations", "only with activity_durations = true"
    ),
}

WORKSPACE: Mapping[str, Ability] = {
    **_TASKS,
    **_AGENTS,
    "realtime.agents.total": _ability(FULL, "total_workers"),
    "realtime.agents.available": _ability(DERIVED, "activity_statistics of the available activities"),
    "window.offered": _ability(FULL, "tasks_created"),
    "window.activity_durations": _ability(FULL, "Workers/CumulativeStatistics activity_durations"),
}

_NO_WORKERS = _no("TaskRouter's workflow statistics do not speak of workers")

WORKFLOW: Mapping[str, Ability] = {
    **_TASKS,
    **dict.fromkeys(_AGENTS, _NO_WORKERS),
    "realtime.agents.total": _NO_WORKERS,
    "window.offered": _ability(FULL, "tasks_entered"),
    "window.activity_durations": _NO_WORKERS,
}

_NOT_PER_AGENT = _no("TaskRouter has no such number per worker")

AGENT: Mapping[str, Ability] = {
    **dict.fromkeys([*_TASKS, *_AGENTS, "window.offered"], _NOT_PER_AGENT),
    **_HANDLE,
    "realtime.agents.total": _ability(DERIVED, "the worker itself: 1"),
    "realtime.agents.available": _ability(DERIVED, "Workers list: available"),
    "realtime.agents.unavailable": _ability(DERIVED, "Workers list: available"),
    "realtime.activities": _ability(FULL, "Workers list: activity_sid"),
    "window.start": _ability(FULL, "start_time"),
    "window.end": _ability(FULL, "end_time"),
    "window.answered": _ability(FULL, "reservations_accepted"),
    "window.reservations": _ability(FULL, "reservations_*"),
    "window.activity_durations": _ability(FULL, "activity_durations"),
}

ABILITIES: Abilities = {
    Kind.QUEUE: QUEUE,
    Kind.WORKSPACE: WORKSPACE,
    Kind.WORKFLOW: WORKFLOW,
    Kind.AGENT: AGENT,
}
