"""What a reading lacks: its Nones, as a value that is the same for all readings that lack the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from ccstats.model import Realtime, TimeStat, Window
from ccstats.model.part import Part, fields_of, reader

Lacks = tuple[object, ...]
Look = Callable[[Any], Lacks]


def lacking(values: Realtime | Window) -> Lacks:
    """The names of what is None in `values`, with those of its parts below the names of the parts.

    A time of no contacts says so: what it lacks, it lacks for another reason than others.
    """
    table = values.__dict__
    found: list[object] = [name for name, value in table.items() if value is None]
    for name, look in _inside(values.__class__):
        part = table[name]
        if part is not None and (below := look(part)):
            found.append((name, below))
    return tuple(found)


_known: dict[object, list[tuple[str, Look]]] = {}


def _inside(kind: type[Any]) -> list[tuple[str, Look]]:
    """The fields of a model or part that hold parts, and how to look into them."""
    found = _known.get(kind)
    if found is None:
        looks = ((name, _look(field.annotation)) for name, field in fields_of(kind).items())
        found = _known[kind] = [(name, look) for name, look in looks if look is not None]
    return found


def _look(annotation: Any) -> Look | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return _into(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return None  # an error of a family lacks nothing that anybody is told
    inner = [look for argument in get_args(annotation) if (look := _look(argument)) is not None]
    if not inner:
        return None
    look, origin = inner[0], get_origin(annotation)
    if origin is tuple:
        return lambda parts: _every(parts, look)
    return (lambda parts: _every(parts.values(), look)) if origin is dict else look


def _into(kind: type[Any]) -> Look:
    """How to look into parts of one kind."""
    names, read = reader(kind)
    inside = _inside(kind)
    place = {name: index for index, name in enumerate(names)}

    def look(part: Any) -> Lacks:
        values = read(part)
        if None not in values and not inside:
            return ()
        found: list[object] = [name for name, value in zip(names, values, strict=True) if value is None]
        for name, below in inside:
            held = values[place[name]]
            if held is not None and (lacks := below(held)):
                found.append((name, lacks))
        if found and kind is TimeStat and values[0] == 0:
            found.append(0)
        return tuple(found)

    return look


def _every(parts: Iterable[Any], look: Look) -> Lacks:
    """What several parts lack, each kind of lacking once, in the order in which they came."""
    found: dict[Lacks, None] = {}
    for part in parts:
        lacks = look(part)
        if lacks:
            found[lacks] = None
    return tuple(found)
