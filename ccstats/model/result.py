"""Everything that one reading of a configuration yielded."""

from __future__ import annotations

from ccstats.model.definition import Definitions, definitions_of
from ccstats.model.group import Group
from ccstats.model.snapshot import Snapshot, SourceReport
from ccstats.model.values import Model


class Result(Model):
    """Snapshots of every target, groups rolled up from them, and how every source did."""

    snapshots: tuple[Snapshot, ...] = ()
    groups: tuple[Group, ...] = ()
    sources: tuple[SourceReport, ...] = ()

    @property
    def definitions(self) -> tuple[Definitions, ...]:
        """What the numbers of the snapshots mean, each set of definitions once."""
        names = dict.fromkeys(snapshot.definitions for snapshot in self.snapshots)
        return tuple(found for name in names if (found := definitions_of(name)) is not None)
