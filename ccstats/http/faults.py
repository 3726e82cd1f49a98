"""From status and headers to the error that says what to do next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

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
