"""An event loop whose clock jumps to the next timer instead of waiting for it: an hour in seconds.

Nothing may come from outside on it, no network and no thread: for that there is loopback and real time.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)


class _Jump(selectors.DefaultSelector):
    """Nothing ever comes from outside: where the loop would wait, time passes at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look for what is ready now, and let the time pass that the loop was ready to wait."""
        if timeout is None:
            raise RuntimeError("nobody will ever wake this loop")
        self.now += max(timeout, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that lives on virtual time, from 0 on."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Virtual seconds."""
        return self._jump.now

    def wall_clock(self) -> datetime:
        """Virtual time of day."""
        return BEGIN + timedelta(seconds=self._jump.now)

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run `main` from virtual second 0 to its end, and close the loop."""
        with asyncio.Runner(loop_factory=lambda: self) as runner:
            return runner.run(main)
