"""Every TaskRouter endpoint that is used, as data: the requests are built here and sent elsewhere.

Source: https://www.twilio.com/docs/taskrouter/api and the OpenAPI document twilio_taskrouter_v1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from yarl import URL

from ccstats.budget import Limit

BULK_QUEUES = 50
"""https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics: 1 to 50 SIDs per bulk request."""
PAGE = 1000
"""The largest PageSize: https://www.twilio.com/docs/usage/twilios-response"""

_CHANNEL = frozenset({"TaskChannel"})
PERIOD = frozenset({"Minutes", "StartDate", "EndDate"})
_SPLIT = frozenset({"SplitByWaitTime"})
_CUMULATIVE = _CHANNEL | PERIOD | _SPLIT
_PAGED = frozenset({"PageSize"})

# Limits are per workspace and resource, averaged over ten seconds: https://www.twilio.com/docs/taskrouter/api
BULK_LIMIT = Limit(50, 10.0)
"""Five requests a second: https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics"""
USUAL_LIMIT = Limit(100, 10.0)
"""Not published for the other resources (the Console shows them): ten a second until a header says otherwise."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One resource: method, path below /v1, and the query parameters that its document declares."""

    method: str
    path: str
    parameters: frozenset[str] = frozenset()
    limit: Limit = USUAL_LIMIT

    @property
    def label(self) -> str:
        """How it is named in errors and logs."""
        return f"{self.method} /v1{self.path}"

    def url(self, root: URL, *, workspace: str = "", sid: str = "", **parameters: str | int | None) -> URL:
        """The address with `parameters`; a parameter that the document does not declare is a mistake here.

        TaskRouter ignores parameters that it does not know (https://www.twilio.com/docs/api/errors/20001), so a typing
        error would silently yield the default of 15 minutes.
        """
        sent = {name: str(value) for name, value in parameters.items() if value is not None}
        if not self.parameters.issuperset(sent):
            raise ValueError(f"{self.label} has no parameter {sorted(set(sent) - self.parameters)}")
        if "Minutes" in sent and not PERIOD.isdisjoint(set(sent) - {"Minutes"}):
            raise ValueError("Minutes cannot be combined with StartDate and EndDate")
        path = self.path.format(workspace=workspace, sid=sid)
        return root.joinpath("v1", *path.strip("/").split("/")).with_query(sent)


WORKSPACES = Endpoint("GET", "/Workspaces", _PAGED)
WORKSPACE = Endpoint("GET", "/Workspaces/{workspace}")
TASK_QUEUES = Endpoint("GET", "/Workspaces/{workspace}/TaskQueues", _PAGED)
WORKFLOWS = Endpoint("GET", "/Workspaces/{workspace}/Workflows", _PAGED)
ACTIVITIES = Endpoint("GET", "/Workspaces/{workspace}/Activities", _PAGED)
WORKERS = Endpoint("GET", "/Workspaces/{workspace}/Workers", _PAGED)

TASK_CHANNELS = Endpoint("GET", "/Workspaces/{workspace}/TaskChannels", _PAGED)
EVENTS = Endpoint(
    "GET", "/Workspaces/{workspace}/Events", _PAGED | _CHANNEL | {"EventType", "ReservationSid", "StartDate", "EndDate"}
)

WORKSPACE_REALTIME = Endpoint("GET", "/Workspaces/{workspace}/RealTimeStatistics", _CHANNEL)
WORKSPACE_CUMULATIVE = Endpoint("GET", "/Workspaces/{workspace}/CumulativeStatistics", _CUMULATIVE)
WORKSPACE_COMBINED = Endpoint("GET", "/Workspaces/{workspace}/Statistics", _CUMULATIVE)
QUEUE_REALTIME = Endpoint("GET", "/Workspaces/{workspace}/TaskQueues/{sid}/RealTimeStatistics", _CHANNEL)
QUEUE_CUMULATIVE = Endpoint("GET", "/Workspaces/{workspace}/TaskQueues/{sid}/CumulativeStatistics", _CUMULATIVE)
QUEUE_COMBINED = Endpoint("GET", "/Workspaces/{workspace}/TaskQueues/{sid}/Statistics", _CUMULATIVE)
QUEUES_LIST = Endpoint("GET", "/Workspaces/{workspace}/TaskQueues/Statistics", _CUMULATIVE | _PAGED | {"FriendlyName"})
QUEUES_BULK = Endpoint("POST", "/Workspaces/{workspace}/TaskQueues/RealTimeStatistics", limit=BULK_LIMIT)
WORKFLOW_REALTIME = Endpoint("GET", "/Workspaces/{workspace}/Workflows/{sid}/RealTimeStatistics", _CHANNEL)
WORKFLOW_CUMULATIVE = Endpoint("GET", "/Workspaces/{workspace}/Workflows/{sid}/CumulativeStatistics", _CUMULATIVE)
WORKFLOW_COMBINED = Endpoint("GET", "/Workspaces/{workspace}/Workflows/{sid}/Statistics", _CUMULATIVE)
WORKERS_REALTIME = Endpoint("GET", "/Workspaces/{workspace}/Workers/RealTimeStatistics", _CHANNEL)
WORKERS_CUMULATIVE = Endpoint("GET", "/Workspaces/{workspace}/Workers/CumulativeStatistics", _CHANNEL | PERIOD)
WORKERS_COMBINED = Endpoint(
    "GET",
    "/Workspaces/{workspace}/Workers/Statistics",
    _CHANNEL | PERIOD | {"TaskQueueSid", "TaskQueueName", "FriendlyName"},
)
WORKER = Endpoint("GET", "/Workspaces/{workspace}/Workers/{sid}/Statistics", _CHANNEL | PERIOD)

STATISTICS: Mapping[str, Endpoint] = {
    "workspace.realtime": WORKSPACE_REALTIME,
    "workspace.cumulative": WORKSPACE_CUMULATIVE,
    "workspace.combined": WORKSPACE_COMBINED,
    "queue.realtime": QUEUE_REALTIME,
    "queue.cumulative": QUEUE_CUMULATIVE,
    "queue.combined": QUEUE_COMBINED,
    "queues.list": QUEUES_LIST,
    "queues.bulk": QUEUES_BULK,
    "workflow.realtime": WORKFLOW_REALTIME,
    "workflow.cumulative": WORKFLOW_CUMULATIVE,
    "workflow.combined": WORKFLOW_COMBINED,
    "workers.realtime": WORKERS_REALTIME,
    "workers.cumulative": WORKERS_CUMULATIVE,
    "workers.combined": WORKERS_COMBINED,
    "worker": WORKER,
}
"""The fifteen statistics endpoints, by the operation names that plans use."""


def bulk_body(sids: Sequence[str]) -> dict[str, list[str]]:
    """The body of the bulk request. The key is `queueSids` in the documented example, if not in its table."""
    if not 1 <= len(sids) <= BULK_QUEUES:
        raise ValueError(f"a bulk request takes 1 to {BULK_QUEUES} queues, not {len(sids)}")
    return {"queueSids": list(sids)}


def date(moment: datetime) -> str:
    """A time as TaskRouter reads it: GMT, ISO 8601, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
