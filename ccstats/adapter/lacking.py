"""What a reading lacks: its Nones, as a value that is the same for all readings that lack the same."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import Any, get_args

from pydantic import BaseModel

from ccstats.model import TimeStat


class _Form(Enum):
    """How to look into a value for what it lacks."""

    WHOLE = auto()
    FLAT = auto()
    """A model of values."""
    DEEP = auto()
    """A model of models."""
    ROWS = auto()
    TABLE = auto()


def lacking(values: BaseModel) -> tuple[object, ...]:
    """The names of what is None in `values`, with those of its parts below the names of the parts.

    A time of no contacts says so: what it lacks, it lacks for another reason than others.
    """
    found: list[object] = []
    for name, value in values.__dict__.items():
        if value is None:
            found.append(name)
            continue
        form = _forms.get(value.__class__) or _form(value.__class__)
        if form is _Form.WHOLE:
            continue
        if form is _Form.FLAT:
            below: object = _flat(value) if None in value.__dict__.values() else ()
        elif form is _Form.DEEP:
            below = lacking(value)
        else:
            below = _parts(value if form is _Form.ROWS else value.values())
        if below:
            found.append((name, below))
    return tuple(found)


def _parts(parts: Iterable[Any]) -> tuple[object, ...]:
    found: dict[object, None] = {}  # each kind of part once, in the order in which they came
    for part in parts:
        form = _forms.get(part.__class__) or _form(part.__class__)
        if form is _Form.DEEP:
            found[lacking(part)] = None
        elif form is _Form.FLAT and None in part.__dict__.values():
            found[_flat(part)] = None
    found.pop((), None)
    return tuple(found)


def _flat(values: BaseModel) -> tuple[object, ...]:
    table = values.__dict__
    nothing = (0,) if values.__class__ is TimeStat and table["count"] == 0 else ()
    return (*nothing, *[name for name, value in table.items() if value is None])


_forms: dict[type, _Form] = {}


def _form(kind: type) -> _Form:
    if issubclass(kind, BaseModel):
        deep = any(_holds_models(field.annotation) for field in kind.model_fields.values())
        form = _Form.DEEP if deep else _Form.FLAT
    elif issubclass(kind, tuple):
        form = _Form.ROWS
    else:
        form = _Form.TABLE if issubclass(kind, dict) else _Form.WHOLE
    _forms[kind] = form
    return form


def _holds_models(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(map(_holds_models, get_args(annotation)))
