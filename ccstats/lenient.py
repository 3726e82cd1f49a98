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
from ccstats.model.values import MAX_COUNT, MAX_TOTAL, MAX_WAIT

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
    number = _number(value)
    if number is None or number != int(number) or not 0 <= number <= MAX_COUNT:
        return None
    return int(number)


def seconds(value: object, *, limit: timedelta = MAX_WAIT) -> timedelta | None:
    """A time out of a number of seconds."""
    number = _number(value)
    if number is None or not 0 <= number <= limit.total_seconds():
        return None
    return timedelta(seconds=number)


def total_seconds(value: object) -> timedelta | None:
    """A sum of times out of a number of seconds."""
    return seconds(value, limit=MAX_TOTAL)


def milliseconds(value: object, *, limit: timedelta = MAX_WAIT) -> timedelta | None:
    """A time out of a number of milliseconds."""
    number = _number(value)
    return None if number is None else seconds(number / 1000, limit=limit)


def total_milliseconds(value: object) -> timedelta | None:
    """A sum of times out of a number of milliseconds."""
    return milliseconds(value, limit=MAX_TOTAL)


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


def text(value: object) -> str | None:
    """Text that is not empty."""
    return _writable(value) if isinstance(value, str) and value else None


def member(table: object, key: str, *, absent: object = None) -> object:
    """`table[key]` where `table` is a mapping; `absent` where only the key is missing, None where the table is."""
    if not isinstance(table, Mapping):
        return None
    return table.get(key, absent)


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
