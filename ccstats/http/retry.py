"""Whether and when to send a request again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from ccstats.errors import RateLimitedError, TransientError

PASSING_STATUSES = frozenset({429, 502, 503, 504})
"""Answers that mean "not now". A 500 may be the request's own fault: the next poll is its retry."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `attempts` in all, with full jitter between `first` and `longest` seconds, doubling.

    A Retry-After is obeyed exactly, and where it is beyond `patience` the error goes to the caller, who can wait better
    than a request can.
    """

    attempts: int = 3
    first: float = 0.25
    longest: float = 20.0
    patience: float = 30.0

    def delay(
        self, attempt: int, error: TransientError, *, safe: bool, draw: Callable[[], float] = random.random
    ) -> float | None:
        """Seconds to wait after the failed `attempt` (1, 2, ...), or None to give up."""
        status = error.origin.status
        if attempt >= self.attempts or not safe or (status is not None and status not in PASSING_STATUSES):
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.patience else None
        ceiling: float = min(self.longest, self.first * 2 ** (attempt - 1))
        if isinstance(error, RateLimitedError):
            ceiling = max(ceiling, 1.0)  # a limit over seconds does not refill in milliseconds
        return ceiling * draw()
