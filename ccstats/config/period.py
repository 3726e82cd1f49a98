"""Periods (`10s`, `5m`) and windows (`30m`, `today@Europe/Berlin`, `2026-11-20T08:00Z/2026-11-20T16:00Z`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, GetCoreSchemaHandler, PlainSerializer
from pydantic_core import CoreSchema, core_schema

PERIOD = re.compile(r"(?P<number>\d{1,9}(?:\.\d{1,6})?)(?P<unit>ms|s|m|h|d)")
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST_PERIOD = timedelta(days=366)
LONGEST_WINDOW = timedelta(days=30)
"""Twilio promises 30 days of history: https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics"""


def parse_period(value: object) -> timedelta:
    """A `timedelta` out of `"10s"`, a number of seconds or a `timedelta`."""
    if isinstance(value, timedelta) and value > timedelta(0):
        return value
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    else:
        match = PERIOD.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise ValueError('a period is a number and a unit, such as "10s", "5m" or "2h"')
        seconds = float(match["number"]) * UNITS[match["unit"]]
    if not 0 < seconds <= LONGEST_PERIOD.total_seconds():
        raise ValueError("a period is longer than 0 and at most a year")
    return timedelta(seconds=seconds)


def _written(period: timedelta) -> str:
    return f"{period.total_seconds():.6f}".rstrip("0").rstrip(".") + "s"


Period = Annotated[timedelta, BeforeValidator(parse_period), PlainSerializer(_written, when_used="json")]


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """Which period a window covers, by name; `bounds` says from when to when at a given moment.

    All of them begin and end on whole minutes, so that several vendors are asked for the same period.
    """

    name: str
    length: timedelta | None = None
    zone: str | None = None
    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def parse(cls, value: object) -> WindowSpec:
        """A window out of its name; `ValueError` says which forms there are."""
        if isinstance(value, WindowSpec):
            return value
        if not isinstance(value, str):
            raise ValueError("a window is written as text")  # noqa: TRY004 - pydantic wants ValueError
        if value == "today" or value.startswith("today@"):
            return cls._today(value)
        if "/" in value:
            return cls._fixed(value)
        length = parse_period(value)
        if length % timedelta(minutes=1) or length > LONGEST_WINDOW:
            raise ValueError('a window is whole minutes up to 30 days, such as "30m" or "8h"')
        return cls(name=value, length=length)

    @classmethod
    def _today(cls, value: str) -> WindowSpec:
        zone = value.partition("@")[2] if value != "today" else "UTC"
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):  # not found; a path instead of a name; a directory
            raise ValueError(f"unknown time zone in window {value!r}") from None
        return cls(name=value, zone=zone)

    @classmethod
    def _fixed(cls, value: str) -> WindowSpec:
        first, _, second = value.partition("/")
        try:
            start, end = datetime.fromisoformat(first), datetime.fromisoformat(second)
        except ValueError:
            raise ValueError("a fixed window is two ISO 8601 times with a slash between them") from None
        if start.tzinfo is None or end.tzinfo is None:
            raise ValueError("the times of a fixed window carry an offset, such as Z or +01:00")
        if start >= end:
            raise ValueError("a fixed window ends after it starts")
        try:
            start, end = start.astimezone(UTC), end.astimezone(UTC)
        except OverflowError:
            raise ValueError("a fixed window lies within the calendar") from None
        if any(moment.second or moment.microsecond for moment in (start, end)):
            raise ValueError("a fixed window starts and ends on whole minutes")
        return cls(name=value, start=start, end=end)

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """Start (included) and end (not included) in UTC, as of `now`."""
        if self.start is not None and self.end is not None:
            return self.start, self.end
        end = now.astimezone(UTC).replace(second=0, microsecond=0)
        if self.length is not None:
            return end - self.length, end
        local = end.astimezone(ZoneInfo(self.zone or "UTC"))
        # Where clocks go back over midnight there are two of them: the day begins with the first (fold=0).
        start = local.replace(hour=0, minute=0, fold=0).astimezone(UTC)
        # In the first minute of a day nothing of it has been completed: the window is that minute, not empty.
        return start, max(end, start + timedelta(minutes=1))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda spec: spec.name),
        )
