"""What Genesys Cloud sends, as far as it is read. Fields that nobody asked for are never made into objects.

Values are untyped on purpose: the parser judges each by itself, so that one odd number costs one field and not an
answer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

import msgspec


class Token(msgspec.Struct, gc=False):
    """The answer of the token endpoint. Its repr shows nothing."""

    access_token: str
    expires_in: Any = None

    def __repr__(self) -> str:
        return "Token(...)"


class Name(StrEnum):
    """Names of metrics as members, which decode to no new text; every other name is the member `OTHER`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls("") if isinstance(value, str) and value else None


class Observed(Name):
    """The metrics of an observation query: all that the vendor has."""

    ACTIVE_USERS = "oActiveUsers"
    ALERTING = "oAlerting"
    INTERACTING = "oInteracting"
    LONGEST_INTERACTING = "oLongestInteracting"
    LONGEST_WAITING = "oLongestWaiting"
    MEMBER_USERS = "oMemberUsers"
    OFF_QUEUE_USERS = "oOffQueueUsers"
    ON_QUEUE_USERS = "oOnQueueUsers"
    USER_PRESENCES = "oUserPresences"
    USER_ROUTING_STATUSES = "oUserRoutingStatuses"
    WAITING = "oWaiting"
    OTHER = ""


class Aggregated(Name):
    """The metrics of an aggregate query that are asked for."""

    OFFERED = "nOffered"
    TRANSFERRED = "nTransferred"
    OVER_SLA = "nOverSla"
    SERVICE_LEVEL = "oServiceLevel"
    WAIT = "tWait"
    ANSWERED = "tAnswered"
    ABANDON = "tAbandon"
    SHORT_ABANDON = "tShortAbandon"
    FLOW_OUT = "tFlowOut"
    HANDLE = "tHandle"
    TALK = "tTalk"
    HELD = "tHeld"
    ACW = "tAcw"
    OTHER = ""


class State(msgspec.Struct, gc=False):
    """The summary of an observed metric."""

    count: Any = msgspec.UNSET
    calculatedMetricValue: Any = None


class Summary(msgspec.Struct, gc=False):
    """The summary of an aggregated metric."""

    count: Any = msgspec.UNSET
    sum: Any = None
    min: Any = None
    max: Any = None
    numerator: Any = None
    denominator: Any = None


class ObservedMetric(msgspec.Struct, gc=False):
    """One metric of an observed group; `qualifier` is a routing status or an organization presence."""

    metric: Observed
    qualifier: str | None = None
    stats: State = msgspec.field(default_factory=State)


class AggregatedMetric(msgspec.Struct, gc=False):
    """One metric of an aggregated group."""

    metric: Aggregated
    stats: Summary = msgspec.field(default_factory=Summary)


class Group(msgspec.Struct, gc=False):
    """Which queue and media type; user metrics come without a media type."""

    queueId: str | None = None
    mediaType: str | None = None


class Observation(msgspec.Struct, gc=False):
    """One group of an observation answer; a queue with nothing to count can come without data."""

    group: Group
    data: list[ObservedMetric] | msgspec.UnsetType | None = msgspec.UNSET


class Observations(msgspec.Struct, gc=False):
    """The answer of the observation query."""

    results: list[Observation] = msgspec.field(default_factory=list)
    systemToOrganizationMappings: dict[str, list[str] | None] | None = None


class Bucket(msgspec.Struct, gc=False):
    """One interval of an aggregate group."""

    interval: Any = None
    metrics: list[AggregatedMetric] | msgspec.UnsetType | None = msgspec.UNSET


class Aggregate(msgspec.Struct, gc=False):
    """One group of an aggregate answer."""

    group: Group
    data: list[Bucket] | msgspec.UnsetType | None = msgspec.UNSET


class Aggregates(msgspec.Struct, gc=False):
    """The answer of the aggregate query; groups in which nothing happened are absent."""

    results: list[Aggregate] = msgspec.field(default_factory=list)


class FlatMetric(msgspec.Struct, gc=False):
    """One metric of an activity answer: without `stats`."""

    metric: Observed
    count: Any = msgspec.UNSET
    calculatedMetricValue: Any = None


class ActivityGroup(msgspec.Struct, gc=False):
    """One group of an activity answer."""

    group: Group
    data: list[FlatMetric] | msgspec.UnsetType | None = msgspec.UNSET


class Activity(msgspec.Struct, gc=False):
    """The answer of the conversation activity query."""

    results: list[ActivityGroup] = msgspec.field(default_factory=list)


class StatusCount(msgspec.Struct, gc=False):
    """How many agents of the organization have a routing status or a presence."""

    routingStatus: str | None = None
    organizationPresenceId: str | None = None
    systemPresence: str | None = None
    count: Any = None


class AgentCounts(msgspec.Struct, gc=False):
    """The answer of the agent status counts."""

    presenceCounts: list[StatusCount] | None = None
    routingStatusCounts: list[StatusCount] | None = None


class Named(msgspec.Struct, gc=False):
    """Anything with an id and a name."""

    id: str | None = None
    name: str | None = None


class Queue(msgspec.Struct, gc=False):
    """A queue; `mediaSettings` hold its service level targets per media."""

    id: str
    name: str | None = None
    division: Named | None = None
    mediaSettings: Any = None


class QueuePage(msgspec.Struct, gc=False):
    """One page of queues."""

    entities: list[Queue] | None = None
    pageCount: Any = None


class Presence(msgspec.Struct, gc=False):
    """An organization presence and the system presence behind it."""

    id: str
    systemPresence: str | None = None
    languageLabels: dict[str, Any] | None = None


class Presences(msgspec.Struct, gc=False):
    """All presence definitions."""

    entities: list[Presence] | None = None


class StatsQueue(msgspec.Struct, gc=False):
    """One row of /analytics/stats/queues; the published example carries no id."""

    metrics: dict[str, Any] | None = None
    id: str | None = None
    queueId: str | None = None


class StatsDivision(msgspec.Struct, gc=False):
    """The rows of one division."""

    queues: list[StatsQueue] | None = None


class QueueStats(msgspec.Struct, gc=False):
    """The answer of /analytics/stats/queues."""

    divisions: list[StatsDivision] | None = None
