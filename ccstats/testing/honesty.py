"""Whether a snapshot keeps the promise of the model: a None is never without a reason, and missing is never zero."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel

from ccstats.adapter import Abilities, Ability, Reading
from ccstats.model import Realtime, Snapshot, Window
from ccstats.model.part import Part, fields_of
from ccstats.poller.merge import Merger

NOT_METRICS: Final = frozenset({"error", "observed_at"})
KEYED: Final = frozenset({"by_channel"})
"""Tables whose keys are data: they do not belong to the path of a metric."""

Leaf = str | int | float | bool | None
EMPTY: Final = frozenset({"[]", "{}"})
"""How `leaves` writes a list or table with nothing in it."""


def merged(abilities: Abilities, readings: Iterable[Reading]) -> Snapshot:
    """The one snapshot that the readings of one target make."""
    merger = Merger(abilities)
    for reading in readings:
        merger.add(reading)
    (snapshot,) = merger.snapshots()
    return snapshot


def leaves(snapshot: Snapshot) -> dict[tuple[str, ...], Leaf]:
    """Every value below `realtime` and `windows`, with its whole way in the JSON text of the snapshot."""
    dump = json.loads(snapshot.model_dump_json())
    return {
        way: value for family in ("realtime", "windows") for way, value in _leaves(dump[family], (family,)) if way[1:]
    }


def path(way: tuple[str, ...]) -> str:
    """The metric path of a value: without the indexes of lists and the keys of tables of channels."""
    kept = []
    for place, step in enumerate(way):
        above = way[place - 1] if place else ""
        if not step.startswith("[") and above not in KEYED:
            kept.append(step)
    return ".".join(kept)


def unexplained(snapshot: Snapshot) -> list[str]:
    """The metric paths of every None for which no gap gives a reason."""
    found = leaves(snapshot)
    return sorted({path(way) for way, value in found.items() if value is None and snapshot.gap(path(way)) is None})


def superfluous(snapshot: Snapshot) -> list[str]:
    """Every gap that stands where there is a value and no None."""
    found: dict[str, list[Leaf]] = {}
    for way, value in leaves(snapshot).items():
        parts = path(way).split(".")
        for end in range(1, len(parts) + 1):
            found.setdefault(".".join(parts[:end]), []).append(value)
    return sorted(gap for gap in snapshot.gaps if None not in found.get(gap, [None]))


def differences(before: Snapshot, after: Snapshot) -> set[str]:
    """The metric paths at which two snapshots of one target differ."""
    first, second = leaves(before), leaves(after)
    missing = object()
    return {path(way) for way in first.keys() | second.keys() if first.get(way, missing) != second.get(way, missing)}


def values(snapshot: Snapshot, wanted: str) -> list[Leaf]:
    """Every value at a metric path and below it."""
    return [
        value for way, value in leaves(snapshot).items() if path(way) == wanted or path(way).startswith(f"{wanted}.")
    ]


def within(changes: Iterable[str], allowed: Iterable[str]) -> bool:
    """Whether every changed path is one of the allowed ones, or below one."""
    allowed = tuple(allowed)
    return all(any(change == one or change.startswith(f"{one}.") for one in allowed) for change in changes)


def metric_paths() -> dict[str, bool]:
    """Every metric path of the model as abilities name it, and whether there are others below it."""
    return dict([*_paths(Realtime, "realtime"), *_paths(Window, "window")])


def declared(path: str, table: Mapping[str, Ability]) -> str | None:
    """The entry of an adapter's table that speaks for a metric: that of the path itself, or the nearest above it."""
    while path not in table and "." in path:
        path = path.rpartition(".")[0]
    return path if path in table else None


def known(snapshot: Snapshot) -> dict[str, list[Leaf]]:
    """Every value that is there, by metric path as abilities name it: `window.handle.sum`."""
    found: dict[str, list[Leaf]] = {}
    for way, value in leaves(snapshot).items():
        family, *below = path(way).split(".")
        below = below[1:] if family == "windows" else below
        if value is not None and value not in EMPTY and below != ["status"]:
            found.setdefault(".".join([family.rstrip("s"), *below]), []).append(value)
    return found


def _models(annotation: Any) -> Iterator[type[Any]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | Part):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _paths(model: type[Any], above: str) -> Iterator[tuple[str, bool]]:
    for name, field in fields_of(model).items():
        inner = list(_models(field.annotation))
        if name not in NOT_METRICS | {"status"}:
            yield f"{above}.{name}", bool(inner)
            for part in inner:
                yield from _paths(part, f"{above}.{name}")


def _leaves(value: Any, way: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            if key not in NOT_METRICS:
                yield from _leaves(item, (*way, key))
    elif isinstance(value, list) and value:
        for place, item in enumerate(value):
            yield from _leaves(item, (*way, f"[{place}]"))
    else:
        yield way, (None if value is None else str(value) if isinstance(value, dict | list) else value)
