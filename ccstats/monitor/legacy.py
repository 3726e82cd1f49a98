"""Taking over from another process that polled the same sources: its last values stay, and what is late comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ccstats.budget import Inherited
from ccstats.model import Snapshot
from ccstats.monitor.schedule import Schedule
from ccstats.monitor.table import Table


@dataclass(frozen=True, slots=True)
class Known:
    """One target as it was last seen, with the moment (of the loop's clock) at which each family was last read well.

    Families stand under their paths: `realtime`, `windows.30m`.
    """

    snapshot: Snapshot
    good: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Legacy:
    """What there is to take over: the rows of every source by its name, and what the budgets owe."""

    rows: Mapping[str, Sequence[Known]] = field(default_factory=dict)
    inherited: Inherited = field(default_factory=Inherited)


def adopt(table: Table, rows: Sequence[Known]) -> bool:
    """Take these rows for what is known; whether there are any."""
    for row in rows:
        table.adopt(row.snapshot, row.good)
    return bool(rows)


def catch_up(schedule: Schedule, table: Table, now: float) -> None:
    """Make every batch ready whose targets were last read longer than a period ago: nobody was there at its slot."""
    for entry in schedule.entries.values():
        window = entry.batch.window.name if entry.batch.window is not None else None
        read = [table.read_at(target.key, window) for target in entry.batch.targets]
        if any(at is not None and now - at >= entry.period for at in read):
            schedule.demand(entry, now)
