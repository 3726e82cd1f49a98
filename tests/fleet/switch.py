"""A way to a coordinator that can be interrupted."""

import asyncio
import math
from typing import Any

from ccstats.coordination import Coordinator
from ccstats.errors import CoordinatorError


class Switch:
    """A way that can be cut (every call fails at once) or blocked: then no call is answered, and who waits gives up
    after `patience` seconds; by default never.
    """

    def __init__(self, behind: Coordinator, patience: float = math.inf) -> None:
        self._behind = behind
        self._patience = patience
        self.cut = self.blocked = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._behind, name)

        async def call(*given: Any, **named: Any) -> Any:
            if self.blocked:
                await (asyncio.sleep(self._patience) if self._patience < math.inf else asyncio.Event().wait())
                raise CoordinatorError("no answer in time")
            if self.cut:
                raise CoordinatorError("away")
            return await method(*given, **named)

        return method if name == "table" else call
