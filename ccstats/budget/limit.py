"""Limits as values: what a vendor allows, what its headers say, and which rate and burst keep inside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MARGIN = 0.10
"""What is left unspent of every vendor limit: clocks differ, and a vendor may count a request when it ends."""
BURST_SHARE = 0.05
"""How much of a window may be spent at once; the rest is spread evenly."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `requests` in any period of `window` seconds."""

    requests: float
    window: float

    def scaled(self, factor: float) -> Limit:
        """The same window with `factor` times the requests, and at least one."""
        return Limit(max(self.requests * factor, 1.0), self.window)

    def pace(self) -> Pace:
        """Burst b and rate r such that b + r * window <= requests."""
        if self.requests < 4:
            # So few that a burst would be most of them: evenly spaced, one at a time, a little slower than allowed.
            return Pace(rate=math.floor(self.requests) / (self.window * 1.01), burst=1)
        burst = max(1, math.floor(self.requests * BURST_SHARE))
        return Pace(rate=(self.requests - burst) / self.window, burst=burst)


@dataclass(frozen=True, slots=True)
class Pace:
    """A token bucket: `rate` tokens a second, `burst` tokens at most. In any W seconds, at most burst + rate * W."""

    rate: float
    burst: int


def strictest(paces: Sequence[Pace]) -> Pace:
    """The lowest rate and the smallest burst: over different windows neither alone would hold every limit."""
    return Pace(rate=min(pace.rate for pace in paces), burst=min(pace.burst for pace in paces))


@dataclass(frozen=True, slots=True)
class RateHint:
    """What a vendor's headers say of a limit; what they do not say is None. Times in seconds."""

    limit: Limit | None = None
    remaining: float | None = None
    reset: float | None = None
