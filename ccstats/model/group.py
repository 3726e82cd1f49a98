"""Several targets as one: what may be added up, over how many of them, and how far their numbers compare."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ccstats.model.comparison import Comparison
from ccstats.model.gap import Gap, nearest
from ccstats.model.realtime import Realtime
from ccstats.model.values import Duration, Model
from ccstats.model.window import Window


class Coverage(Model):
    """Over how much of what was wanted a roll-up speaks.

    `read` of `targets` have numbers that are not older than what is known to be gone or failed; `oldest` is the age
    of the oldest family among them. `partial` says, by metric path, how many targets a value is made of where it is
    fewer than `read` of its family. `apart` is by how much the windows of one name differ at most: sources are not
    read in the same minute.
    """

    targets: int
    read: int
    oldest: Duration | None = None
    partial: dict[str, int] = Field(default_factory=dict)
    apart: Duration | None = None

    def __str__(self) -> str:
        """As people say it: `3 of 4 queues, oldest 12 s`."""
        age = f", oldest {self.oldest.total_seconds():.0f} s" if self.oldest is not None else ""
        return f"{self.read} of {self.targets}{age}"


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
