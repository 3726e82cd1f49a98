"""What Genesys Cloud's numbers mean, by the API that answers.

https://help.mypurecloud.com/articles/metric-definitions/; administrators can change how service levels are counted,
and the change rewrites history: https://help.mypurecloud.com/articles/configure-the-service-level-calculation/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from ccstats.model import (
    AbandonRule,
    Comparator,
    CountedUnit,
    Definitions,
    DefinitionSource,
    Exit,
    Exits,
    HandlePart,
    Kind,
    MetricDefinition,
    Origin,
    Population,
    ThresholdOwner,
    TimeBasis,
    Told,
    WaitEnd,
    WaitStart,
)
from ccstats_genesys.api import queries

READ_ON: Final = date(2026, 11, 22)
METRICS: Final = "https://help.mypurecloud.com/articles/metric-definitions/"
OBSERVATIONS: Final = "https://developer.genesys.cloud/analyticsdatamanagement/analytics/observation/observation-query"
AGENTS: Final = "https://developer.genesys.cloud/analyticsdatamanagement/analytics/agent/"
SWITCHES: Final = "https://help.mypurecloud.com/articles/configure-the-service-level-calculation/"
# Callbacks do not populate tAnswered and tAbandon; system disconnects are in tAbandon.
LEFT: Final = Exits(flow_out=Exit.OUT, transfer=Exit.IN, missed=Exit.OUT, callback=Exit.OUT, system=Exit.IN)


@lru_cache(maxsize=2)
def definitions(*, stats: bool) -> Mapping[Kind, Definitions]:
    """What the numbers of each kind of target mean; `stats` where /analytics/stats/queues answers."""
    if stats:
        return {Kind.QUEUE: Definitions.declare("genesys", Kind.QUEUE, _stats())}
    return {kind: Definitions.declare("genesys", kind, _now(kind) | _window()) for kind in (Kind.QUEUE, Kind.WORKSPACE)}


def _source(address: str, *names: str) -> DefinitionSource:
    return DefinitionSource(names=names, address=address, read_on=READ_ON)


def _now(kind: Kind) -> dict[str, MetricDefinition]:
    now: dict[str, Any] = {"time_basis": TimeBasis.NOW, "retroactive": Told.NO, "origin": Origin.VENDOR}
    counts = OBSERVATIONS if kind is Kind.QUEUE else AGENTS
    names = ("oUserRoutingStatuses",) if kind is Kind.QUEUE else ("routingStatusCounts",)
    return {
        "realtime.waiting": MetricDefinition(
            ring_included=Told.UNKNOWN,
            population=Population.WAITING,
            unit_of_count=CountedUnit.CONVERSATION,
            source=_source(OBSERVATIONS, "oWaiting"),
            **now,
        ),
        "realtime.longest_wait": MetricDefinition(
            wait_starts_at=WaitStart.QUEUE_ENTERED,
            wait_ends_at=WaitEnd.NOW,
            ring_included=Told.UNKNOWN,
            population=Population.WAITING,
            unit_of_count=CountedUnit.CONVERSATION,
            source=_source(OBSERVATIONS, "oLongestWaiting"),
            **now,
        ),
        "realtime.agents.available": MetricDefinition(
            population=Population.AGENTS_FREE,
            unit_of_count=CountedUnit.AGENT,
            source=_source(counts, *(f"{name}[IDLE]" for name in names)),
            note="on queue and idle",
            **now,
        ),
        "realtime.agents.busy": MetricDefinition(
            population=Population.AGENTS_HANDLING,
            unit_of_count=CountedUnit.AGENT,
            source=_source(counts, *(f"{name}[INTERACTING, COMMUNICATING]" for name in names)),
            ring_included=Told.NO,
            note="agent-wide: maybe for another queue",
            **(now | {"origin": Origin.RECOMPUTED}),
        ),
    }


COMMON: Final[Mapping[str, Any]] = {"retroactive": Told.UNKNOWN, "origin": Origin.VENDOR}
WAITS: Final[Mapping[str, Any]] = {
    **COMMON,
    "wait_starts_at": WaitStart.QUEUE_ENTERED,
    "ring_included": Told.YES,
    "unit_of_count": CountedUnit.CONVERSATION,
}
PARTS: Final = (
    HandlePart.CONTACTING,
    HandlePart.DIALING,
    HandlePart.TALK,
    HandlePart.HOLD,
    HandlePart.AFTER_CALL_WORK,
)


def _window() -> dict[str, MetricDefinition]:
    return {
        "window.wait": MetricDefinition(
            wait_ends_at=WaitEnd.LEFT_QUEUE,
            population=Population.ANSWERED_AND_ABANDONED,
            exits=LEFT,
            time_basis=TimeBasis.DISCONNECT,
            source=_source(METRICS, "tWait"),
            **WAITS,
        ),
        "window.speed_of_answer": MetricDefinition(
            wait_ends_at=WaitEnd.ANSWERED,
            population=Population.ANSWERED,
            time_basis=TimeBasis.ANSWER,
            source=_source(METRICS, "tAnswered"),
            note="callbacks are not in it",
            **WAITS,
        ),
        "window.abandoned": MetricDefinition(
            population=Population.ABANDONED,
            abandon_rule=AbandonRule.COUNT_AGAINST,
            exits=LEFT,
            unit_of_count=CountedUnit.CONVERSATION,
            time_basis=TimeBasis.DISCONNECT,
            source=_source(METRICS, "tAbandon"),
            note="system disconnects are in it",
            **COMMON,
        ),
        "window.handle": _handle(),
        "window.service_levels": _service_levels(),
    }


def _handle() -> MetricDefinition:
    return MetricDefinition(
        population=Population.HANDLED,
        handle_parts=PARTS,
        unit_of_count=CountedUnit.SEGMENT,
        time_basis=TimeBasis.COMPLETION,
        source=_source(METRICS, "tHandle"),
        note="once per agent that handled a segment",
        **COMMON,
    )


def _service_levels() -> MetricDefinition:
    return MetricDefinition(
        wait_ends_at=WaitEnd.ANSWERED,
        population=Population.ANSWERED_AND_ABANDONED,
        abandon_rule=AbandonRule.BY_CHOICE,
        exits=LEFT,
        threshold_set_by=ThresholdOwner.QUEUE,
        comparator=Comparator.UNKNOWN,
        time_basis=TimeBasis.ANSWER,
        source=_source(SWITCHES, "tAnswered", "nOverSla", "oServiceLevel"),
        note="vendor_ratio follows three switches of the tenant, which change history as well",
        **{**WAITS, "retroactive": Told.YES},
    )


def _stats() -> dict[str, MetricDefinition]:
    address = queries.STATS

    def unknown(
        population: Population, unit: CountedUnit, basis: TimeBasis, name: str, **more: Any
    ) -> MetricDefinition:
        return MetricDefinition(
            population=population,
            unit_of_count=unit,
            time_basis=basis,
            origin=Origin.VENDOR,
            source=_source(address, name),
            note="no document of the vendor describes this endpoint",
            **more,
        )

    return {
        "realtime.waiting": unknown(
            Population.WAITING, CountedUnit.UNKNOWN, TimeBasis.NOW, "queue/waiting/count", ring_included=Told.UNKNOWN
        ),
        "realtime.agents.available": unknown(
            Population.UNKNOWN, CountedUnit.AGENT, TimeBasis.NOW, "queue/agentsAvailable/count"
        ),
        "realtime.agents.busy": unknown(Population.UNKNOWN, CountedUnit.AGENT, TimeBasis.NOW, "queue/agentsBusy/count"),
        "window.wait": unknown(
            Population.UNKNOWN,
            CountedUnit.UNKNOWN,
            TimeBasis.UNKNOWN,
            "queue/avgWaitTime",
            wait_starts_at=WaitStart.UNKNOWN,
            wait_ends_at=WaitEnd.UNKNOWN,
            ring_included=Told.UNKNOWN,
        ),
        "window.handle": unknown(
            Population.HANDLED, CountedUnit.UNKNOWN, TimeBasis.UNKNOWN, "queue/avgHandleTime", handle_parts=()
        ),
    }
