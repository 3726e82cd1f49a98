"""Several targets as one: what may be added up, over how many of them, and how far their numbers compare."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from ccstats.model.comparison import Comparison
from ccstats.model.gap import Gap, nearest
from ccstats.model.levels import RuledLevel, ServiceLevelRule, at_threshold, level_at
from ccstats.model.realtime import Realtime
from ccstats.model.snapshot import ruled
from ccstats.model.target import Kind
from ccstats.model.values import Duration, Model
from ccstats.model.window import Window

BESIDE_LEVELS = ("offered", "abandoned", "short_abandoned", "flowed_out")
"""Counts of a window that rules of service levels use."""


class Coverage(Model):
    """Over how much of what was wanted a roll-up speaks.

    `read` of `targets` have numbers that are not older than what is known to be gone or failed; `oldest` is the age
    of the oldest family among them. `partial` says, by metric path, how many targets a value is made of where it is
    fewer than `read` of its family; the path of one service level ends in its threshold (`service_levels[20]`). `apart`
    is by how much the windows of one name differ at most: sources are not read in the same minute.
    """

    targets: int
    read: int
    kind: Kind | None = None
    oldest: Duration | None = None
    partial: dict[str, int] = Field(default_factory=dict)
    apart: Duration | None = None

    def __str__(self) -> str:
        """As people say it: `3 of 4 queues, oldest 12 s`."""
        age = f", oldest {self.oldest.total_seconds():.0f} s" if self.oldest is not None else ""
        what = f" {self.kind.value}s" if self.kind is not None else ""
        return f"{self.read} of {self.targets}{what}{age}"


class Group(Model):
    """A line of business: queues of several vendors, rolled up from their latest snapshots.

    Sums, weighted averages and maxima only; what cannot be rolled up is None with a gap of the reason `refused`.
    `comparability` has an entry for each metric that the members' vendors define differently.
    """

    type: Literal["group"] = "group"
    v: Literal[1] = 1
    name: str
    members: tuple[str, ...] = ()
    coverage: Coverage
    realtime: Realtime | None = None
    windows: dict[str, Window] = Field(default_factory=dict)
    gaps: dict[str, Gap] = Field(default_factory=dict)
    comparability: dict[str, Comparison] = Field(default_factory=dict)

    def gap(self, path: str) -> Gap | None:
        """Why the value at `path` is None: the gap of that path or of the nearest path above it."""
        return nearest(self.gaps, path)

    def service_level(self, rule: ServiceLevelRule, window: str, threshold: timedelta | None = None) -> RuledLevel:
        """The service level of a window under `rule` over all members; `gap` says why there is none.

        Counts that are made of fewer members than others are not divided by one another.
        """
        family = self.windows.get(window)
        if family is not None:
            level = level_at(family.service_levels, threshold)
            chosen = level.threshold if level is not None else None
            unlike = chosen is not None and self._part_of(at_threshold("service_levels", chosen), window)
            apart = [name for name in BESIDE_LEVELS if unlike or self._part_of(name, window)]
            family = family.but(**dict.fromkeys(apart))
        return ruled(family, self.gaps, rule, window, threshold)

    def _part_of(self, name: str, window: str) -> bool:
        return f"windows.{window}.{name}" in self.coverage.partial
