"""What one holding knows, written into the shared table: whatever differs from what was written last.

Rows are compared, not followed: what could not be written is written later, in its latest form and once.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from ccstats.coordination import Coordinator
from ccstats.fleet.about import About
from ccstats.fleet.clock import SharedClock
from ccstats.fleet.rows import Row, meaning
from ccstats.model import Snapshot
from ccstats.monitor import Monitor

AT_ONCE = 250
"""Rows in one call: a megabyte or less, which a server takes in within some milliseconds."""
SAID_EVERY = 1.0
"""Seconds between two words about how a source is doing."""

Rows = Mapping[str, bytes]


class Publisher:
    """Writes the rows of one shard under the number of its grant."""

    def __init__(self, coordinator: Coordinator, shard: str, fence: int, worker: str, clock: SharedClock) -> None:
        self._coordinator = coordinator
        self._shard = shard
        self._fence = fence
        self._worker = worker
        self._clock = clock
        self._written: dict[str, Snapshot | None] = {}
        self._said_at: dict[str, float] = {}
        self._meant: set[tuple[str, str]] = set()
        """Of which source and id it was written what its numbers mean."""

    def found(self, rows: Mapping[str, Snapshot | None]) -> None:
        """These rows stand in the table already; of those that nobody can read, None."""
        self._written.update(rows)

    def rewrite(self) -> None:
        """The table is empty: everything is to be written again."""
        self._written.clear()
        self._said_at.clear()
        self._meant.clear()

    async def write(self, monitor: Monitor, sources: Collection[str]) -> bool:
        """Write what differs. False where the shard is another worker's by now; raises `CoordinatorError`."""
        latest = monitor.latest()
        changed: dict[str, list[Snapshot]] = defaultdict(list)
        for key, snapshot in latest.items():
            if self._written.get(key) is not snapshot:
                changed[snapshot.target.source].append(snapshot)
        gone: dict[str, list[str]] = defaultdict(list)
        for key in self._written.keys() - latest.keys():
            gone[key.partition(":")[0]].append(key)
        for source in {*sources, *changed, *gone}:
            if not await self._write_source(monitor, source, changed.get(source, ()), gone.get(source, ())):
                return False
        return True

    async def _write_source(
        self, monitor: Monitor, source: str, changed: Sequence[Snapshot], gone: Sequence[str]
    ) -> bool:
        said = self._said(monitor, source)
        for rows, lost in _portions(changed, gone, said is not None):
            encoded = {one.target.key: self._row(monitor, one).encoded() for one in rows}
            meant = {(source, one.definitions) for one in rows if one.definitions} - self._meant
            encoded.update(row for _, ident in meant if (row := meaning(ident)) is not None)
            if not await self._coordinator.write(self._shard, self._fence, source, encoded, lost, said):
                return False
            self._meant |= meant
            self._written.update((one.target.key, one) for one in rows)
            for key in lost:
                self._written.pop(key, None)
            if said is not None:
                self._said_at[source], said = asyncio.get_running_loop().time(), None
        return True

    def _row(self, monitor: Monitor, snapshot: Snapshot) -> Row:
        key, now = snapshot.target.key, self._clock.now()
        names: list[str | None] = [None, *snapshot.windows]
        ages = {name: age for name in names if (age := monitor.age(key, name)) is not None}
        good = {
            "realtime" if name is None else f"windows.{name}": now - age.total_seconds() for name, age in ages.items()
        }
        return Row(snapshot, good, monitor.periods(key))

    def _said(self, monitor: Monitor, source: str) -> bytes | None:
        """How a source is doing, where that was not said for a second."""
        if asyncio.get_running_loop().time() - self._said_at.get(source, float("-inf")) < SAID_EVERY:
            return None
        stats = next((one for one in monitor.stats().sources if one.source == source), None)
        if stats is None:
            return None
        return About(self._worker, monitor.is_ready(source), stats, self._clock.now(), self._shard).encoded()


def _portions(
    changed: Sequence[Snapshot], gone: Sequence[str], said: bool
) -> Iterator[tuple[Sequence[Snapshot], Sequence[str]]]:
    """What is written in one call each; nothing where there is nothing to write or to say."""
    calls = max(-(-len(changed) // AT_ONCE), -(-len(gone) // AT_ONCE), int(said))
    for first in range(0, calls * AT_ONCE, AT_ONCE):
        yield changed[first : first + AT_ONCE], gone[first : first + AT_ONCE]
