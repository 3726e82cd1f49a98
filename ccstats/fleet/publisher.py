"""What one holding knows, written into the shared table: whatever differs from what was written last.

Rows are compared, not followed: what could not be written is written later, in its latest form and once.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ccstats.coordination import Coordinator
from ccstats.fleet.about import About
from ccstats.fleet.clock import SharedClock
from ccstats.fleet.rows import Row, meaning
from ccstats.model import Snapshot
from ccstats.monitor import Monitor

logger = logging.getLogger(__name__)

AT_ONCE = 250
"""Rows in one call: a megabyte or less, which a server takes in within some milliseconds."""
SAID_EVERY, SAID_AGAIN = 1.0, 5.0
"""Seconds between two words about how a source is doing: where there is news, and where there is none."""


@dataclass(slots=True)
class Written:
    """What was written of one source: its rows, and the monitor's pulse when all of them and when a word was."""

    rows: dict[str, Snapshot | None] = field(default_factory=dict)
    meant: set[str] = field(default_factory=set)
    """The ids of which it was written what they stand for."""
    pulse: object = math.nan
    said: object = math.nan
    said_at: float = -math.inf

    def due(self, pulse: object, now: float) -> bool:
        """Whether there is anything to write or to say."""
        return pulse != self.pulse or self.silent(pulse, now)

    def silent(self, pulse: object, now: float) -> bool:
        """Whether something is to be said of how the source is doing."""
        return now - self.said_at >= (SAID_AGAIN if pulse == self.said else SAID_EVERY)


class Publisher:
    """Writes the rows of one shard under the number of its grant."""

    def __init__(self, coordinator: Coordinator, shard: str, fence: int, worker: str, clock: SharedClock) -> None:
        self._coordinator = coordinator
        self._shard = shard
        self._fence = fence
        self._worker = worker
        self._clock = clock
        self._written: defaultdict[str, Written] = defaultdict(Written)
        self._complained = False

    def found(self, rows: Mapping[str, Snapshot | None]) -> None:
        """These rows stand in the table already; of those that nobody can read, None."""
        for key, snapshot in rows.items():
            self._written[_source(key)].rows[key] = snapshot

    def rewrite(self) -> None:
        """The table is empty: everything is to be written again, and what is being written now counts for nothing."""
        self._written.clear()

    def due(self, monitor: Monitor, sources: Collection[str]) -> bool:
        """Whether there is anything to write: asked several times a second for every shard, so it costs little."""
        now = _now()
        return any(self._written[source].due(monitor.pulse(source), now) for source in sources) or any(
            source not in sources and one.rows for source, one in self._written.items()
        )

    async def write(self, monitor: Monitor, sources: Collection[str]) -> bool:
        """Write what differs. False where the shard is another worker's by now; raises `CoordinatorError`."""
        for source in {*sources, *self._written}:
            written = self._written[source]
            if written.due(monitor.pulse(source), _now()) and not await self._write_source(monitor, source, written):
                return False
        return True

    async def _write_source(self, monitor: Monitor, source: str, written: Written) -> bool:
        pulse, said = monitor.pulse(source), self._said(monitor, source, written)
        changed, gone = _differing(monitor, source, written) if pulse != written.pulse else ((), ())
        for rows, lost in _portions(changed, gone, said is not None):
            encoded = dict(filter(None, (self._encoded(monitor, one) for one in rows)))
            meant = {one.definitions for one in rows if one.definitions} - written.meant
            encoded.update(row for ident in meant if (row := meaning(ident)) is not None)
            if not await self._coordinator.write(self._shard, self._fence, source, encoded, lost, said):
                return False
            written.meant |= meant
            written.rows.update((one.target.key, one) for one in rows)
            for key in lost:
                written.rows.pop(key, None)
            if said is not None:
                written.said, written.said_at, said = pulse, _now(), None
        written.pulse = pulse
        return True

    def _encoded(self, monitor: Monitor, snapshot: Snapshot) -> tuple[str, bytes] | None:
        """A row and its name; None, said once, for text that is none (half a character out of a plugin's parser)."""
        try:
            snapshot.target.key.encode()
            return snapshot.target.key, self._row(monitor, snapshot).encoded()
        except ValueError as error:
            if not self._complained:
                self._complained = True
                source, kind = snapshot.target.source, type(error).__name__
                logger.error("source %s: a row cannot be written (%s); others are", source, kind)  # noqa: TRY400 - one line
            return None

    def _row(self, monitor: Monitor, snapshot: Snapshot) -> Row:
        key, now = snapshot.target.key, self._clock.now()
        names: list[str | None] = [None, *snapshot.windows]
        ages = {name: age for name in names if (age := monitor.age(key, name)) is not None}
        good = {
            "realtime" if name is None else f"windows.{name}": now - age.total_seconds() for name, age in ages.items()
        }
        return Row(snapshot, good, monitor.periods(key))

    def _said(self, monitor: Monitor, source: str, written: Written) -> bytes | None:
        """How a source is doing, where that is to be said."""
        if not written.silent(monitor.pulse(source), _now()) or (stats := monitor.stats_of(source)) is None:
            return None
        return About(self._worker, monitor.is_ready(source), stats, self._clock.now(), self._shard).encoded()


def _differing(monitor: Monitor, source: str, written: Written) -> tuple[list[Snapshot], list[str]]:
    """The rows that are to be written, and the names of those that are to go.

    A row that nobody can read (another version's) stays until everything was tried: then it was written anew, or is no
    target any more.
    """
    latest, known = monitor.latest_of(source), written.rows
    changed = [snapshot for key, snapshot in latest.items() if known.get(key) is not snapshot]
    tried = monitor.is_ready(source) or monitor.pulse(source) is None
    return changed, [key for key in known.keys() - latest.keys() if tried or known[key] is not None]


def _source(key: str) -> str:
    return key.partition(":")[0]


def _now() -> float:
    return asyncio.get_running_loop().time()


def _portions(
    changed: Sequence[Snapshot], gone: Sequence[str], said: bool
) -> Iterator[tuple[Sequence[Snapshot], Sequence[str]]]:
    """What is written in one call each; nothing where there is nothing to write or to say."""
    calls = max(-(-len(changed) // AT_ONCE), -(-len(gone) // AT_ONCE), int(said))
    for first in range(0, calls * AT_ONCE, AT_ONCE):
        yield changed[first : first + AT_ONCE], gone[first : first + AT_ONCE]
