"""How the latest numbers are read, wherever they come from: a monitor in this process, or a table that others fill."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from ccstats.config import Config
from ccstats.model import Group, Snapshot
from ccstats.monitor.stats import MonitorStats
from ccstats.monitor.stream import Changes, Matches


class View(Protocol):
    """The latest of every target, and changes as they come."""

    @property
    def config(self) -> Config:
        """Groups, board and windows; of a table that others fill, what they say of them, without any source."""
        ...

    def now(self) -> datetime:
        """What time it is."""
        ...

    def latest(self) -> Mapping[str, Snapshot]:
        """The latest snapshot of every target, by key."""
        ...

    def get(self, key: str) -> Snapshot | None:
        """The latest snapshot of one target."""
        ...

    def groups(self) -> Mapping[str, Group]:
        """Every configured group as of now, by name."""
        ...

    def age(self, key: str, window: str | None = None) -> timedelta | None:
        """How long ago the real-time numbers (or a window's) of a target were last read well; None if never."""
        ...

    def subscribe(self, match: str | Matches | None = None) -> AbstractAsyncContextManager[Changes]:
        """The changes from now on, of the targets that match."""
        ...

    async def wait_until_ready(self, timeout: float | None = None) -> bool:
        """Wait until there is something to see of everything; whether that came within `timeout` seconds."""
        ...

    def stats(self) -> MonitorStats:
        """How the polling itself is doing, source by source."""
        ...
