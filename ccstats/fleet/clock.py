"""The coordinator's clock, as this process knows it from answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from ccstats.clock import wall_clock


class SharedClock:
    """Between two answers the loop's own clock counts: setting this host's wall clock changes nothing."""

    def __init__(self) -> None:
        self._ahead: float | None = None

    def heard(self, at: float) -> None:
        """An answer was made at this moment of the coordinator's clock."""
        self._ahead = at - asyncio.get_running_loop().time()

    @property
    def known(self) -> bool:
        """Whether there was an answer yet."""
        return self._ahead is not None

    def now(self) -> float:
        """The coordinator's time: seconds since 1970."""
        return asyncio.get_running_loop().time() + (self._ahead or 0.0)

    def here(self, at: float) -> float:
        """A moment of the coordinator's clock on the loop's clock; a little late, by the way that the answer took."""
        return at - (self._ahead or 0.0)

    def date(self, moment: float) -> datetime:
        """The coordinator's time at a moment of the loop's clock; this machine's, while there was no answer yet."""
        if self._ahead is None:
            return wall_clock() + timedelta(seconds=moment - asyncio.get_running_loop().time())
        return datetime.fromtimestamp(moment + self._ahead, UTC)
