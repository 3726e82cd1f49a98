"""The batches whose slot has come and that were not started yet."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator

from ccstats.model import Family
from ccstats.monitor.entry import Entry

Item = tuple[float, float, str, Entry]
Line = list[Item]


class Waiting:
    """Lines before each budget: one per family and period.

    Batches of one line have one cadence, so the one read longest ago is the most overdue of them, now and later:
    who looks for the next one looks at the heads only, however many wait behind.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: dict[str, Entry] = {}
        self._lines: dict[str, dict[tuple[Family, float], Line]] = defaultdict(dict)
        self._free: dict[str, Entry] = {}
        for entry in entries:
            self.add(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def add(self, entry: Entry) -> None:
        """This batch is ready."""
        batch, key = entry.batch, entry.batch.key
        self._entries[key] = entry
        if batch.requests == 0:
            self._free[key] = entry
            return
        line = self._lines[batch.budget].setdefault((batch.family, entry.period), [])
        heapq.heappush(line, (entry.since, entry.ready_since or 0.0, key, entry))

    def remove(self, entry: Entry) -> None:
        """This batch waits no longer."""
        self._entries.pop(entry.batch.key, None)
        self._free.pop(entry.batch.key, None)

    def free(self) -> list[Entry]:
        """Those that need no request, and so no budget."""
        return list(self._free.values())

    def budgets(self) -> list[str]:
        """The budgets that something waits for."""
        return [key for key in list(self._lines) if self.heads(key)]

    def heads(self, budget: str) -> list[Entry]:
        """The first of every line before `budget`."""
        lines = self._lines.get(budget, {})
        for kind, line in list(lines.items()):
            while line and not self._waits(line[0]):
                heapq.heappop(line)
            if not line:
                del lines[kind]
        if not lines:
            self._lines.pop(budget, None)
        return [line[0][-1] for line in lines.values()]

    def _waits(self, item: Item) -> bool:
        """Whether an item of a line still stands for a batch: those that were started are taken out of it late."""
        since, ready_since, key, entry = item
        return self._entries.get(key) is entry and entry.since == since and (entry.ready_since or 0.0) == ready_since
