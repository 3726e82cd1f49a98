"""The right to poll one shard, by this process's own clock."""

from __future__ import annotations

import asyncio
import math

from ccstats.errors import RequestRefusedError

REFUSED = "not sent: the lease has ended, so another worker may be polling this by now"


class HeldLease:
    """Until when a worker may send requests for a shard: a permit that is asked in the moment when each one leaves.

    It ends before the lease does at the coordinator, counted from when its renewal was sent. So a process that was
    stopped for a while sends nothing when it wakes up, until it has heard that the shard is still its own.
    """

    def __init__(self, fence: int, until: float) -> None:
        self.fence = fence
        self.until = until

    @property
    def valid(self) -> bool:
        """Whether requests may leave now."""
        return asyncio.get_running_loop().time() < self.until

    @property
    def over(self) -> bool:
        """Whether it will never be valid again."""
        return self.until == -math.inf

    def extend(self, until: float) -> None:
        """It was renewed."""
        if not self.over:
            self.until = max(self.until, until)

    def end(self) -> None:
        """It is another's now, or was given back: nothing leaves any more."""
        self.until = -math.inf

    def take(self) -> None:
        """One request leaves; a `RequestRefusedError` where it must not."""
        if not self.valid:
            raise RequestRefusedError(REFUSED)
