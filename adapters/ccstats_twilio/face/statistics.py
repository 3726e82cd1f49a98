"""The fifteen statistics endpoints: which of the known figures each one sends.

Combined and list answers are thinner than the dedicated ones, as their official examples show; the figures come
from `realtime` and `cumulative`. https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics
"""

import json
from collections.abc import Iterable
from typing import Final

from ccstats_twilio.face import cumulative, realtime
from ccstats_twilio.face.call import Call, is_sid
from ccstats_twilio.face.errors import bad_request, not_found
from ccstats_twilio.face.pages import page
from ccstats_twilio.face.resources import queue_sids, worker_sids
from ccstats_twilio.face.tenant import Workspace

Body = dict[str, object]

MOST_QUEUES: Final = 50
TASKS_NOW: Final = ("longest_task_waiting_age", "longest_task_waiting_sid", "tasks_by_status", "total_tasks")
STAFF_NOW: Final = ("activity_statistics", "total_available_workers", "total_eligible_workers")
RELATIVE: Final = ("longest_relative_task_age_in_queue", "longest_relative_task_sid_in_queue")
OFFERS: Final = (
    "reservations_accepted",
    "reservations_canceled",
    "reservations_created",
    "reservations_rejected",
    "reservations_rescinded",
    "reservations_timed_out",
)
WINDOW: Final = ("avg_task_acceptance_time", "end_time", "start_time", "tasks_canceled", "tasks_moved")
QUEUE_COMBINED: Final = (*WINDOW, *OFFERS, "tasks_deleted", "tasks_entered")
WORKFLOW_COMBINED: Final = (
    *WINDOW,
    "reservations_accepted",
    "reservations_rejected",
    "reservations_timed_out",
    "tasks_entered",
    "tasks_timed_out_in_workflow",
)
WORKSPACE_COMBINED: Final = (
    *WINDOW,
    *OFFERS,
    "tasks_created",
    "tasks_deleted",
    "tasks_timed_out_in_workflow",
)


# Task queues


def queue_realtime(call: Call) -> Body:
    """GET .../TaskQueues/{TaskQueueSid}/RealTimeStatistics"""
    sid, queue = call.found(call.workspace.queues, "TaskQueueSid")
    return _frame(call, task_queue_sid=sid) | realtime.queue_part(call, call.workspace, queue)


def queue_cumulative(call: Call) -> Body:
    """GET .../TaskQueues/{TaskQueueSid}/CumulativeStatistics"""
    sid, queue = call.found(call.workspace.queues, "TaskQueueSid")
    part = _without(cumulative.tasks_part(call, (queue,)), "tasks_timed_out_in_workflow")
    return _frame(call, task_queue_sid=sid) | part


def queue_combined(call: Call) -> Body:
    """GET .../TaskQueues/{TaskQueueSid}/Statistics"""
    sid, queue = call.found(call.workspace.queues, "TaskQueueSid")
    return _frame(call, task_queue_sid=sid) | _both_of_queue(call, queue)


def queue_list(call: Call) -> Body:
    """GET .../TaskQueues/Statistics"""
    space = call.workspace

    def show(sid: str) -> Body:
        return _without(_frame(call, task_queue_sid=sid), "url") | _both_of_queue(call, space.queues[sid])

    return page(call, "task_queues_statistics", queue_sids(call, space), show)


def queue_bulk(call: Call) -> Body:
    """POST .../TaskQueues/RealTimeStatistics; well-formed SIDs of elsewhere come back as zeros."""
    space = call.workspace
    rows = [_bulk_row(call, space, sid) for sid in _bulk_sids(call.body)]
    return _frame(call) | {"task_queue_data": rows, "task_queue_response_count": len(rows)}


def _bulk_sids(body: bytes) -> list[str]:
    try:
        asked = json.loads(body)
    except ValueError:
        raise bad_request("The request body is not JSON") from None
    sids = asked.get("queueSids") if isinstance(asked, dict) else None
    if not isinstance(sids, list) or not 1 <= len(sids) <= MOST_QUEUES:
        raise bad_request(f"queueSids must hold 1 to {MOST_QUEUES} TaskQueue SIDs")
    if not all(is_sid("WQ", sid) for sid in sids):
        raise bad_request("queueSids holds a malformed TaskQueue SID")
    return list(dict.fromkeys(sids))


def _bulk_row(call: Call, space: Workspace, sid: str) -> Body:
    part = realtime.queue_part(call, space, space.queues.get(sid))
    return {"task_queue_sid": sid} | _without(part, *RELATIVE)


def _both_of_queue(call: Call, queue: int) -> Body:
    now = realtime.queue_part(call, call.workspace, queue)
    return {
        "realtime": _only(now, (*TASKS_NOW, *STAFF_NOW)),
        "cumulative": _thin(cumulative.tasks_part(call, (queue,)), QUEUE_COMBINED),
    }


# Workflows


def workflow_realtime(call: Call) -> Body:
    """GET .../Workflows/{WorkflowSid}/RealTimeStatistics"""
    return _workflow_frame(call) | realtime.workflow_part(call, call.workspace)


def workflow_cumulative(call: Call) -> Body:
    """GET .../Workflows/{WorkflowSid}/CumulativeStatistics"""
    part = cumulative.tasks_part(call, call.workspace.queues.values())
    return _workflow_frame(call) | _without(part, "wait_duration_in_queue_until_accepted")


def workflow_combined(call: Call) -> Body:
    """GET .../Workflows/{WorkflowSid}/Statistics"""
    part = cumulative.tasks_part(call, call.workspace.queues.values())
    return _workflow_frame(call) | {
        "realtime": _only(realtime.workflow_part(call, call.workspace), TASKS_NOW),
        "cumulative": _thin(part, WORKFLOW_COMBINED),
    }


def _workflow_frame(call: Call) -> Body:
    if call.ids["WorkflowSid"] != call.workspace.workflow_sid:
        raise not_found(call.path)
    return _frame(call, workflow_sid=call.workspace.workflow_sid)


# Workspaces


def workspace_realtime(call: Call) -> Body:
    """GET .../RealTimeStatistics"""
    return _frame(call) | realtime.workspace_part(call, call.workspace)


def workspace_cumulative(call: Call) -> Body:
    """GET .../CumulativeStatistics"""
    part = _created(cumulative.tasks_part(call, call.workspace.queues.values()))
    return _frame(call) | _without(part, "wait_duration_in_queue_until_accepted")


def workspace_combined(call: Call) -> Body:
    """GET .../Statistics"""
    now = realtime.workspace_part(call, call.workspace)
    part = _created(cumulative.tasks_part(call, call.workspace.queues.values()))
    return _frame(call) | {
        "realtime": _only(now, (*TASKS_NOW, "activity_statistics", "total_workers")),
        "cumulative": _thin(part, WORKSPACE_COMBINED),
    }


def _created(part: Body) -> Body:
    return _without(part, "tasks_entered") | {"tasks_created": part["tasks_entered"]}


# Workers


def workers_realtime(call: Call) -> Body:
    """GET .../Workers/RealTimeStatistics; it knows no filter by queue or name."""
    return _frame(call) | realtime.workers_part(call, call.workspace, call.workspace.workers.values())


def workers_cumulative(call: Call) -> Body:
    """GET .../Workers/CumulativeStatistics; it knows no filter by queue or name."""
    workers = list(call.workspace.workers.values())
    return _frame(call) | cumulative.workers_part(call, call.workspace, workers)


def workers_combined(call: Call) -> Body:
    """GET .../Workers/Statistics"""
    space = call.workspace
    workers = [space.workers[sid] for sid in worker_sids(call, space)]
    return _frame(call) | {
        "realtime": realtime.workers_part(call, space, workers),
        "cumulative": cumulative.workers_part(call, space, workers),
    }


def worker_instance(call: Call) -> Body:
    """GET .../Workers/{WorkerSid}/Statistics; there is no real-time part."""
    sid, worker = call.found(call.workspace.workers, "WorkerSid")
    return _frame(call, worker_sid=sid) | {"cumulative": cumulative.workers_part(call, call.workspace, [worker])}


# Shapes


def _frame(call: Call, **sids: str) -> Body:
    return {
        "account_sid": call.tenant.account_sid,
        "workspace_sid": call.workspace.sid,
        **sids,
        "url": call.url,
    }


def _only(part: Body, names: Iterable[str]) -> Body:
    return {name: part[name] for name in names}


def _without(part: Body, *names: str) -> Body:
    return {name: value for name, value in part.items() if name not in names}


def _thin(part: Body, names: Iterable[str]) -> Body:
    """Return the figures of a combined answer; the official examples write its average as a float."""
    average = part["avg_task_acceptance_time"]
    return _only(part, names) | {"avg_task_acceptance_time": float(str(average))}
