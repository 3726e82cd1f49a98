"""What the families are made of: counts, times and rows, a dozen and more of them in every snapshot.

They are pydantic dataclasses with slots and no models: as strict and as frozen, written and read as JSON like the
rest, at a third of the memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Self

from pydantic import ConfigDict, TypeAdapter

STRICT = ConfigDict(
    defer_build=True,  # validators are built at first use: most programs that import us need few of them
    extra="ignore",
    allow_inf_nan=False,
    ser_json_timedelta="float",
    hide_input_in_errors=True,
)


class Part:
    """What every part has. Parts are frozen; `but` makes another one."""

    __slots__ = ()

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """A part of values that a parser has judged already (`ccstats.lenient`): nothing is validated again.

        It equals the part that validation would have made, at a fraction of the cost; of values that validation would
        have refused it makes a lie. The names are the fields'; what is not given has its default.
        """
        made = cls.__new__(cls)
        defaults, puts = _form(cls)
        for put, value in zip(puts, {**defaults, **values}.values(), strict=True):
            put(made, value)
        return made

    def but(self, **values: Any) -> Self:
        """The same with these values in place of its own, trusted like those of `trusted`."""
        return self.trusted(**{**table(self), **values})

    # What models can do, by the names that models have for it.

    def model_dump(self, **how: Any) -> dict[str, Any]:
        """As a table; `how` is what pydantic's method of that name takes."""
        dumped: dict[str, Any] = _adapter(self.__class__).dump_python(self, **how)
        return dumped

    def model_dump_json(self, **how: Any) -> str:
        """As JSON; `how` is what pydantic's method of that name takes."""
        return _adapter(self.__class__).dump_json(self, **how).decode()

    @classmethod
    def model_validate(cls, value: object, **how: Any) -> Self:
        """Out of a table, judged value by value."""
        found: Self = _adapter(cls).validate_python(value, **how)
        return found

    @classmethod
    def model_validate_json(cls, text: str | bytes, **how: Any) -> Self:
        """Out of JSON, judged value by value."""
        found: Self = _adapter(cls).validate_json(text, **how)
        return found

    def model_copy(self, *, update: Mapping[str, Any] | None = None) -> Self:
        """The same with other values, as trusted as those of `but`."""
        return self.but(**(update or {}))


_adapters: dict[object, TypeAdapter[Any]] = {}
_forms: dict[object, tuple[dict[str, Any], list[Callable[[Any, Any], None]]]] = {}
_readers: dict[object, tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]] = {}


def _adapter(cls: type[Part]) -> TypeAdapter[Any]:
    if cls not in _adapters:
        _adapters[cls] = TypeAdapter(cls)
    return _adapters[cls]


def _form(cls: type[Part]) -> tuple[dict[str, Any], list[Callable[[Any, Any], None]]]:
    """The defaults of the fields, and what sets each: the slot itself, past the refusal of whatever is frozen."""
    known = _forms.get(cls)
    if known is None:
        fields = fields_of(cls)
        defaults = {name: None if field.is_required() else field.get_default() for name, field in fields.items()}
        known = _forms[cls] = defaults, [vars(cls)[name].__set__ for name in fields]
    return known


def reader(cls: type[Part]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of a part's fields, and what reads all of them at once."""
    known = _readers.get(cls)
    if known is None:
        names = tuple(fields_of(cls))
        known = _readers[cls] = names, attrgetter(*names)
    return known


def fields_of(kind: type[Any]) -> dict[str, Any]:
    """The fields of a part or a model, by name."""
    found: dict[str, Any] = kind.__pydantic_fields__
    return found


def table(values: Any) -> dict[str, Any]:
    """The fields of a part or a model with their values. Of a model it is its own table, which must not be changed."""
    if not isinstance(values, Part):
        own: dict[str, Any] = values.__dict__
        return own
    names, read = reader(values.__class__)
    return dict(zip(names, read(values), strict=True))
