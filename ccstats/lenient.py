"""Reading what vendors send, field by field: the leniency that the model refuses to have.

Counts may come as strings, a field may be null, absent, NaN or absurd: each such field becomes None and costs nobody
else anything. A body that is no JSON at all is the vendor's one broken answer.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from ccstats.errors import BrokenAnswerError
from ccstats.model.values import COARSE, MAX_COUNT, MAX_TOTAL, MAX_WAIT, coarse

T = TypeVar("T")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def decode(body: bytes, shape: type[T]) -> T:
    """`body` as the msgspec struct `shape`; `BrokenAnswerError` where it is not JSON or of another shape.

    msgspec refuses NaN and numbers too large for a float, as JSON does. Some vendors send them all the same: then the
    standard parser reads the body, and the bad number ends as one unusable field instead of a lost answer.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _decode_slowly(body, shape)


def _decode_slowly(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.convert(_writable(json.loads(body)), type=shape)
    except msgspec.ValidationError as error:
        raise BrokenAnswerError(f"the answer has another shape than documented: {error}") from None
    except (ValueError, RecursionError):
        raise BrokenAnswerError(f"the answer is not JSON ({_kind(body)})") from None


def _writable(value: Any) -> Any:
    """The same without halves of characters (lone surrogates), which JSON can spell and nobody can write."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_writable(item) for item in value]
    if isinstance(value, dict):
        return {_writable(key): _writable(item) for key, item in value.items()}
    return value


def _kind(body: bytes) -> str:
    start = body.lstrip()[:1]
    if not start:
        return "it is empty"
    return "it looks like HTML" if start == b"<" else f"{len(body)} bytes"


def count(value: object) -> int | None:
    """A whole number from 0 to ten million, also out of a string such as `"12"` or a float such as 12.0."""
    if type(value) is not int:
        number = _number(value)
        if number is None or number != int(number):
            return None
        value = int(number)
    return value if 0 <= value <= MAX_COUNT else None


def seconds(value: object) -> timedelta | None:
    """A time out of a number of seconds."""
    return _time(value, 1, _MOST_WAIT)


def total_seconds(value: object) -> timedelta | None:
    """A sum of times out of a number of seconds."""
    return _time(value, 1, _MOST_TOTAL)


def milliseconds(value: object) -> timedelta | None:
    """A time out of a number of milliseconds."""
    return _time(value, 1000, _MOST_WAIT)


def total_milliseconds(value: object) -> timedelta | None:
    """A sum of times out of a number of milliseconds."""
    return _time(value, 1000, _MOST_TOTAL)


_MOST_WAIT = MAX_WAIT.total_seconds()
_MOST_TOTAL = MAX_TOTAL.total_seconds()


def _time(value: object, per_second: int, most: float) -> timedelta | None:
    number = value if type(value) is int or type(value) is float else _number(value)
    if number is None or not 0 <= number <= most * per_second:
        return None
    time = timedelta(seconds=number / per_second)
    return time if time < COARSE else coarse(time)


def ratio(value: object) -> float | None:
    """A share from 0 to 1."""
    number = _number(value)
    return number if number is not None and 0 <= number <= 1 else None


def number(value: object) -> float | None:
    """A finite number, also out of a string."""
    return _number(value)


def moment(value: object) -> datetime | None:
    """A time in UTC out of ISO 8601 text; without an offset it is taken as UTC, which both vendors mean."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def epoch(value: object) -> datetime | None:
    """A time in UTC out of seconds since 1970."""
    number = _number(value)
    try:
        return datetime.fromtimestamp(number, UTC) if number is not None and number > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def text(value: object) -> str | None:
    """Text that is not empty."""
    if type(value) is str and value.isascii():
        return value or None
    return _writable(value) if isinstance(value, str) and value else None


def member(table: object, key: str, *, absent: object = None) -> object:
    """`table[key]` where `table` is a mapping; `absent` where only the key is missing, None where the table is."""
    if type(table) is not dict and not isinstance(table, Mapping):  # the first is quick, and what decoding makes
        return None
    return table.get(key, absent)


def at(table: object, *way: str) -> object:
    """What stands at the end of `way` through mappings; None where it leads nowhere."""
    for key in way:
        table = member(table, key)
    return table


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            return None
        value = float(value)
    if not isinstance(value, int | float):
        return None
    try:
        result = float(value)
    except OverflowError:
        return None
    return result if math.isfinite(result) else None
