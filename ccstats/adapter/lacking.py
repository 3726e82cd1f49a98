"""What a reading lacks: its Nones, as a value that is the same for all readings that lack the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from ccstats.model import TimeStat


def lacking(values: BaseModel) -> tuple[object, ...]:
    """The names of what is None in `values`, with those of its parts below the names of the parts.

    A time of no contacts says so: what it lacks, it lacks for another reason than others.
    """
    table = values.__dict__
    found: list[object] = [name for name, value in table.items() if value is None] if None in table.values() else []
    parts = _parts.get(values.__class__)
    for name, look in _parts_of(values.__class__) if parts is None else parts:
        part = table[name]
        if part is not None and (below := look(part)):
            found.append((name, below))
    if found and values.__class__ is TimeStat and table["count"] == 0:
        found.append(0)
    return tuple(found)


def _every(parts: Iterable[BaseModel]) -> tuple[object, ...]:
    """What parts of one kind lack, each kind of lacking once, in the order in which they came."""
    found: dict[object, None] = {}
    for part in parts:
        if None in part.__dict__.values() or _parts.get(part.__class__, True):
            found[lacking(part)] = None
    found.pop((), None)
    return tuple(found)


def _every_value(parts: dict[Any, BaseModel]) -> tuple[object, ...]:
    return _every(parts.values())


Look = Callable[[Any], tuple[object, ...]]
_parts: dict[type[BaseModel], list[tuple[str, Look]]] = {}
"""By model: the fields that hold other models, and how to look into them."""


def _parts_of(kind: type[BaseModel]) -> list[tuple[str, Look]]:
    found = [(name, look) for name, field in kind.model_fields.items() if (look := _look(field.annotation)) is not None]
    _parts[kind] = found
    return found


def _look(annotation: Any) -> Look | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return lacking
    inner = [look for argument in get_args(annotation) if (look := _look(argument)) is not None]
    if not inner:
        return None
    ways: dict[Any, Look] = {tuple: _every, dict: _every_value}
    return ways.get(get_origin(annotation), inner[0])
