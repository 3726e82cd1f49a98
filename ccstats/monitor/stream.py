"""Fan-out of changes: every reader gets the latest, in its own time, and holds nobody back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from fnmatch import fnmatchcase

from ccstats.model import Snapshot, Target

logger = logging.getLogger(__name__)

Matches = Callable[[Target], bool]


class Changes(AsyncIterator[Snapshot]):
    """The changes that one reader has not seen yet: at most one per target, the latest.

    A reader that is slower than the changes sees fewer of them (`missed` counts how many), never older ones. Memory is
    bounded by the number of targets.
    """

    def __init__(self, matches: Matches) -> None:
        self.missed = 0
        self._matches = matches
        self._waiting: dict[str, Snapshot] = {}
        self._filled = asyncio.Event()
        self._closed = False
        self._complained = False

    def offer(self, snapshot: Snapshot) -> None:
        """Take note of a change. Never blocks, never raises."""
        key = snapshot.target.key
        if self._closed or not self._wants(snapshot.target):
            return
        if key in self._waiting:
            self.missed += 1
        self._waiting[key] = snapshot
        self._filled.set()

    def _wants(self, target: Target) -> bool:
        try:
            return self._matches(target)
        except Exception:
            if not self._complained:
                self._complained = True
                logger.exception("the predicate of a subscription raised; it gets nothing of such targets")
            return False

    def close(self) -> None:
        """No more changes will come; what is waiting can still be read."""
        self._closed = True
        self._filled.set()

    async def __anext__(self) -> Snapshot:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            await self._filled.wait()
            if not self._waiting and not self._closed:
                self._filled.clear()
        key = next(iter(self._waiting))
        snapshot = self._waiting.pop(key)
        if not self._waiting and not self._closed:
            self._filled.clear()
        return snapshot


class Streams:
    """Every reader of one monitor."""

    def __init__(self) -> None:
        self._readers: set[Changes] = set()
        self._ended = False

    def open(self, match: str | Matches | None) -> Changes:
        """A new reader of the changes that match (a glob on key or name, or a predicate)."""
        changes = Changes(matcher(match))
        if self._ended:
            changes.close()
        else:
            self._readers.add(changes)
        return changes

    def close(self, changes: Changes) -> None:
        """This reader is done."""
        changes.close()
        self._readers.discard(changes)

    def publish(self, snapshot: Snapshot) -> None:
        """Offer a change to every reader."""
        for reader in self._readers:
            reader.offer(snapshot)

    def close_all(self) -> None:
        """The monitor ends: readers see what is waiting, and then the end."""
        self._ended = True
        for reader in list(self._readers):
            self.close(reader)

    @property
    def readers(self) -> int:
        """How many readers there are."""
        return len(self._readers)

    @property
    def missed(self) -> int:
        """What the present readers have missed in all."""
        return sum(reader.missed for reader in self._readers)


def matcher(match: str | Matches | None) -> Matches:
    """A glob on key or name, a predicate, or everything."""
    if match is None:
        return lambda _: True
    if callable(match):
        return match
    glob = match
    return lambda target: fnmatchcase(target.key, glob) or fnmatchcase(target.name or "", glob)
