"""What stands in for a source that its adapter could not open: it says so, and costs the others nothing."""

from __future__ import annotations

from datetime import datetime

from ccstats.adapter import Batch, Discovery, Reading, Toolbox
from ccstats.errors import VendorError
from ccstats.http import Traffic


class Unopened:
    """A source of which nothing can be read until its configuration changes."""

    learned: object = None
    notes: tuple[str, ...] = ()

    def __init__(self, name: str, toolbox: Toolbox, error: Exception) -> None:
        self.name = name
        self.traffic = Traffic()
        self._now = toolbox.now
        self._why = f"the adapter raised {type(error).__name__} when it opened the source"

    def now(self) -> datetime:
        """This machine's time."""
        return self._now()

    async def discover(self) -> Discovery:
        """Why there is nothing."""
        raise VendorError(self._why)

    async def read(self, batch: Batch) -> list[Reading]:
        """Why there is nothing."""
        raise VendorError(self._why)
