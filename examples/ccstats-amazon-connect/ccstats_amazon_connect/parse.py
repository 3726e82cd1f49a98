"""From rows to readings. Pure.

What a missing number means: https://docs.aws.amazon.com/connect/latest/APIReference/API_GetCurrentMetricData.html
(null: it cannot be calculated; no row: there is no data in the system).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ccstats import lenient, model

from ccstats_amazon_connect import api

Statuses = Mapping[str, tuple[str | None, model.ActivityState]]
"""Name and meaning of an agent status, by id."""
STATES: Final = {"ROUTABLE": "available", "CUSTOM": "unavailable", "OFFLINE": "offline"}
NO_ROW: Final = model.Gap(reason=model.GapReason.NO_DATA, detail="Connect has found no data for it")
NOBODY: Final = model.Gap(reason=model.GapReason.NO_DATA, detail="nobody waits")
NOT_ASKED: Final = model.Gap(reason=model.GapReason.NOT_REQUESTED, detail="set agent_statuses = true")
NULL: Final = model.Gap(reason=model.GapReason.NO_DATA, detail="null: Connect has nothing to calculate it from")


def listed(rows: Sequence[object], key: str = "Name") -> dict[str, str | None]:
    """What stands under `key` in the rows of a list, by their ids."""
    found = ((lenient.text(lenient.member(row, "Id")), lenient.text(lenient.member(row, key))) for row in rows)
    return {ident: value for ident, value in found if ident is not None}


def statuses(rows: Sequence[object]) -> Statuses:
    """Name and meaning of every listed agent status."""
    names, types = listed(rows), listed(rows, "Type")
    return {ident: (names[ident], model.ActivityState(STATES.get(types[ident] or "", "unknown"))) for ident in names}


def dimension(row: object, *way: str) -> str | None:
    """The id in a row's dimensions; of an ARN its last part."""
    text = lenient.text(lenient.at(row, "Dimensions", *way))
    return text.rpartition("/")[2] if text else None


def values(row: object) -> dict[tuple[object, float | None], object]:
    """The values of a row, by the name of the metric and its threshold."""
    found: dict[tuple[object, float | None], object] = {}
    collections = lenient.member(row, "Collections")
    for one in collections if isinstance(collections, list) else []:
        thresholds = lenient.at(one, "Metric", "Threshold")
        limit = lenient.member(thresholds[0], "ThresholdValue") if isinstance(thresholds, list) and thresholds else None
        key = lenient.text(lenient.at(one, "Metric", "Name")), lenient.number(limit)
        found[key] = lenient.member(one, "Value", absent=())
    return found


def realtime(
    row: object, at: datetime, active: tuple[model.Activity, ...] | None, *, grouped: bool
) -> tuple[model.Realtime, dict[str, model.Gap]]:
    """What is true of a queue, or (not grouped) of all queues together; which statuses are active was asked apart."""
    if row is None:
        return model.Realtime(observed_at=at), {"": NO_ROW}
    metrics = values(row)
    counts = {name: lenient.count(metrics.get((name, None))) for name in api.NOW}
    slots, wrapping = counts[api.ACTIVE], counts[api.CURRENT["after_call_work"]]
    nobody = counts[api.CURRENT["waiting"]] == 0
    # The unit is called SECONDS always, and is one in grouped results only; else the value is in milliseconds, see
    # OLDEST_CONTACT_AGE in the document above.
    age = (lenient.seconds if grouped else lenient.milliseconds)(metrics.get((api.AGE, None)))
    table: dict[str, Any] = {field: counts[name] for field, name in api.CURRENT.items()}
    table["agents"] = model.Agents(**{field: counts[name] for field, name in api.AGENTS.items()})
    table["in_progress"] = None if slots is None or wrapping is None or slots < wrapping else slots - wrapping
    gaps = {"longest_wait": NOBODY} if nobody else {}
    if grouped and active is None:
        gaps["activities"] = NOT_ASKED
    return model.Realtime(observed_at=at, longest_wait=None if nobody else age, activities=active, **table), gaps


def activities(rows: Sequence[object], known: Statuses) -> dict[str | None, tuple[model.Activity, ...]]:
    """In which statuses each queue's agents are, by queue."""
    found: dict[str | None, tuple[model.Activity, ...]] = {}
    for row in rows:
        queue, ident = dimension(row, "Queue", "Id"), dimension(row, "AgentStatus", "Id")
        if ident is not None:
            called, state = known.get(ident, (None, model.ActivityState.UNKNOWN))
            agents = lenient.count(values(row).get((api.ONLINE, None)))
            found[queue] = (*found.get(queue, ()), model.Activity(id=ident, name=called, agents=agents, state=state))
    return found


def window(
    row: object, period: api.Period, levels: Sequence[int], at: datetime
) -> tuple[model.Window, dict[str, model.Gap]]:
    """What happened over the period that was asked for."""
    if row is None:
        return model.Window(observed_at=at), {"": NO_ROW}
    metrics = values(row)
    table: dict[str, Any] = {field: lenient.count(metrics.get((name, None))) for field, name in api.COUNTS.items()}
    for field, (part, name) in api.TIMES.items():
        value = (lenient.total_seconds if part == "sum" else lenient.seconds)(metrics.get((name, None)))
        # Contacts on hold are not counted, and those that were handled are others.
        counted = {"count": table["handled"]} if part == "sum" and field != "hold" else {}
        table[field] = None if value is None else model.TimeStat(**{part: value, **counted})
    table["service_levels"] = tuple(_level(metrics, level) for level in levels)
    empty = {field: NULL for field, (_, name) in api.TIMES.items() if metrics.get((name, None), ()) is None}
    return model.Window(observed_at=at, start=period[0], end=period[1], **table), empty


def _level(metrics: Mapping[tuple[object, float | None], object], level: int) -> model.ServiceLevel:
    met, within, percent = (lenient.number(metrics.get((name, float(level)))) for name in api.LEVELS)
    return model.ServiceLevel(
        threshold=lenient.seconds(level),
        comparator=model.Comparator.LESS_OR_EQUAL,
        met=lenient.count(met),
        abandoned_within=lenient.count(within),
        vendor_ratio=None if percent is None else lenient.ratio(percent / 100),
    )
