"""The catalogue's definitions put into the JSON Schema of the model, where its readers look for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ccstats.metrics.catalog import CATALOG, CONTEXT, TIME_PARTS

PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "Realtime": ("realtime",),
    "Agents": ("realtime.agents",),
    "Activity": ("realtime.activities",),
    "ChannelRealtime": ("realtime.by_channel",),
    "Window": ("window",),
    "ChannelWindow": ("window.by_channel",),
    "ServiceLevel": ("window.service_levels",),
    "Reservations": ("window.reservations",),
    "ActivityDuration": ("window.activity_durations",),
}
"""Where the models of the schema stand among the metrics."""


def described(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema` with a description at every property that is a metric: definition, unit, kind and additivity."""
    definitions = dict(schema.get("$defs", {}))
    for model, places in PLACES.items():
        if model in definitions:
            properties = definitions[model]["properties"]
            named = {name: _with(one, places[0], name) for name, one in properties.items()}
            definitions[model] = {**definitions[model], "properties": named}
    if "TimeStat" in definitions:
        parts = definitions["TimeStat"]["properties"]
        named = {name: {**one, "description": TIME_PARTS[name]} for name, one in parts.items()}
        definitions["TimeStat"] = {**definitions["TimeStat"], "properties": named}
    return {**schema, "$defs": definitions}


def _with(prop: Mapping[str, Any], place: str, name: str) -> dict[str, Any]:
    metric = CATALOG.get(f"{place}.{name}")
    if metric is not None:
        words = f"{metric.definition} ({metric.unit.value}; {metric.shape.value}; {metric.additivity.value})"
        return {**prop, "description": words}
    context = CONTEXT.get(f"{place}.{name}")
    return {**prop, "description": context} if context is not None else dict(prop)
