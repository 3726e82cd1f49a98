"""Which workspaces, queues, workflows and workers an account has, and what its activities mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ccstats import lenient
from ccstats.adapter import Discovery
from ccstats.errors import NotFoundError
from ccstats.model import Kind, Target
from ccstats_twilio.api import endpoints, wire
from ccstats_twilio.config import TwilioOptions
from ccstats_twilio.parse import WorkspaceFacts
from ccstats_twilio.wires import Wires


@dataclass(slots=True)
class Found:
    """One workspace as discovery saw it; workflows and workers are names by SID."""

    workspace: wire.Workspace
    facts: WorkspaceFacts
    workflows: dict[str, str | None] = field(default_factory=dict)
    workers: dict[str, str | None] = field(default_factory=dict)


async def discover(name: str, options: TwilioOptions, wires: Wires) -> tuple[Discovery, dict[str, WorkspaceFacts]]:
    """The targets of the wanted kinds, and the facts of every workspace.

    A workspace that was named in the configuration and is not there costs only itself, unless none is there.
    """
    workspaces, missing = await _workspaces(options, wires)
    found = [await _workspace(options, wires, workspace) for workspace in workspaces]
    targets = [target for one in found for target in _targets(name, one)]
    facts = {one.workspace.sid: one.facts for one in found}
    return Discovery(tuple(targets), tuple(missing)), facts


async def _workspaces(options: TwilioOptions, wires: Wires) -> tuple[list[wire.Workspace], list[str]]:
    if not options.workspaces:
        listed: dict[str, wire.Workspace] = {}
        async for page, _ in wires.pages("workspaces", endpoints.WORKSPACES, wire.WorkspacePage):
            wires.keep(listed, ((workspace.sid, workspace) for workspace in page.workspaces))
        return list(listed.values()), []
    found, missing = [], []
    for sid in dict.fromkeys(options.workspaces):
        try:
            answer = await wires.get("workspace", endpoints.WORKSPACE, workspace=sid)
        except NotFoundError as error:
            missing.append(f"workspace {sid} is not in this account or region")
            if len(missing) == len(set(options.workspaces)):
                raise NotFoundError("none of the configured workspaces exists", origin=error.origin) from None
            continue
        found.append(lenient.decode(answer.body, wire.Workspace))
    return found, missing


async def _workspace(options: TwilioOptions, wires: Wires, workspace: wire.Workspace) -> Found:
    sid, kinds = workspace.sid, options.select.kinds
    queues: dict[str, wire.TaskQueue] = {}
    async for queue_page, _ in wires.pages("queues", endpoints.TASK_QUEUES, wire.TaskQueuePage, workspace=sid):
        wires.keep(queues, ((queue.sid, queue) for queue in queue_page.task_queues))
    activities: dict[str, wire.Activity] = {}
    async for activity_page, _ in wires.pages("activities", endpoints.ACTIVITIES, wire.ActivityPage, workspace=sid):
        wires.keep(activities, ((activity.sid, activity) for activity in activity_page.activities))
    channels: dict[str, None] = {}
    if options.by_channel:
        async for channel_page, _ in wires.pages(
            "channels", endpoints.TASK_CHANNELS, wire.TaskChannelPage, workspace=sid
        ):
            channels |= dict.fromkeys(one.unique_name for one in channel_page.channels if one.unique_name)
    facts = WorkspaceFacts(
        sid=sid,
        multi_tasking=workspace.multi_task_enabled,
        activities=activities,
        queues=queues,
        states=options.activity_states,
        channels=options.channels(channels),
    )
    found = Found(workspace, facts)
    if Kind.WORKFLOW in kinds:
        async for page, _ in wires.pages("workflows", endpoints.WORKFLOWS, wire.WorkflowPage, workspace=sid):
            wires.keep(found.workflows, ((workflow.sid, workflow.friendly_name) for workflow in page.workflows))
    if Kind.AGENT in kinds:
        async for worker_page, _ in wires.pages("workers", endpoints.WORKERS, wire.WorkerPage, workspace=sid):
            wires.keep(found.workers, ((worker.sid, worker.friendly_name) for worker in worker_page.workers))
    return found


def _targets(source: str, found: Found) -> Iterator[Target]:
    scope = found.workspace.sid
    rows: list[tuple[Kind, str, str | None]] = [(Kind.WORKSPACE, scope, found.workspace.friendly_name)]
    rows += [(Kind.QUEUE, queue.sid, queue.friendly_name) for queue in found.facts.queues.values()]
    rows += [(Kind.WORKFLOW, sid, name) for sid, name in found.workflows.items()]
    rows += [(Kind.AGENT, sid, name) for sid, name in found.workers.items()]
    for kind, sid, name in rows:
        yield Target(source=source, vendor="twilio", kind=kind, scope=scope, id=sid, name=name)
