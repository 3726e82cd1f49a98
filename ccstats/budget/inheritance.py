"""What a budget owes when it is taken over from another process that has spent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ccstats.budget.budget import Budget


@dataclass(frozen=True, slots=True)
class Inherited:
    """What the last holder told of its budgets, by name: when each is full again, and until when it is paused.

    Moments of the loop's clock. `spent_until` is until when it may have spent after that: every budget is then taken to
    have been empty at that moment, so that both together never exceed the limit.
    """

    debts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    spent_until: float | None = None

    def charge(self, budget: Budget) -> None:
        """Let a new budget begin with what is owed."""
        full_at, paused_until = self.debts.get(budget.name, (float("-inf"), float("-inf")))
        if self.spent_until is not None:
            full_at = max(full_at, self.spent_until + budget.pace.burst / budget.pace.rate)
        budget.owe(full_at, paused_until)
