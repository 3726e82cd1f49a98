"""Whether the coordinator can be reached, said once when it changes."""

from __future__ import annotations

import asyncio
import logging

from ccstats.errors import CcstatsError, ConfigError, CoordinatorError

logger = logging.getLogger(__name__)

OUT_OF_REACH = (CoordinatorError, ConfigError)
"""Also a user that lost a permission: what works goes on, as when nobody answers."""


class Reach:
    """One process's way to the coordinator: a line when it is lost, and one when it is found again."""

    def __init__(self, who: str) -> None:
        self.error: str | None = None
        self.since = 0.0
        """The moment of the loop's clock when it was lost."""
        self._who = who

    def lost(self, error: CcstatsError) -> None:
        """Nobody answers."""
        if self.error is None:
            logger.warning("%s: the shared table is out of reach: %s", self._who, error)
            self.since = asyncio.get_running_loop().time()
        self.error = str(error)

    def found(self) -> bool:
        """Somebody answers; whether that is news."""
        if self.error is None:
            return False
        self.error = None
        away = asyncio.get_running_loop().time() - self.since
        logger.warning("%s: the shared table is in reach again, after %.0f s", self._who, away)
        return True
