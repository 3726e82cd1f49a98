"""What the monitor knows about itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

REMEMBERED = 1000


class SourceState(StrEnum):
    """How a source is doing."""

    STARTING = "starting"
    OK = "ok"
    FAILING = "failing"
    """Its last reading failed; it is tried at every slot."""
    PARKED = "parked"
    """Its credential was refused: it is tried again after a minute, then ever more seldom."""


@dataclass(frozen=True, slots=True)
class SourceStats:
    """Self-measurement of one source since the monitor began. Times are seconds, `budget` is from 0 (spent) to 1.

    `polls` counts readings of batches, `requests` what went over the wire for them (retries, tokens and discovery
    included). `skipped` counts slots that came while their batch was still waiting or running. `lateness_p99` is over
    the last thousand starts. `repeated` counts rows of lists whose id had come before; the last one holds.
    """

    source: str
    vendor: str
    state: SourceState
    targets: int
    polls: int
    failed_polls: int
    skipped: int
    lateness_p99: float
    lateness_max: float
    budget: float
    waiting: int
    requests: int
    retries: int
    rate_limited: int
    bytes: int
    error: str | None = None
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class MonitorStats:
    """Self-measurement of the whole monitor; `missed` counts changes that slow readers did not see."""

    sources: tuple[SourceStats, ...]
    readers: int
    missed: int


@dataclass(slots=True)
class Lateness:
    """How late batches were started, in seconds."""

    maximum: float = 0.0
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def add(self, seconds: float) -> None:
        """One more start."""
        self._recent.append(seconds)
        self.maximum = max(self.maximum, seconds)

    def p99(self) -> float:
        """What 99 of 100 recent starts were not later than."""
        if not self._recent:
            return 0.0
        ordered = sorted(self._recent)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
