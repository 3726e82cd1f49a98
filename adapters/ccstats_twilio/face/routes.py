"""The endpoints of the face: paths as in the API document, and the names under which limits are counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ccstats_twilio.face import events, resources, statistics
from ccstats_twilio.face.call import Call

SPACES: Final = "/v1/Workspaces"
SPACE: Final = "/v1/Workspaces/{WorkspaceSid}"
QUEUE: Final = SPACE + "/TaskQueues/{TaskQueueSid}"
FLOW: Final = SPACE + "/Workflows/{WorkflowSid}"
BULK: Final = SPACE + "/TaskQueues/RealTimeStatistics"


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint; capped ones are refused in workspaces with too many workers."""

    path: str
    operation: str
    answer: Callable[[Call], dict[str, object]]
    method: str = "GET"
    capped: bool = False


ROUTES: Final = (
    Route(SPACES, "Workspace-List", resources.list_workspaces),
    Route(SPACES + "/{Sid}", "Workspace-Fetch", resources.fetch_workspace),
    Route(SPACE + "/Events", "Event-List", events.list_events),
    Route(SPACE + "/TaskChannels", "TaskChannel-List", resources.list_task_channels),
    Route(SPACE + "/Activities", "Activity-List", resources.list_activities),
    Route(SPACE + "/Statistics", "WorkspaceStatistics-Fetch", statistics.workspace_combined),
    Route(SPACE + "/RealTimeStatistics", "WorkspaceRealTimeStatistics-Fetch", statistics.workspace_realtime),
    Route(
        SPACE + "/CumulativeStatistics",
        "WorkspaceCumulativeStatistics-Fetch",
        statistics.workspace_cumulative,
    ),
    Route(SPACE + "/TaskQueues", "TaskQueue-List", resources.list_task_queues),
    Route(SPACE + "/TaskQueues/Statistics", "TaskQueueStatistics-List", statistics.queue_list),
    Route(
        BULK,
        "TaskQueueBulkRealTimeStatistics-Create",
        statistics.queue_bulk,
        method="POST",
    ),
    Route(SPACE + "/TaskQueues/{Sid}", "TaskQueue-Fetch", resources.fetch_task_queue),
    Route(QUEUE + "/Statistics", "TaskQueueStatistics-Fetch", statistics.queue_combined),
    Route(QUEUE + "/RealTimeStatistics", "TaskQueueRealTimeStatistics-Fetch", statistics.queue_realtime),
    Route(QUEUE + "/CumulativeStatistics", "TaskQueueCumulativeStatistics-Fetch", statistics.queue_cumulative),
    Route(SPACE + "/Workflows", "Workflow-List", resources.list_workflows),
    Route(SPACE + "/Workflows/{Sid}", "Workflow-Fetch", resources.fetch_workflow),
    Route(FLOW + "/Statistics", "WorkflowStatistics-Fetch", statistics.workflow_combined, capped=True),
    Route(
        FLOW + "/RealTimeStatistics",
        "WorkflowRealTimeStatistics-Fetch",
        statistics.workflow_realtime,
        capped=True,
    ),
    Route(
        FLOW + "/CumulativeStatistics",
        "WorkflowCumulativeStatistics-Fetch",
        statistics.workflow_cumulative,
        capped=True,
    ),
    Route(SPACE + "/Workers", "Worker-List", resources.list_workers),
    Route(SPACE + "/Workers/Statistics", "WorkerStatistics-Fetch", statistics.workers_combined, capped=True),
    Route(
        SPACE + "/Workers/RealTimeStatistics",
        "WorkersRealTimeStatistics-Fetch",
        statistics.workers_realtime,
        capped=True,
    ),
    Route(
        SPACE + "/Workers/CumulativeStatistics",
        "WorkersCumulativeStatistics-Fetch",
        statistics.workers_cumulative,
        capped=True,
    ),
    Route(SPACE + "/Workers/{Sid}", "Worker-Fetch", resources.fetch_worker),
    Route(
        SPACE + "/Workers/{WorkerSid}/Statistics",
        "WorkerInstanceStatistics-Fetch",
        statistics.worker_instance,
        capped=True,
    ),
)
