"""Sleeping until a moment, or until somebody has news."""

from __future__ import annotations

import asyncio


class Alarm:
    """One sleeper; what rings between two sleeps is not lost by the one who looks before it sleeps."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """There is something to look at."""
        self._rung.set()

    async def sleep(self, until: float) -> None:
        """Until this moment of the loop's clock, or the next ring."""
        self._rung.clear()
        timer = asyncio.get_running_loop().call_at(until, self._rung.set)
        try:
            await self._rung.wait()
        finally:
            timer.cancel()
