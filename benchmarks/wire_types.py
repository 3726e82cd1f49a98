"""What decoding a Genesys observation answer of 100 queues costs, per library: python benchmarks/wire_types.py

Prints ratios from interleaved rounds of one run: on a shared machine only those can be believed. The body is made
here in the published shape: conversation metrics per media type, user metrics per queue, about 6 kB a queue.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pydantic_core
from pydantic import BaseModel

from ccstats import lenient
from ccstats_genesys.api import wire

ROUNDS = 25
QUEUES = 100


class Stats(BaseModel):
    count: Any = None
    calculatedMetricValue: Any = None


class Metric(BaseModel):
    metric: str
    qualifier: str | None = None
    stats: Stats = Stats()


class Group(BaseModel):
    queueId: str | None = None
    mediaType: str | None = None


class Observation(BaseModel):
    group: Group
    data: list[Metric] | None = None


class Observations(BaseModel):
    results: list[Observation] | None = None


def body() -> bytes:
    """An answer for a hundred queues."""
    results = []
    for number in range(QUEUES):
        queue = str(UUID(int=number))
        users = [{"metric": "oUserPresences", "qualifier": str(UUID(int=n)), "stats": {"count": n}} for n in range(12)]
        users += [
            {"metric": "oUserRoutingStatuses", "qualifier": s, "stats": {"count": 3}} for s in ("IDLE", "OFF_QUEUE")
        ]
        results.append({"group": {"queueId": queue}, "data": users})
        for media in ("voice", "chat", "email"):
            data: list[dict[str, Any]] = [
                {"metric": metric, "stats": {"count": 4}} for metric in ("oWaiting", "oAlerting", "oInteracting")
            ]
            data.append({"metric": "oLongestWaiting", "stats": {"calculatedMetricValue": 1_767_225_600_000}})
            detail = {"observationDate": "2026-01-01T00:00:00.000Z", "sessionId": queue, "routingPriority": 0}
            data.append(
                {"metric": "oActiveUsers", "stats": {"count": 2}, "truncated": False, "observations": [detail] * 8}
            )
            results.append({"group": {"queueId": queue, "mediaType": media}, "data": data})
    return json.dumps({"results": results}).encode()


def cost(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Measure and print."""
    document = body()
    ways: dict[str, Callable[[], object]] = {
        "msgspec, typed structs (lenient.decode)": lambda: lenient.decode(document, wire.Observations),
        "msgspec, untyped": lambda: msgspec.json.decode(document),
        "pydantic_core.from_json": lambda: pydantic_core.from_json(document),
        "json.loads": lambda: json.loads(document),
        "pydantic models": lambda: Observations.model_validate_json(document),
    }
    rounds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, work in ways.items():
            gc.collect()
            rounds[name].append(cost(work))
    medians = {name: statistics.median(times) for name, times in rounds.items()}
    base = medians["msgspec, typed structs (lenient.decode)"]
    print(f"{len(document) / 1000:.0f} kB, {QUEUES} queues, {ROUNDS} interleaved rounds")
    for name, median in medians.items():
        print(f"{name:42} {median / QUEUES * 1e6:7.1f} us per queue  {median / base:6.1f}x")


if __name__ == "__main__":
    main()
