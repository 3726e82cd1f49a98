"""Every Genesys Cloud endpoint that is used, and the bodies of its queries: built here, sent elsewhere.

Source: https://developer.genesys.cloud/analyticsdatamanagement/analytics/ and the vendor's swagger document.
`detailMetrics` are never asked for: they carry personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ccstats.budget import Limit
from ccstats_genesys.api.wire import Aggregated, Observed

TOKEN_LIMIT = Limit(300, 60.0)
"""Requests per minute and client-credentials token: https://developer.genesys.cloud/organization/organization/limits"""

QUEUES = "/api/v2/routing/queues"
QUEUES_PAGE = 100
DIVISION_VIEWS = "/api/v2/routing/queues/divisionviews/all"
DIVISION_VIEWS_PAGE = 500
PRESENCES = "/api/v2/presence/definitions"
OBSERVATIONS = "/api/v2/analytics/queues/observations/query"
AGGREGATES = "/api/v2/analytics/conversations/aggregates/query"
ACTIVITY = "/api/v2/analytics/conversations/activity/query"
AGENT_COUNTS = "/api/v2/analytics/agents/status/counts"
AGENT_GROUPINGS = ("presence", "routingStatus")
"""What agents are counted by; without it, only by segment type."""
STATS = "/api/v2/analytics/stats/queues"

CONVERSATION_METRICS = (Observed.WAITING, Observed.ALERTING, Observed.INTERACTING, Observed.LONGEST_WAITING)
USER_METRICS = (Observed.MEMBER_USERS, Observed.USER_ROUTING_STATUSES, Observed.USER_PRESENCES)
AGGREGATE_METRICS = tuple(metric for metric in Aggregated if metric is not Aggregated.OTHER)
STATS_METRICS = (
    "queue/waiting/count",
    "queue/agentsAvailable/count",
    "queue/agentsBusy/count",
    "queue/avgHandleTime",
    "queue/avgWaitTime",
)

IN_A_QUEUE = {"dimension": "queueId", "operator": "exists"}


def _any_of(dimension: str, values: Sequence[str]) -> dict[str, Any]:
    predicates = [{"dimension": dimension, "operator": "matches", "value": value} for value in values]
    return {"type": "or", "predicates": predicates}


def _all_of(*clauses: dict[str, Any]) -> dict[str, Any]:
    return {"type": "and", "clauses": list(clauses)}


def observations(queues: Sequence[str]) -> dict[str, Any]:
    """The state of many queues now.

    Channels are not filtered here: user metrics come in groups without a media type, and a filter would lose them.
    """
    return {"filter": _any_of("queueId", queues), "metrics": [*CONVERSATION_METRICS, *USER_METRICS]}


def interval(start: datetime, end: datetime) -> str:
    """A period as Genesys reads it."""
    return "/".join(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") for moment in (start, end))


def aggregates(queues: Sequence[str] | None, channels: Sequence[str], start: datetime, end: datetime) -> dict[str, Any]:
    """What happened in many queues over a period, or in all of them together (`queues=None`)."""
    by_queue = {"type": "and", "predicates": [IN_A_QUEUE]} if queues is None else _any_of("queueId", queues)
    clauses = [by_queue, *([_any_of("mediaType", channels)] if channels else [])]
    return {
        "interval": interval(start, end),
        "groupBy": ["mediaType"] if queues is None else ["queueId", "mediaType"],
        "filter": _all_of(*clauses),
        "metrics": list(AGGREGATE_METRICS),
    }


def activity(channels: Sequence[str]) -> dict[str, Any]:
    """The state of the whole organization now, by media type, in queues only."""
    clauses = [
        {"type": "and", "predicates": [IN_A_QUEUE]},
        *([_any_of("mediaType", channels)] if channels else []),
    ]
    return {
        "metrics": [{"metric": metric} for metric in CONVERSATION_METRICS],
        "groupBy": ["mediaType"],
        "filter": _all_of(*clauses),
    }


def stats(queues: Sequence[str]) -> dict[str, Any]:
    """The body of /analytics/stats/queues, as its tutorial prints it. No vendor document declares it."""
    return {"intervalType": "realtime", "queues": list(queues), "aggregates": list(STATS_METRICS)}
