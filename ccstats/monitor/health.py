"""Whether a source is well, said once when it changes."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Collection

from ccstats.errors import AuthError, VendorError
from ccstats.monitor.stats import SourceState
from ccstats.poller import log_bug

logger = logging.getLogger(__name__)

DISCOVERY = "discovery"
REMIND_EVERY = 3600.0
REMIND_FIRST = 1800.0
"""Seconds. An outage of an hour has a reminder in its middle; a refused credential waits for a person anyway."""
FIRST_RETRY = 5.0
LONGEST_RETRY = 60.0
FIRST_PARKING = 60.0
LONGEST_PARKING = 900.0


class Health:
    """The state of one source, by what of it fails: its discovery, its plan, or batches by key.

    A line is logged when the first thing fails, one when nothing fails any more, and in between one for every hour
    that it lasts. So a thousand failing targets of one credential are one line, and one bad batch among many good ones
    is one, too.
    """

    def __init__(self, source: str) -> None:
        self.state = SourceState.STARTING
        self.error: str | None = None
        self.parked_until = -math.inf
        self._source = source
        self._bad: set[str] = set()
        self._remind_at = -math.inf
        self._bugs: dict[str, float] = {}
        self._retry = FIRST_RETRY
        self._parking = FIRST_PARKING

    def answered(self, what: str) -> None:
        """This was read."""
        if what == DISCOVERY:
            self._retry = FIRST_RETRY
        else:  # only a reading shows that the credential is good again
            self._parking, self.parked_until = FIRST_PARKING, -math.inf
        self._bad.discard(what)
        if self.parked_until > -math.inf:
            return
        if not self._bad and self.error is not None:
            logger.info("source %s answers again", self._source)
            self.error = None
        if what != DISCOVERY or self.state in (SourceState.STARTING, SourceState.FAILING):
            self.state = SourceState.OK

    def failed(self, what: str, error: VendorError) -> float:
        """This could not be read; in how many seconds discovery, if it was that, should be tried again."""
        now = asyncio.get_running_loop().time()
        refused = isinstance(error, AuthError) and error.renewable
        if self.error is None or now >= self._remind_at:
            logger.warning("source %s fails: %s: %s", self._source, type(error).__name__, error)
            self._remind_at = now + (REMIND_FIRST if self.error is None and not refused else REMIND_EVERY)
        self._bad.add(what)
        self.error = f"{type(error).__name__}: {error}"
        if refused:  # off an allow-list (not renewable), the secret is not at fault
            return self._park(now, error.retry_after)
        if self.parked_until <= now:
            self.state = SourceState.FAILING
        wait, self._retry = self._retry, min(self._retry * 2, LONGEST_RETRY)
        return max(wait, error.retry_after or 0.0)

    def planned(self, batches: Collection[str]) -> None:
        """These are the batches from now on; what is no longer planned no longer fails."""
        self._bad = {what for what in self._bad if what == DISCOVERY or what in batches}

    def bug(self, source: str, doing: str, error: Exception) -> None:
        """A bug in the adapter: its traceback is worth having once an hour, not at every slot."""
        now = asyncio.get_running_loop().time()
        what = f"{doing}: {type(error).__name__}"
        if now - self._bugs.get(what, -math.inf) >= REMIND_EVERY:
            self._bugs[what] = now
            log_bug(source, doing, error)

    def _park(self, now: float, refused_for: float | None) -> float:
        """The credential was refused: leave the vendor alone for a while, longer each time.

        Where the credential's guard knows for how long, it is asked again when the guard lets one through.
        """
        if self.parked_until <= now:
            self.parked_until = now + (self._parking if refused_for is None else refused_for)
            self._parking = min(self._parking * 2, LONGEST_PARKING)
        self.state = SourceState.PARKED
        return self.parked_until - now
