"""What a metric is: its unit, its kind, how it adds up over targets, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What is counted or measured. Times are seconds wherever a number stands for one."""

    CONTACTS = "contacts"
    AGENTS = "agents"
    OFFERS = "offers"
    SECONDS = "seconds"
    AGENT_SECONDS = "agent-seconds"
    SHARE = "share from 0 to 1"


class Shape(StrEnum):
    """What kind of number a metric is."""

    GAUGE = "gauge"
    """True at one moment."""
    COUNT = "count"
    """Events of a window."""
    TIME = "time"
    """A duration, or durations of a window as count, sum, minimum, maximum and average."""
    RATIO = "ratio"


class Additivity(StrEnum):
    """What becomes of a metric over several targets."""

    ADDS = "adds"
    WEIGHTED = "weighted"
    """Counts and sums add, the average follows from them; averages are never averaged."""
    MAXIMUM = "maximum"
    NEVER = "never"
    """Any number over several targets would lie."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One neutral metric; `source` says whose definition it follows, `refusal` why it is never added up."""

    name: str
    unit: Unit
    shape: Shape
    additivity: Additivity
    definition: str
    source: str
    refusal: str = ""

    @property
    def family(self) -> str:
        """`realtime` or `window`."""
        return self.name.partition(".")[0]

    @property
    def path(self) -> str:
        """The way to the value below its family: `agents.busy`, `handle`."""
        return self.name.partition(".")[2]

    @property
    def prometheus(self) -> str:
        """The name under which it is exported: base units at the end, as Prometheus wants them.

        https://prometheus.io/docs/practices/naming/. Times of a window are exported as NAME_count, NAME_sum and so on.
        """
        ending = {Unit.SECONDS: "_seconds", Unit.AGENT_SECONDS: "_agent_seconds", Unit.SHARE: "_ratio"}
        return f"ccstats_{self.name.replace('.', '_')}{ending.get(self.unit, '')}"
