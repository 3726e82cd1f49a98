"""One batch of the schedule and how it is doing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ccstats.adapter import Batch
from ccstats.model import Family


@dataclass(slots=True, eq=False)
class Entry:
    """One batch of the schedule and how it is doing."""

    batch: Batch
    period: float
    due: float
    born: float
    ready_since: float | None = None
    """The slot that it is waiting to be started for."""
    running: bool = False
    started: float | None = None
    tried: bool = False
    """Whether it was read once, well or not."""
    yields: set[tuple[Family, str | None]] = field(default_factory=set)
    """The families (with the window's name) that its readings were about."""
    awaited: list[asyncio.Future[None]] = field(default_factory=list)
    """Who waits for the end of its next reading."""

    @property
    def since(self) -> float:
        """From when its age counts: its last start, or a period before it was first planned."""
        return self.started if self.started is not None else self.born - self.period

    def overdue(self, now: float) -> float:
        """Age over cadence: what the order of starting follows."""
        return (now - self.since) / self.period

    def settle(self) -> None:
        """Whoever waited for this need not wait any longer."""
        for future in self.awaited:
            if not future.done():
                future.set_result(None)
        self.awaited.clear()

    def families(self) -> set[tuple[Family, str | None]]:
        """What it is known to be about; before the first reading, what its batch says."""
        window = self.batch.window.name if self.batch.window is not None else None
        return self.yields or {(self.batch.family, window if self.batch.family is Family.WINDOW else None)}
