"""What Connect's numbers mean. By which moment a contact belongs to a window, and much else, is not known for certain."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from ccstats import model
from ccstats.model import Definitions, Kind, MetricDefinition, Population

from ccstats_amazon_connect import api

GUIDE: Final = "https://docs.aws.amazon.com/connect/latest/adminguide/metrics-definitions.html"
NOW, DONE = model.TimeBasis.NOW, model.TimeBasis.UNKNOWN
PARTS: Final = (model.HandlePart.TALK, model.HandlePart.HOLD, model.HandlePart.AFTER_CALL_WORK)
LEFT: Final = model.Exits(callback=model.Exit.OUT, flow_out=model.Exit.UNKNOWN)
LEVELS: Final[Mapping[str, Any]] = {
    "abandon_rule": model.AbandonRule.BY_CHOICE,
    "exits": LEFT,
    "threshold_set_by": model.ThresholdOwner.CALLER,
    "comparator": model.Comparator.LESS_OR_EQUAL,
    "note": "vendor_ratio: all that left the queue in time, quick abandons and callbacks too, of all queued",
}


def _metric(basis: model.TimeBasis, population: Population, *names: str, **more: Any) -> MetricDefinition:
    unit = model.CountedUnit.AGENT if names[0].startswith("AGENTS") else model.CountedUnit.CONTACT
    said: dict[str, Any] = {
        "time_basis": basis,
        "population": population,
        "unit_of_count": unit,
        "origin": model.Origin.VENDOR,
    }
    source = model.DefinitionSource(names=names, address=GUIDE, read_on=date(2026, 11, 22))
    return MetricDefinition(source=source, **said, **more)


def _wait(basis: model.TimeBasis, end: str, population: Population, *names: str, **more: Any) -> MetricDefinition:
    ends: dict[str, Any] = {"wait_starts_at": model.WaitStart.QUEUE_ENTERED, "wait_ends_at": model.WaitEnd(end)}
    return _metric(basis, population, *names, ring_included=model.Told.UNKNOWN, **ends, **more)


METRICS: Final[Mapping[str, MetricDefinition]] = {
    "realtime.waiting": _metric(NOW, Population.WAITING, api.CURRENT["waiting"], ring_included=model.Told.UNKNOWN),
    "realtime.longest_wait": _wait(NOW, "now", Population.WAITING, api.AGE),
    "realtime.agents.available": _metric(NOW, Population.UNKNOWN, api.AGENTS["available"], note="can take a contact"),
    "realtime.agents.busy": _metric(NOW, Population.AGENTS_HANDLING, api.AGENTS["busy"]),
    "window.wait": _wait(DONE, "left_queue", Population.QUEUED, api.TIMES["wait"][1]),
    "window.speed_of_answer": _wait(DONE, "answered", Population.ANSWERED, api.TIMES["speed_of_answer"][1]),
    "window.abandoned": _metric(
        DONE, Population.ABANDONED, api.COUNTS["abandoned"], abandon_rule=model.AbandonRule.COUNT_AGAINST, exits=LEFT
    ),
    "window.handle": _metric(DONE, Population.HANDLED, api.TIMES["handle"][1], handle_parts=PARTS),
    "window.service_levels": _wait(DONE, "answered", Population.ANSWERED_AND_ABANDONED, *api.LEVELS, **LEVELS),
}
DEFINITIONS: Final = {one: Definitions.declare("amazon-connect", one, METRICS) for one in (Kind.QUEUE, Kind.WORKSPACE)}
