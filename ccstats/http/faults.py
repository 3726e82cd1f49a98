"""From status and headers to the error that says what to do next."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import ClassVar, Protocol

from ccstats.budget import RateHint
from ccstats.errors import (
    AuthError,
    BrokenAnswerError,
    NotFoundError,
    NotPermittedError,
    Origin,
    RateLimitedError,
    RequestRefusedError,
    UnavailableError,
    VendorError,
)


class Dialect(Protocol):
    """How one vendor speaks outside its answers proper: errors and rate-limit headers. Pure."""

    def fault(self, status: int, headers: Mapping[str, str], body: bytes, origin: Origin) -> VendorError:
        """The error for an answer with a status of 400 or more."""
        ...

    def hint(self, headers: Mapping[str, str]) -> RateHint | None:
        """What the headers say of the limit that the request was counted against."""
        ...


class JsonDialect:
    """A dialect of errors that are JSON objects with a code and a message, and of no rate-limit headers.

    Where a vendor's code says more than its status (throttling as 400), `means` gives the status that is meant.
    """

    means: ClassVar[Mapping[str, int]] = {}
    code_keys: ClassVar[tuple[str, ...]] = ("code",)
    message_keys: ClassVar[tuple[str, ...]] = ("message",)
    request_id_header: ClassVar[str] = ""

    def code(self, headers: Mapping[str, str], table: Mapping[str, object]) -> str | None:
        """The vendor's own error code."""
        return _first(table, self.code_keys)

    def fault(self, status: int, headers: Mapping[str, str], body: bytes, origin: Origin) -> VendorError:
        """The error by its code where that means something, or else by its status."""
        try:
            table = json.loads(body)
        except (ValueError, RecursionError):
            table = None
        table = table if isinstance(table, dict) else {}
        code = self.code(headers, table)
        return fault(
            self.means.get(code or "", status),
            _first(table, self.message_keys) or f"answered with status {status}",
            origin,
            code=code,
            request_id=headers.get(self.request_id_header),
            retry_after=retry_after(headers),
        )

    def hint(self, headers: Mapping[str, str]) -> RateHint | None:
        """None: there are no headers that say so."""
        return None


def _first(table: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    found = (table.get(key) for key in keys)
    return next((str(value) for value in found if isinstance(value, str | int) and value), None)


def fault(
    status: int,
    message: str,
    origin: Origin,
    *,
    code: str | None = None,
    request_id: str | None = None,
    retry_after: float | None = None,
) -> VendorError:
    """The error for an HTTP status, with what the vendor said about it."""
    origin = replace(origin, status=status, code=code, request_id=request_id)
    if status == 401:
        return AuthError(message, origin=origin)
    if status == 403:
        return NotPermittedError(message, origin=origin)
    if status in (404, 410):
        return NotFoundError(message, origin=origin)
    if status == 429:
        return RateLimitedError(message, origin=origin, retry_after=retry_after)
    if status == 408 or status >= 500:
        return UnavailableError(message, origin=origin, retry_after=retry_after)
    if status >= 400:
        return RequestRefusedError(message, origin=origin)
    return BrokenAnswerError(message, origin=origin)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The Retry-After header in seconds, or None where it is absent or makes no sense (negative, NaN, words)."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            seconds = (moment - (now or datetime.now(UTC))).total_seconds()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
