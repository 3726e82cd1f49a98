"""What happened in a window, in TaskRouter's words; durations are whole seconds, rounded down one by one."""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Final

from ccstats.simulator.truth import QueueWindow, agent_segments, queue_window, reservations
from ccstats_twilio.face.call import Call, timestamp
from ccstats_twilio.face.tenant import Workspace

Body = dict[str, object]

SPLIT_CAP: Final = 10_000
"""How many tasks a threshold of SplitByWaitTime counts at most, says the API document on that parameter."""


def tasks_part(call: Call, queues: Collection[int]) -> Body:
    """Return everything that is said of the tasks of some queues; `tasks_entered` is what arrived."""
    window, channels = call.window(), call.channels()
    center = call.center
    happened = queue_window(center, queues, center.seconds(window.start), center.seconds(window.end), channels)
    waits = _durations(happened.answer_waits)
    return _times(call) | {
        "avg_task_acceptance_time": waits["avg"],
        "reservations_created": happened.reservations_created,
        "reservations_accepted": happened.reservations_accepted,
        "reservations_rejected": 0,
        "reservations_timed_out": happened.reservations_timed_out,
        # Read so that a reservation ends as canceled with its task, and as rescinded where another worker
        # took the task, which single reservations never see. No page that spells this out was found;
        # https://www.twilio.com/docs/taskrouter/lifecycle-task-state comes closest.
        "reservations_canceled": happened.reservations_rescinded,
        "reservations_rescinded": 0,
        "tasks_entered": happened.offered,
        "tasks_canceled": happened.abandoned,
        "tasks_completed": len(happened.completions),
        "tasks_deleted": 0,
        "tasks_moved": 0,
        "tasks_timed_out_in_workflow": 0,
        "wait_duration_until_accepted": waits,
        "wait_duration_until_canceled": _durations(happened.abandon_waits),
        "wait_duration_in_queue_until_accepted": waits,
        "split_by_wait_time": _split(call.thresholds(), happened),
    }


def workers_part(call: Call, space: Workspace, workers: Sequence[int]) -> Body:
    """Return everything that is said of some workers."""
    window, center = call.window(), call.center
    start, end = center.seconds(window.start), center.seconds(window.end)
    offers = reservations(center, workers, start, end, call.channels())
    return _times(call) | {
        "reservations_created": offers.created,
        "reservations_accepted": offers.accepted,
        "reservations_rejected": 0,
        "reservations_timed_out": offers.timed_out,
        "reservations_canceled": offers.rescinded,
        "reservations_rescinded": 0,
        "activity_durations": _activity_durations(call, space, workers, start, end),
    }


def _times(call: Call) -> Body:
    window = call.window()
    return {"start_time": timestamp(window.start), "end_time": timestamp(window.end)}


def _durations(seconds: Iterable[float]) -> Body:
    whole = [int(each) for each in seconds]
    if not whole:
        return {"avg": 0, "min": 0, "max": 0, "total": 0}
    return {"avg": sum(whole) // len(whole), "min": min(whole), "max": max(whole), "total": sum(whole)}


def _split(thresholds: tuple[int, ...] | None, happened: QueueWindow) -> Body | None:
    if thresholds is None:
        return None
    return {str(threshold): _sides(threshold, happened) for threshold in thresholds}


def _sides(threshold: int, happened: QueueWindow) -> Body:
    canceled = sum(wait <= threshold for wait in happened.abandon_waits)
    accepted = sum(wait <= threshold for wait in happened.answer_waits)
    return {
        "below": _side(canceled, accepted),
        "above": _side(happened.abandoned - canceled, happened.answered - accepted),
    }


def _side(canceled: int, accepted: int) -> Body:
    return {"tasks_canceled": min(canceled, SPLIT_CAP), "reservations_accepted": min(accepted, SPLIT_CAP)}


def _activity_durations(call: Call, space: Workspace, workers: Iterable[int], start: float, end: float) -> list[Body]:
    stints: dict[str, list[float]] = {activity.sid: [] for activity in space.activities}
    for worker in workers:
        segments = agent_segments(call.center, worker, start, end)
        for activity, stint in groupby(segments, key=space.activity_in):
            stints[activity.sid].append(sum(segment.seconds for segment in stint))
    return [
        {"sid": activity.sid, "friendly_name": activity.name, **_stints(stints[activity.sid])}
        for activity in space.activities
    ]


def _stints(seconds: Sequence[float]) -> Body:
    """Return the figures of one activity; the average is over stints: https://github.com/twilio/twilio-csharp/pull/209"""
    if not seconds:
        return {"avg": 0, "min": 0, "max": 0, "total": 0}
    total = int(round(sum(seconds), 3))
    return {"avg": total // len(seconds), "min": int(min(seconds)), "max": int(max(seconds)), "total": total}
