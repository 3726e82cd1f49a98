"""What is true now, in TaskRouter's words."""

from collections import Counter
from collections.abc import Collection, Iterable

from ccstats.simulator.agents import AgentNow
from ccstats.simulator.truth import QueueNow, agent_now, members, queue_now
from ccstats_twilio.face.call import Call
from ccstats_twilio.face.tenant import Workspace

Body = dict[str, object]


def queue_part(call: Call, space: Workspace, queue: int | None) -> Body:
    """Return everything that is said of one queue; None stands for a queue that is not in the workspace."""
    queues = () if queue is None else (queue,)
    workers = [agent_now(call.center, agent, call.at) for agent in members(call.center, queues)]
    now = queue_now(call.center, queues, call.at, call.channels())
    return _tasks(call, now) | {
        "longest_relative_task_age_in_queue": int(now.longest_wait or 0),
        "longest_relative_task_sid_in_queue": _longest(call, now),
        "total_available_workers": sum(space.activity_of(worker).available for worker in workers),
        "total_eligible_workers": len(workers),
        "activity_statistics": _activities(space, workers),
    }


def workflow_part(call: Call, space: Workspace) -> Body:
    """Return what is said of the workspace's only workflow."""
    return _tasks(call, queue_now(call.center, _queues(space), call.at, call.channels()))


def workspace_part(call: Call, space: Workspace) -> Body:
    """Return what is said of a whole workspace."""
    return workflow_part(call, space) | workers_part(call, space, space.workers.values())


def workers_part(call: Call, space: Workspace, workers: Iterable[int]) -> Body:
    """Return what is said of some workers."""
    standing = [agent_now(call.center, worker, call.at) for worker in workers]
    return {"total_workers": len(standing), "activity_statistics": _activities(space, standing)}


def _queues(space: Workspace) -> Collection[int]:
    return space.queues.values()


def _tasks(call: Call, now: QueueNow) -> Body:
    live = (*now.pending, *now.ringing, *now.talking, *now.wrapping)
    priorities = Counter(contact.priority for contact in live)
    return {
        "total_tasks": len(live),
        "tasks_by_status": {
            "pending": len(now.pending),
            "reserved": len(now.ringing),
            "assigned": len(now.talking),
            "wrapping": len(now.wrapping),
        },
        "tasks_by_priority": {str(priority): priorities[priority] for priority in sorted(priorities)},
        "longest_task_waiting_age": int(now.longest_wait or 0),
        "longest_task_waiting_sid": _longest(call, now),
    }


def _longest(call: Call, now: QueueNow) -> str | None:
    return call.tenant.task_sid(now.waiting[0]) if now.waiting else None


def _activities(space: Workspace, workers: Iterable[AgentNow]) -> list[Body]:
    counts = Counter(space.activity_of(worker).sid for worker in workers)
    return [
        {"sid": activity.sid, "friendly_name": activity.name, "workers": counts[activity.sid]}
        for activity in space.activities
    ]
