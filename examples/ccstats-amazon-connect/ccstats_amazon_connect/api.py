"""The wire format of Amazon Connect: metrics, requests, pages, errors. No I/O.

https://docs.aws.amazon.com/connect/latest/APIReference/API_GetCurrentMetricData.html and API_GetMetricDataV2.html
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from ccstats.budget import Limit
from ccstats.http import JsonDialect

Words = Sequence[str]
Period = tuple[datetime, datetime]
Body = dict[str, Any]

QUEUES: Final = 100
"""The most queues that one request names, and the most rows of a page."""
STATUSES: Final = 6
"""Of agents, and so rows of a queue, until discovery has counted them."""
RATES: Final = {"GetCurrentMetricData": Limit(50, 10.0), "GetMetricDataV2": Limit(50, 10.0)}
"""Five a second for metrics, two for the rest, per account and region:
https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html
"""
LISTS: Final = Limit(20, 10.0)

CURRENT: Final = {"waiting": "CONTACTS_IN_QUEUE", "after_call_work": "AGENTS_AFTER_CONTACT_WORK"}
AGENTS: Final = {
    "available": "AGENTS_AVAILABLE",
    "busy": "AGENTS_ON_CONTACT",
    "unavailable": "AGENTS_NON_PRODUCTIVE",
    "not_responding": "AGENTS_ERROR",
}
AGE, ACTIVE = "OLDEST_CONTACT_AGE", "SLOTS_ACTIVE"
NOW: Final = (AGE, ACTIVE, *CURRENT.values(), *AGENTS.values())
ONLINE: Final = "AGENTS_ONLINE"
"""The only metric that can be grouped by agent status."""

COUNTS: Final = {
    "offered": "CONTACTS_QUEUED_BY_ENQUEUE",
    "answered": "CONTACTS_HANDLED_BY_CONNECTED_TO_AGENT",
    "abandoned": "CONTACTS_ABANDONED",
    "handled": "CONTACTS_HANDLED",
    "transferred": "CONTACTS_TRANSFERRED_OUT",
    "flowed_out": "CONTACTS_TRANSFERRED_OUT_FROM_QUEUE",
}
TIMES: Final = {
    "wait": ("max", "MAX_QUEUED_TIME"),
    "speed_of_answer": ("average", "AVG_QUEUE_ANSWER_TIME"),
    "abandon_wait": ("average", "AVG_ABANDON_TIME"),
    "handle": ("sum", "SUM_HANDLE_TIME"),
    "talk": ("sum", "SUM_INTERACTION_TIME"),
    "hold": ("sum", "SUM_HOLD_TIME"),
    "after_call_work": ("sum", "SUM_AFTER_CONTACT_WORK_TIME"),
}
LEVELS: Final = ("SUM_CONTACTS_ANSWERED_IN_X", "SUM_CONTACTS_ABANDONED_IN_X", "SERVICE_LEVEL")

# Refused credentials have status 403, as missing permissions have; throttling comes as 429 or as 400.
REFUSED: Final = ("UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException")
MEANS: Final = {**dict.fromkeys(REFUSED, 401), "ThrottlingException": 429, "TooManyRequestsException": 429}


class Page(msgspec.Struct, rename="pascal"):
    """A page of any of the four operations; each has one of the lists."""

    metric_results: list[Any] | None = None
    queue_summary_list: list[Any] | None = None
    agent_status_summary_list: list[Any] | None = None
    next_token: str | None = None
    data_snapshot_time: Any = None

    @property
    def rows(self) -> list[Any]:
        """What the page is of."""
        return self.metric_results or self.queue_summary_list or self.agent_status_summary_list or []


def current(metrics: Words, groupings: Words, queues: Words, channels: Words) -> Body:
    """The body of GetCurrentMetricData."""
    return {
        "Filters": {"Queues": queues, **({"Channels": channels} if channels else {})},
        **({"Groupings": groupings} if groupings else {}),
        "CurrentMetrics": [{"Name": name, "Unit": "SECONDS" if name == AGE else "COUNT"} for name in metrics],
        "MaxResults": QUEUES,
    }


def history(arn: str, period: Period, levels: Sequence[int], groups: Words, queues: Words, channels: Words) -> Body:
    """The body of GetMetricDataV2: one total over the period."""
    filters = {"QUEUE": queues, **({"CHANNEL": channels} if channels else {})}
    thresholds = [[{"Comparison": "LTE", "ThresholdValue": float(level)}] for level in levels]
    return {
        "ResourceArn": arn,
        "StartTime": int(period[0].timestamp()),
        "EndTime": int(period[1].timestamp()),
        "Interval": {"TimeZone": "UTC", "IntervalPeriod": "TOTAL"},
        "Filters": [{"FilterKey": key, "FilterValues": values} for key, values in filters.items()],
        **({"Groupings": groups} if groups else {}),
        "Metrics": [{"Name": name} for name in (*COUNTS.values(), *(name for _, name in TIMES.values()))]
        + [{"Name": name, "Threshold": threshold} for threshold in thresholds for name in LEVELS],
        "MaxResults": QUEUES,
    }


class ConnectDialect(JsonDialect):
    """Errors of AWS's JSON protocol, whose codes stand in a header."""

    means = MEANS
    code_keys = ("__type",)
    message_keys = ("Message", "message")
    request_id_header = "x-amzn-RequestId"

    def code(self, headers: Mapping[str, str], table: Mapping[str, object]) -> str | None:
        """ThrottlingException, out of `ThrottlingException:http://...` or `com.amazonaws#ThrottlingException`."""
        code = headers.get("x-amzn-ErrorType") or super().code(headers, table) or ""
        return code.partition(":")[0].rpartition("#")[2] or None
