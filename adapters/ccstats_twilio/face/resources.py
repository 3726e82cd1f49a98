"""Workspaces, task queues, workflows, workers and activities, fetched and listed."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from ccstats.simulator.truth import agent_now, agent_segments
from ccstats_twilio.face.call import Call, timestamp
from ccstats_twilio.face.errors import not_found
from ccstats_twilio.face.pages import page
from ccstats_twilio.face.tenant import Activity, Workspace

Body = dict[str, object]


def list_workspaces(call: Call) -> Body:
    """GET /v1/Workspaces"""
    spaces = call.tenant.workspaces
    sids = _named(call, {sid: space.name for sid, space in spaces.items()})
    return page(call, "workspaces", sids, lambda sid: _workspace(call, spaces[sid]))


def fetch_workspace(call: Call) -> Body:
    """GET /v1/Workspaces/{Sid}"""
    return _workspace(call, call.workspace)


def list_task_queues(call: Call) -> Body:
    """GET /v1/Workspaces/{WorkspaceSid}/TaskQueues"""
    space = call.workspace
    sids = queue_sids(call, space)
    if "WorkerSid" in call.query:
        worker = space.workers.get(call.query["WorkerSid"])
        served = () if worker is None else call.center.spec.agents[worker].queues
        sids = [sid for sid in sids if space.queues[sid] in served]
    return page(call, "task_queues", sids, lambda sid: _task_queue(call, space, sid))


def fetch_task_queue(call: Call) -> Body:
    """GET /v1/Workspaces/{WorkspaceSid}/TaskQueues/{Sid}"""
    sid, _ = call.found(call.workspace.queues, "Sid")
    return _task_queue(call, call.workspace, sid)


def list_workflows(call: Call) -> Body:
    """GET /v1/Workspaces/{WorkspaceSid}/Workflows"""
    space = call.workspace
    sids = _named(call, {space.workflow_sid: space.workflow_name})
    return page(call, "workflows", sids, lambda _: _workflow(call, space))


def fetch_workflow(call: Call) -> Body:
    """GET /v1/Workspaces/{WorkspaceSid}/Workflows/{Sid}"""
    if call.ids["Sid"] != call.workspace.workflow_sid:
        raise not_found(call.path)
    return _workflow(call, call.workspace)


def list_workers(call: Call) -> Body:
    """GET /v1/Workspaces/{WorkspaceSid}/Workers"""
    space = call.workspace
    sids = [sid for sid in worker_sids(call, space) if _in_activity(call, space, space.workers[sid])]
    return page(call, "workers", sids, lambda sid: _worker(call, space, sid, attributes=None))


def fetch_worker(call: Call) -> Body:
    """GET /v1/Workspaces/{WorkspaceSid}/Workers/{Sid}"""
    sid, _ = call.found(call.workspace.workers, "Sid")
    return _worker(call, call.workspace, sid, attributes="{}")


def list_task_channels(call: Call) -> Body:
    """GET /v1/Workspaces/{WorkspaceSid}/TaskChannels"""
    space = call.workspace
    return page(call, "channels", list(space.channels), lambda sid: _task_channel(call, space, sid))


def list_activities(call: Call) -> Body:
    """GET /v1/Workspaces/{WorkspaceSid}/Activities"""
    space, available = call.workspace, call.flag("Available")
    activities = {each.sid: each for each in space.activities if available in {None, each.available}}
    sids = _named(call, {sid: each.name for sid, each in activities.items()})
    return page(call, "activities", sids, lambda sid: _activity(call, space, activities[sid]))


def queue_sids(call: Call, space: Workspace) -> list[str]:
    """Return the SIDs of a workspace's queues that FriendlyName leaves."""
    return _named(call, {sid: call.center.spec.queues[number].name for sid, number in space.queues.items()})


def worker_sids(call: Call, space: Workspace) -> list[str]:
    """Return the SIDs of a workspace's workers that TaskQueueSid, TaskQueueName and FriendlyName leave."""
    spec = call.center.spec
    sids = _named(call, {sid: spec.agents[number].name for sid, number in space.workers.items()})
    if "TaskQueueSid" in call.query:
        queue = space.queues.get(call.query["TaskQueueSid"])
        sids = [sid for sid in sids if queue in spec.agents[space.workers[sid]].queues]
    if "TaskQueueName" in call.query:
        queues = {number for number in space.queues.values() if spec.queues[number].name == call.query["TaskQueueName"]}
        sids = [sid for sid in sids if queues & set(spec.agents[space.workers[sid]].queues)]
    return sids


def _named(call: Call, names: Mapping[str, str]) -> list[str]:
    wanted = call.query.get("FriendlyName")
    return [sid for sid, name in names.items() if wanted in {None, name}]


def _in_activity(call: Call, space: Workspace, worker: int) -> bool:
    activity = space.activity_of(agent_now(call.center, worker, call.at))
    wanted_sid, wanted_name = call.query.get("ActivitySid"), call.query.get("ActivityName")
    wanted = call.flag("Available")
    return (
        wanted_sid in {None, activity.sid}
        and wanted_name in {None, activity.name}
        and wanted in {None, activity.available}
    )


def _common(call: Call, sid: str, name: str, url: str) -> Body:
    created = timestamp(call.center.start)
    return {
        "account_sid": call.tenant.account_sid,
        "sid": sid,
        "friendly_name": name,
        "date_created": created,
        "date_updated": created,
        "url": url,
    }


def _links(url: str, parts: Iterable[str]) -> dict[str, str]:
    return {_snake(part): f"{url}/{part}" for part in parts}


def _snake(part: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in part).lstrip("_")


def _space_url(call: Call, space: Workspace) -> str:
    return f"{call.origin}/v1/Workspaces/{space.sid}"


STATISTICS = ("Statistics", "RealTimeStatistics", "CumulativeStatistics")
INSIDE = ("Activities", "TaskQueues", "Tasks", "Workers", "Workflows", "TaskChannels", "Events")


def _workspace(call: Call, space: Workspace) -> Body:
    url = _space_url(call, space)
    return _common(call, space.sid, space.name, url) | {
        "default_activity_name": space.default.name,
        "default_activity_sid": space.default.sid,
        "timeout_activity_name": space.timeout.name,
        "timeout_activity_sid": space.timeout.sid,
        "event_callback_url": "",
        "events_filter": None,
        "multi_task_enabled": space.multi_tasking,
        "prioritize_queue_order": "FIFO",
        "links": _links(url, (*INSIDE, *STATISTICS)),
    }


def _task_queue(call: Call, space: Workspace, sid: str) -> Body:
    name = call.center.spec.queues[space.queues[sid]].name
    queues = f"{_space_url(call, space)}/TaskQueues"
    return _common(call, sid, name, f"{queues}/{sid}") | {
        "workspace_sid": space.sid,
        "assignment_activity_name": space.busy and space.busy.name,
        "assignment_activity_sid": space.busy and space.busy.sid,
        "reservation_activity_name": space.reserved and space.reserved.name,
        "reservation_activity_sid": space.reserved and space.reserved.sid,
        "max_reserved_workers": 1,
        "target_workers": f"queues HAS {json.dumps(name, ensure_ascii=False)}",
        "task_order": "FIFO",
        "links": _links(f"{queues}/{sid}", STATISTICS)
        | {
            "workspace": _space_url(call, space),
            "list_statistics": f"{queues}/Statistics",
            "bulk_real_time_statistics": f"{queues}/RealTimeStatistics",
        },
    }


def _workflow(call: Call, space: Workspace) -> Body:
    url = f"{_space_url(call, space)}/Workflows/{space.workflow_sid}"
    filters = [{"targets": [{"queue": sid}]} for sid in space.queues]
    return _common(call, space.workflow_sid, space.workflow_name, url) | {
        "workspace_sid": space.sid,
        "assignment_callback_url": None,
        "fallback_assignment_callback_url": None,
        "configuration": json.dumps({"task_routing": {"filters": filters}}),
        "document_content_type": "application/json",
        "task_reservation_timeout": int(call.center.spec.ring_timeout_s),
        "links": _links(url, STATISTICS),
    }


def _worker(call: Call, space: Workspace, sid: str, *, attributes: str | None) -> Body:
    number = space.workers[sid]
    activity = space.activity_of(agent_now(call.center, number, call.at))
    workers = f"{_space_url(call, space)}/Workers"
    return _common(call, sid, call.center.spec.agents[number].name, f"{workers}/{sid}") | {
        "workspace_sid": space.sid,
        "activity_name": activity.name,
        "activity_sid": activity.sid,
        "attributes": attributes,
        "available": activity.available,
        "date_status_changed": timestamp(_since(call, space, number)),
        "links": _links(workers, STATISTICS)
        | _links(f"{workers}/{sid}", ("Channels", "Reservations"))
        | {
            "workspace": _space_url(call, space),
            "activity": f"{_space_url(call, space)}/Activities/{activity.sid}",
            "worker_statistics": f"{workers}/{sid}/Statistics",
        },
    }


def _since(call: Call, space: Workspace, worker: int) -> datetime:
    """Return since when a worker stands in its activity, at most since it chose its own one."""
    own = call.center.agents[worker].activities
    began = own.times[own.place(call.at)]
    shown = space.activity_of(agent_now(call.center, worker, call.at))
    since = call.at
    for segment in reversed(agent_segments(call.center, worker, began, call.at)):
        if space.activity_in(segment) != shown:
            break
        since = segment.start
    return call.center.moment(since)


def _task_channel(call: Call, space: Workspace, sid: str) -> Body:
    unique = space.channels[sid]
    body = _common(call, sid, unique.title(), f"{_space_url(call, space)}/TaskChannels/{sid}")
    return body | {
        "workspace_sid": space.sid,
        "unique_name": unique,
        "channel_optimized_routing": True,
        "links": {"workspace": _space_url(call, space)},
    }


def _activity(call: Call, space: Workspace, activity: Activity) -> Body:
    url = f"{_space_url(call, space)}/Activities/{activity.sid}"
    return _common(call, activity.sid, activity.name, url) | {
        "workspace_sid": space.sid,
        "available": activity.available,
        "links": {"workspace": _space_url(call, space)},
    }
