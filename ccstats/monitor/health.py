"""Whether a source is well, said once when it changes."""

from __future__ import annotations

import asyncio
import logging
import math

from ccstats.errors import AuthError, VendorError
from ccstats.monitor.stats import SourceState

logger = logging.getLogger(__name__)

REMIND_EVERY = 3600.0
FIRST_RETRY = 5.0
LONGEST_RETRY = 60.0
FIRST_PARKING = 60.0
LONGEST_PARKING = 900.0


class Health:
    """The state of one source. A thousand failing targets of one credential are one line, not a thousand."""

    def __init__(self, source: str) -> None:
        self.state = SourceState.STARTING
        self.error: str | None = None
        self.parked_until = -math.inf
        self._source = source
        self._said_at = -math.inf
        self._retry = FIRST_RETRY
        self._parking = FIRST_PARKING

    def answered(self) -> None:
        """Something was read."""
        if self.state in (SourceState.FAILING, SourceState.PARKED):
            logger.info("source %s answers again", self._source)
        self.state, self.error = SourceState.OK, None
        self._retry, self._parking, self.parked_until = FIRST_RETRY, FIRST_PARKING, -math.inf

    def failed(self, error: VendorError) -> float:
        """Nothing could be read; seconds until discovery should be tried again."""
        now = asyncio.get_running_loop().time()
        self.error = f"{type(error).__name__}: {error}"
        if self.state not in (SourceState.FAILING, SourceState.PARKED) or now - self._said_at >= REMIND_EVERY:
            logger.warning("source %s fails: %s", self._source, self.error)
            self._said_at = now
        if isinstance(error, AuthError):
            return self.park()
        self.state = SourceState.FAILING
        wait, self._retry = self._retry, min(self._retry * 2, LONGEST_RETRY)
        return max(wait, error.retry_after or 0.0)

    def park(self) -> float:
        """The credential was refused: leave the vendor alone for a while, longer each time; for how many seconds."""
        now = asyncio.get_running_loop().time()
        if self.parked_until <= now:
            self.parked_until = now + self._parking
            self._parking = min(self._parking * 2, LONGEST_PARKING)
        self.state = SourceState.PARKED
        return self.parked_until - now
