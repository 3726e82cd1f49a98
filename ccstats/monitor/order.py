"""Which of the batches that are due is started first.

The most overdue one (age over cadence). Where a budget is too small for everything, that alone would let one family
crowd out the other: so each family that has something due gets at least a fifth of the starts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ccstats.model import Family
from ccstats.monitor.entry import Entry

LEAST_SHARE = 0.2
REMEMBERED = 20


class Order:
    """The order of starts under one budget."""

    def __init__(self) -> None:
        self._recent: deque[Family] = deque(maxlen=REMEMBERED - 1)

    def pick(self, ready: Sequence[Entry], now: float) -> Entry:
        """The one of `ready` to start next; of those that wait, the first of each family and period is enough."""
        families = {entry.batch.family for entry in ready}
        starved = [family for family in families if self._starved(family)]
        candidates = [entry for entry in ready if entry.batch.family in starved] or ready
        # Equally overdue: the one whose slot came first, then by key, so that the order is the same every time.
        chosen = min(candidates, key=lambda entry: (-entry.overdue(now), entry.ready_since or 0.0, entry.batch.key))
        self._recent.append(chosen.batch.family)
        return chosen

    def _starved(self, family: Family) -> bool:
        """Whether, with the next start going elsewhere, fewer than a fifth of the last twenty were this family's."""
        full = len(self._recent) == REMEMBERED - 1
        return full and self._recent.count(family) < LEAST_SHARE * REMEMBERED
