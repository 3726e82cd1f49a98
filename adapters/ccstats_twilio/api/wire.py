"""What TaskRouter sends, as far as it is read. Leaves are untyped on purpose: the parser judges each field by itself.

The OpenAPI document leaves the nested objects without a schema and nearly everything nullable; counts come as
integers in its examples and as strings in the prose of the pages.
"""

from __future__ import annotations

from typing import Any

import msgspec


class RealTime(msgspec.Struct, gc=False):
    """Real-time statistics of a queue, a workflow, a workspace or of workers, flat or inside a combined answer."""

    task_queue_sid: Any = None
    tasks_by_status: Any = None
    tasks_by_priority: Any = None
    total_tasks: Any = None
    longest_task_waiting_age: Any = None
    longest_task_waiting_sid: Any = msgspec.UNSET
    longest_relative_task_age_in_queue: Any = None
    longest_relative_task_sid_in_queue: Any = msgspec.UNSET
    total_available_workers: Any = None
    total_eligible_workers: Any = None
    total_workers: Any = None
    activity_statistics: Any = None


class Cumulative(msgspec.Struct, gc=False):
    """Cumulative statistics of anything, flat or as one part of a combined answer."""

    start_time: Any = None
    end_time: Any = None
    tasks_entered: Any = None
    tasks_created: Any = None
    tasks_completed: Any = None
    tasks_canceled: Any = None
    tasks_moved: Any = None
    reservations_created: Any = None
    reservations_accepted: Any = None
    reservations_rejected: Any = None
    reservations_timed_out: Any = None
    reservations_canceled: Any = None
    reservations_rescinded: Any = None
    avg_task_acceptance_time: Any = None
    wait_duration_until_accepted: Any = None
    wait_duration_until_canceled: Any = None
    wait_duration_in_queue_until_accepted: Any = None
    split_by_wait_time: Any = None
    activity_durations: Any = None


class Combined(msgspec.Struct, gc=False):
    """The combined answer; also one row of the list of queue statistics."""

    realtime: RealTime | None = None
    cumulative: Cumulative | None = None
    task_queue_sid: Any = None


class Bulk(msgspec.Struct, gc=False):
    """The bulk answer: one row per known SID, and zeros for a well-formed SID of another account."""

    task_queue_data: list[RealTime] | None = None


class Meta(msgspec.Struct, gc=False):
    """The envelope of a page."""

    next_page_url: str | None = None


class QueueStatisticsPage(msgspec.Struct, gc=False):
    """One page of the list of queue statistics."""

    task_queues_statistics: list[Combined]
    meta: Meta = msgspec.field(default_factory=Meta)


class Workspace(msgspec.Struct, gc=False):
    """A workspace, as far as reading its statistics depends on it."""

    sid: str
    friendly_name: str | None = None
    multi_task_enabled: bool | None = None


class TaskQueue(msgspec.Struct, gc=False):
    """A task queue and the activities that its workers take while ringing and while handling."""

    sid: str
    friendly_name: str | None = None
    assignment_activity_sid: str | None = None
    reservation_activity_sid: str | None = None


class Named(msgspec.Struct, gc=False):
    """A workflow."""

    sid: str
    friendly_name: str | None = None


class Activity(msgspec.Struct, gc=False):
    """An activity; `available` cannot change after its creation."""

    sid: str
    friendly_name: str | None = None
    available: bool | None = None


class Worker(msgspec.Struct, gc=False):
    """A worker and the activity it is in."""

    sid: str
    friendly_name: str | None = None
    activity_sid: str | None = None
    activity_name: str | None = None
    available: bool | None = None


class WorkspacePage(msgspec.Struct, gc=False):
    """One page of workspaces."""

    workspaces: list[Workspace]
    meta: Meta = msgspec.field(default_factory=Meta)


class TaskQueuePage(msgspec.Struct, gc=False):
    """One page of task queues."""

    task_queues: list[TaskQueue]
    meta: Meta = msgspec.field(default_factory=Meta)


class WorkflowPage(msgspec.Struct, gc=False):
    """One page of workflows."""

    workflows: list[Named]
    meta: Meta = msgspec.field(default_factory=Meta)


class ActivityPage(msgspec.Struct, gc=False):
    """One page of activities."""

    activities: list[Activity]
    meta: Meta = msgspec.field(default_factory=Meta)


class Event(msgspec.Struct, gc=False):
    """One event. `event_data` may hold personal data, of which nothing but SIDs is looked at."""

    event_type: Any = None
    event_date_ms: Any = None
    resource_sid: Any = None
    event_data: Any = None


class EventPage(msgspec.Struct, gc=False):
    """One page of events."""

    events: list[Event]
    meta: Meta = msgspec.field(default_factory=Meta)


class TaskChannel(msgspec.Struct, gc=False):
    """A task channel of a workspace; its unique name is the account's choice."""

    sid: str
    unique_name: str | None = None


class TaskChannelPage(msgspec.Struct, gc=False):
    """One page of task channels."""

    channels: list[TaskChannel]
    meta: Meta = msgspec.field(default_factory=Meta)


class WorkerPage(msgspec.Struct, gc=False):
    """One page of workers."""

    workers: list[Worker]
    meta: Meta = msgspec.field(default_factory=Meta)
