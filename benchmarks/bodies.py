"""The answers that the benchmark's server gives: made here, the same in every run, in the published shapes.

Sizes follow what was measured of the vendors: a TaskRouter real-time answer is about 1.3 kB, a Genesys observation
answer about 5.9 kB per queue (25 metrics for each of 3 media types, and the queue's user metrics). Every answer exists
in a few variants, so that consecutive polls see changes.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

VARIANTS = 4
MEDIA = ("voice", "chat", "email")
ACCOUNT = "AC" + "0" * 32
WORKSPACE = "WS" + "0" * 32
ACTIVITIES = ("Idle", "Busy", "Offline", "Reserved", "Wrap up", "Meeting", "Training")
PRESENCES = ("Available", "Away", "Busy", "Offline", "Idle", "OnQueue", "Meal", "Training", "Meeting", "Break")
STATUSES = ("IDLE", "INTERACTING", "COMMUNICATING", "NOT_RESPONDING", "OFF_QUEUE")
OTHERS = ("oActiveUsers", "oOnQueueUsers", "oOffQueueUsers", "oLongestInteracting")
ODD: tuple[dict[str, float], ...] = ({}, {"ratio": 0.5})
BEGAN = 1_767_225_600_000
"""Epoch milliseconds at which the oldest contact began to wait."""


def dumps(value: object) -> bytes:
    """JSON as the vendors write it, without blanks."""
    return json.dumps(value, separators=(",", ":")).encode()


def sid(prefix: str, number: int) -> str:
    """A Twilio SID."""
    return f"{prefix}{number:032x}"


def queue_id(number: int) -> str:
    """A Genesys queue id."""
    return str(UUID(int=number + 1))


def presence_id(number: int) -> str:
    """A Genesys organization presence id."""
    return str(UUID(int=(1 << 96) + number))


def number_of(ident: str) -> int:
    """Which queue an id of `sid` or `queue_id` belongs to."""
    return int(ident[2:], 16) if ident.startswith("WQ") else UUID(ident).int - 1


def twilio_row(number: int, variant: int) -> dict[str, Any]:
    """The real-time statistics of one task queue, as a row of the bulk answer."""
    waiting = (number + variant) % 7
    return {
        "task_queue_sid": sid("WQ", number),
        "longest_task_waiting_age": waiting * 11,
        "longest_task_waiting_sid": sid("WT", number) if waiting else None,
        "longest_relative_task_age_in_queue": waiting * 9,
        "longest_relative_task_sid_in_queue": sid("WT", number) if waiting else None,
        "total_tasks": waiting + 5,
        "total_eligible_workers": 12,
        "total_available_workers": 4,
        "tasks_by_status": {"reserved": 1 if waiting else 0, "pending": waiting, "assigned": 4, "wrapping": 1},
        "tasks_by_priority": {"0": waiting, "5": 1},
        "activity_statistics": [
            {"friendly_name": name, "workers": (index + variant) % 5, "sid": sid("WA", index)}
            for index, name in enumerate(ACTIVITIES)
        ],
    }


def twilio_queue(number: int, variant: int) -> bytes:
    """The real-time statistics of one task queue as an answer of their own."""
    path = f"/v1/Workspaces/{WORKSPACE}/TaskQueues/{sid('WQ', number)}/RealTimeStatistics"
    url = f"https://taskrouter.twilio.com{path}"
    return dumps({"account_sid": ACCOUNT, "workspace_sid": WORKSPACE, "url": url} | twilio_row(number, variant))


def twilio_bulk(numbers: list[int], variant: int) -> bytes:
    """The bulk answer."""
    rows = [twilio_row(number, variant) for number in numbers]
    return dumps({"account_sid": ACCOUNT, "workspace_sid": WORKSPACE, "url": "", "task_queue_data": rows})


def twilio_workspace() -> bytes:
    """The workspace, whose workers take one task at a time."""
    return dumps({"sid": WORKSPACE, "friendly_name": "Bench", "multi_task_enabled": False})


def twilio_queues(total: int) -> bytes:
    """All task queues on one page."""
    rows = [
        {
            "sid": sid("WQ", number),
            "friendly_name": f"Queue {number}",
            "assignment_activity_sid": sid("WA", 1),
            "reservation_activity_sid": sid("WA", 3),
        }
        for number in range(total)
    ]
    return dumps({"task_queues": rows, "meta": {"next_page_url": None}})


def twilio_activities() -> bytes:
    """The activities of the workspace."""
    rows = [
        {"sid": sid("WA", index), "friendly_name": name, "available": index == 0}
        for index, name in enumerate(ACTIVITIES)
    ]
    return dumps({"activities": rows, "meta": {"next_page_url": None}})


def observation(number: int, variant: int) -> bytes:
    """The groups of one queue in an observation answer."""
    users: list[dict[str, Any]] = [{"metric": "oMemberUsers", "stats": {"count": 20}}]
    users += [
        {"metric": "oUserRoutingStatuses", "qualifier": status, "stats": {"count": (index + variant) % 4}}
        for index, status in enumerate(STATUSES)
    ]
    users += [
        {"metric": "oUserPresences", "qualifier": presence_id(index), "stats": {"count": (index + variant) % 3}}
        for index in range(len(PRESENCES))
    ]
    groups: list[dict[str, Any]] = [{"group": {"queueId": queue_id(number)}, "data": users}]
    for index, media in enumerate(MEDIA):
        waiting = (number + variant + index) % 6
        data: list[dict[str, Any]] = [
            {"metric": "oWaiting", "stats": {"count": waiting}},
            {"metric": "oAlerting", "stats": {"count": 1}},
            {"metric": "oInteracting", "stats": {"count": 3 + index}},
            {"metric": "oLongestWaiting", "stats": {"calculatedMetricValue": BEGAN + number}},
        ]
        data += [{"metric": OTHERS[row % 4], "stats": {"count": row} | ODD[row % 2]} for row in range(21)]
        groups.append({"group": {"queueId": queue_id(number), "mediaType": media}, "data": data})
    return b",".join(map(dumps, groups))


def aggregate(number: int, variant: int) -> bytes:
    """The groups of one queue in an aggregate answer."""
    groups = []
    for index, media in enumerate(MEDIA):
        answered = 20 + (number + variant + index) % 9
        counted = {"nOffered": answered + 3, "nTransferred": 2, "nOverSla": 5}
        times = ("tWait", "tAnswered", "tAbandon", "tShortAbandon", "tFlowOut", "tHandle", "tTalk", "tHeld", "tAcw")
        metrics: list[dict[str, Any]] = [{"metric": name, "stats": {"count": n}} for name, n in counted.items()]
        level = {"ratio": 0.8, "numerator": answered - 5, "denominator": answered, "target": 0.8}
        metrics.append({"metric": "oServiceLevel", "stats": level})
        for name in times:
            stats = {"count": answered, "sum": answered * 14_000.0, "min": 1_000.0, "max": 90_000.0}
            metrics.append({"metric": name, "stats": stats})
        interval = "2026-01-01T00:00:00.000Z/2026-01-01T00:30:00.000Z"
        group = {"queueId": queue_id(number), "mediaType": media}
        groups.append({"group": group, "data": [{"interval": interval, "metrics": metrics}]})
    return b",".join(map(dumps, groups))


def observations(groups: list[bytes]) -> bytes:
    """An observation answer out of the groups of its queues."""
    mappings = {name.upper(): [presence_id(index)] for index, name in enumerate(PRESENCES)}
    return b'{"systemToOrganizationMappings":' + dumps(mappings) + b',"results":[' + b",".join(groups) + b"]}"


def aggregates(groups: list[bytes]) -> bytes:
    """An aggregate answer out of the groups of its queues."""
    return b'{"results":[' + b",".join(groups) + b"]}"


def genesys_queues(total: int, page: int, size: int) -> bytes:
    """One page of queues."""
    first, last = (page - 1) * size, min(page * size, total)
    media = {"call": {"serviceLevel": {"percentage": 0.8, "durationMs": 20_000}}}
    rows = [
        {
            "id": queue_id(number),
            "name": f"Queue {number}",
            "division": {"id": "d", "name": "Home"},
            "mediaSettings": media,
        }
        for number in range(first, last)
    ]
    return dumps({"entities": rows, "pageNumber": page, "pageSize": size, "pageCount": max(1, -(-total // size))})


def presences() -> bytes:
    """The presence definitions."""
    rows = [
        {"id": presence_id(index), "systemPresence": name, "languageLabels": {"en_US": name}}
        for index, name in enumerate(PRESENCES)
    ]
    return dumps({"entities": rows})
