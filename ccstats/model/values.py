"""The smallest parts of the model: counts, times, and what is computed from them.

The model refuses what cannot be true (-1, NaN, 1e999, "10", true) instead of repairing it. Vendors that send such
things are met with leniency in the parsers (`ccstats.lenient`), never here.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.dataclasses import dataclass

from ccstats.model.part import STRICT, Part

MAX_COUNT = 10_000_000
ZERO = timedelta(0)
MAX_WAIT = timedelta(days=1200)
"""Longer than any contact waits; an epoch timestamp mistaken for a duration (56 years) is far beyond it."""
MAX_TOTAL = timedelta(days=100_000_000)
COARSE = timedelta(days=50_000)


class Model(BaseModel):
    """What every model here is: frozen, tolerant of newer fields, silent about inputs in errors."""

    model_config = ConfigDict(frozen=True, **STRICT)
    _defaults: ClassVar[dict[str, Any]]
    _names: ClassVar[set[str]]

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Keep what `trusted` needs, once per class."""
        cls._names = set(cls.__pydantic_fields__)
        cls._defaults = _defaults(cls)

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """A model of values that a parser has judged already (`ccstats.lenient`): nothing is validated again.

        It equals the model that validation would have made, at a fraction of the cost; of values that validation would
        have refused it makes a lie. The names are the fields'; what is not given has its default.
        """
        made = cls.__new__(cls)
        table = cls._defaults.copy()
        table.update(values)
        _put_fields(made, table)
        _put_names(made, cls._names)
        _put_extra(made, None)
        _put_private(made, None)
        return made

    def but(self, **values: Any) -> Self:
        """The same with these values in place of its own, trusted like those of `trusted`."""
        return self.trusted(**{**self.__dict__, **values})

    def __eq__(self, other: object) -> bool:
        # pydantic's own also compares extra and private attributes, which no part of the model has, and takes five
        # times as long; every reading is compared with the one before it.
        if type(self) is not type(other):
            return NotImplemented
        return self.__dict__ == other.__dict__


_put = object.__setattr__
# The four attributes that pydantic keeps of a model, as its own `model_construct` sets them.
_put_fields = BaseModel.__dict__["__dict__"].__set__
_put_names = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_put_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_put_private = BaseModel.__dict__["__pydantic_private__"].__set__
MANY = 10
"""Fields, from which on a table with shared keys takes less memory than one with keys of its own."""


def _defaults(cls: type[Model]) -> dict[str, Any]:
    values = {
        name: None if field.is_required() else field.get_default(call_default_factory=True)
        for name, field in cls.__pydantic_fields__.items()
    }
    if len(values) <= MANY:
        return values
    # The attributes of an object of a class of its own: CPython keeps the keys once, for it and for all its copies.
    holder = type(cls.__name__, (), {})()
    for name, value in values.items():
        setattr(holder, name, value)
    shared: dict[str, Any] = vars(holder)
    return shared


def plus(one: int | None, other: int | None) -> int | None:
    """The sum of two counts; unknown where one of them is, or where it is larger than a count can be."""
    return None if one is None or other is None or one + other > MAX_COUNT else one + other


def coarse(time: timedelta) -> timedelta:
    """A time of `COARSE` or more in whole seconds.

    There, a JSON number no longer tells microseconds apart, and what is written must read back equal.
    """
    return timedelta(seconds=round(time.total_seconds()))


def _seconds(limit: timedelta) -> BeforeValidator:
    usual = min(limit, COARSE).total_seconds()

    def check(value: object) -> timedelta:
        if type(value) is float and 0.0 <= value < usual:  # nearly all, of the dozens in a row that is read
            return timedelta(seconds=value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if not math.isfinite(value) or abs(value) > MAX_TOTAL.total_seconds():
                raise ValueError("a time is a finite number of seconds")
            value = timedelta(seconds=value)
        if not isinstance(value, timedelta):
            raise ValueError("a time is a timedelta or a number of seconds")  # noqa: TRY004 - pydantic wants it
        if not ZERO <= value <= limit:
            raise ValueError(f"a time is between 0 and {limit.total_seconds():.0f} seconds")
        return value if value < COARSE else coarse(value)

    return BeforeValidator(check)


def _schema(limit: timedelta) -> WithJsonSchema:
    return WithJsonSchema({"type": "number", "minimum": 0, "maximum": limit.total_seconds(), "unit": "seconds"})


Count = Annotated[int, Field(strict=True, ge=0, le=MAX_COUNT)]
"""How many: a whole number from 0 to ten million."""
Duration = Annotated[timedelta, _seconds(MAX_WAIT), _schema(MAX_WAIT)]
"""How long one thing took: `timedelta` in Python, seconds in JSON."""
Total = Annotated[timedelta, _seconds(MAX_TOTAL), _schema(MAX_TOTAL)]
"""How long many things took together: `timedelta` in Python, seconds in JSON."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TimeStat(Part):
    """One time over many contacts: how many, how long in all, shortest, longest, average.

    `average` is derived where `count` and `sum` are known, whatever was passed; the average of nothing is None. A bare
    average (a vendor that gives no count) cannot be rolled up.
    """

    count: Count | None = None
    sum: Total | None = None
    min: Duration | None = None
    max: Duration | None = None
    average: Total | None = None

    @classmethod
    def of(cls, count: int, total: timedelta, least: timedelta | None, most: timedelta | None) -> Self:
        """A time of trusted values (count, sum, min, max), with its average."""
        made = cls.__new__(cls)
        _put(made, "count", count)
        _put(made, "sum", total)
        _put(made, "min", least)
        _put(made, "max", most)
        _put(made, "average", total / count if count else None)
        return made

    def joined(self, other: TimeStat) -> TimeStat | None:
        """Both as one, out of counts and sums, never averages; None where one of them has no count or no sum."""
        count = plus(self.count, other.count)
        if count is None or self.sum is None or other.sum is None:
            return None
        if not self.count or not other.count:
            return other if not self.count else self
        total = self.sum + other.sum
        if total > MAX_TOTAL:
            return None
        least = min(self.min, other.min) if self.min is not None and other.min is not None else None
        most = max(self.max, other.max) if self.max is not None and other.max is not None else None
        return TimeStat.of(count, total if total < COARSE else coarse(total), least, most)

    @model_validator(mode="after")
    def _derive_average(self) -> Self:
        if self.count is None or self.sum is None:
            if self.average is not None and self.average > MAX_WAIT:
                raise ValueError("an average is no longer than the longest wait")
        else:
            _put(self, "average", self.sum / self.count if self.count else None)
        return self
