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


ENDINGS = {Unit.SECONDS: "_seconds", Unit.AGENT_SECONDS: "_agent_seconds", Unit.SHARE: "_ratio"}
AVERAGE = "average"
FINE_GRAINED = ("by_channel.", "activities.", "activity_durations.", "waiting_by_priority")


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
    def prometheus(self) -> str | None:
        """The name under which it is exported for a queue (`exported`); None where it would be a series per channel,
        priority or activity of every queue.
        """
        return None if self.path.startswith(FINE_GRAINED) else self.exported("queue", AVERAGE)

    def exported(self, kind: str, part: str = "") -> str:
        """Its name in Prometheus for one kind of target, base units at the end.

        The kind is in the name, as a workspace holds the contacts of its queues: a sum over both would lie. `part` is
        that of a time of a window; others have none. https://prometheus.io/docs/practices/naming/
        """
        ending = ENDINGS.get(self.unit, "")
        words = ["ccstats", kind, *(["window"] if self.family == "window" else []), *self.path.split(".")]
        if part and self.family == "window" and self.shape is Shape.TIME:
            # The endings _count and _sum belong to histograms and summaries, whose numbers never fall.
            words.append("measured" if part == "count" else part)
            ending = "" if part == "count" else ending
        # _total belongs to counters.
        return "_".join(words).removesuffix("_total").removesuffix(ending) + ending
