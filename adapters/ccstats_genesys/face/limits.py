"""The rate limit: so many requests per token and minute, told in headers.

https://developer.genesys.cloud/organization/organization/limits
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from ccstats_genesys.face.errors import ApiError

MINUTE: Final = timedelta(minutes=1)


@dataclass(slots=True)
class _Window:
    """A minute that began with a token's first request in it."""

    start: datetime
    count: int = 0


class RateLimit:
    """What each token has spent of its current minute."""

    def __init__(self, per_minute: int) -> None:
        """Start with nothing spent."""
        self._allowed = per_minute
        self._windows: dict[str, _Window] = {}

    def spend(self, token: str, now: datetime) -> Mapping[str, str]:
        """Count a request and return the headers that tell about it; 429 where the minute is used up."""
        window = self._windows.get(token)
        if window is None or now - window.start >= MINUTE:
            self._windows = {known: each for known, each in self._windows.items() if now - each.start < MINUTE}
            window = self._windows[token] = _Window(now)
        reset = ceil((window.start + MINUTE - now).total_seconds())
        refused = window.count >= self._allowed
        window.count += not refused
        headers = {
            "inin-ratelimit-count": str(window.count),
            "inin-ratelimit-allowed": str(self._allowed),
            "inin-ratelimit-reset": str(reset),
        }
        if refused:
            raise ApiError(
                429,
                "too.many.requests.retry.after",
                f"Rate limit exceeded the maximum. Retry the request in [{reset}] seconds",
                headers={**headers, "Retry-After": str(reset)},
            )
        return headers
