"""/api/v2/analytics/stats/queues to the neutral model: pure.

The endpoint is in a tutorial and in no document of the vendor. Its rows carry no id and its averages (milliseconds)
no count; an average of 0 "if no interactions have completed recently" is the average of nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ccstats import lenient
from ccstats.adapter import GapFiller, Gaps
from ccstats.model import Agents, Gap, GapReason, Realtime, TimeStat, Window
from ccstats_genesys.abilities import STATS
from ccstats_genesys.api import wire

WINDOW = "vendor"
"""The name of the window that this endpoint gives: its period is not known."""
NOTHING = Gap(reason=GapReason.NO_DATA, detail="0 is what the endpoint answers when nothing was completed recently")
_FILLER = GapFiller(STATS)


def rows(answer: wire.QueueStats) -> list[wire.StatsQueue]:
    """Every row of every division."""
    return [queue for division in answer.divisions or [] for queue in division.queues or []]


def identified(found: list[wire.StatsQueue]) -> bool:
    """Whether every row says which queue it is about."""
    return bool(found) and all(row.id or row.queueId for row in found)


def row_of(found: list[wire.StatsQueue], queue: str) -> wire.StatsQueue | None:
    """The row of `queue`: by id where rows carry one, else the only row there is."""
    for row in found:
        if queue in (row.id, row.queueId):
            return row
    only = found[0] if len(found) == 1 else None
    return only if only is not None and only.id is None and only.queueId is None else None


def realtime(row: wire.StatsQueue, at: datetime) -> tuple[Realtime, Gaps]:
    """What is true now."""
    metrics = row.metrics or {}
    values = Realtime(
        observed_at=at,
        waiting=lenient.count(metrics.get("queue/waiting/count")),
        agents=Agents(
            available=lenient.count(metrics.get("queue/agentsAvailable/count")),
            busy=lenient.count(metrics.get("queue/agentsBusy/count")),
        ),
    )
    return values, _FILLER.fill(values, "realtime", {})


def window(row: wire.StatsQueue, at: datetime) -> tuple[Window, Gaps]:
    """The two averages, over a period that only the vendor knows."""
    metrics = row.metrics or {}
    handle, wait = _average(metrics, "queue/avgHandleTime"), _average(metrics, "queue/avgWaitTime")
    zero = {name: NOTHING for name, average in (("handle", handle), ("wait", wait)) if average == timedelta(0)}
    values = Window(
        observed_at=at,
        handle=TimeStat(average=handle) if handle else None,
        wait=TimeStat(average=wait) if wait else None,
    )
    return values, _FILLER.fill(values, "window", zero)


def _average(metrics: dict[str, Any], name: str) -> timedelta | None:
    return lenient.milliseconds(metrics.get(name))
