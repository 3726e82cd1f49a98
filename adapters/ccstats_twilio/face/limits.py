"""TaskRouter's limits: requests per second averaged over ten seconds, for each workspace and operation.

https://www.twilio.com/docs/taskrouter/api and https://www.twilio.com/docs/taskrouter/limits
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ccstats_twilio.face.errors import ApiError

SPAN: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Budget:
    """How the budget of one operation stands; `allowed` and `left` are requests per ten seconds."""

    operation: str
    per_second: float
    allowed: int
    left: int
    refused: bool

    def headers(self) -> dict[str, str]:
        """Return the headers that tell the client; their syntax is documented nowhere."""
        return {
            "X-Rate-Limit-Limit": f"{self.per_second:g}",
            "X-Rate-Limit-Remaining": str(self.left),
            "X-Rate-Limit-Config": f"{self.operation}; {self.per_second:g}/s over {SPAN.total_seconds():g}s",
        }


class Limits:
    """Counts the requests of the last ten seconds and those in flight, and refuses what goes beyond."""

    def __init__(self, concurrency: int | None) -> None:
        self._concurrency = concurrency
        self._spent: defaultdict[tuple[str, str], deque[datetime]] = defaultdict(deque)
        self.in_flight = 0

    def enter(self) -> None:
        """Count one more request in flight, or refuse it."""
        if self._concurrency is not None and self.in_flight >= self._concurrency:
            raise ApiError(429, "Too Many Requests", 20429)
        self.in_flight += 1

    def leave(self) -> None:
        """Count one request in flight less."""
        self.in_flight -= 1

    def spend(self, key: tuple[str, str], per_second: float, now: datetime) -> Budget:
        """Spend one request of a workspace and operation where any is left, and return how the budget stands."""
        spent = self._spent[key]
        while spent and spent[0] <= now - SPAN:
            spent.popleft()
        allowed = int(per_second * SPAN.total_seconds())
        refused = len(spent) >= allowed
        if not refused:
            spent.append(now)
        return Budget(key[1], per_second, allowed, allowed - len(spent), refused)
