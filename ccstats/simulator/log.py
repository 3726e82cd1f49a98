"""What happened, in order of time, so that any moment of the past can be asked cheaply."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import chain
from typing import Final, Generic, TypeVar

T = TypeVar("T")


class Timeline(Generic[T]):
    """Items in the order of their moments; moments are added in rising order."""

    __slots__ = ("items", "times")

    def __init__(self) -> None:
        self.times: list[float] = []
        self.items: list[T] = []

    def add(self, at: float, item: T) -> None:
        """Append what happened at `at`."""
        self.times.append(at)
        self.items.append(item)

    def between(self, start: float, end: float) -> Sequence[T]:
        """Return what happened in the half-open window [start, end)."""
        return self.items[bisect_left(self.times, start) : bisect_left(self.times, end)]

    def place(self, at: float) -> int:
        """Return the index of the latest item at or before `at`; -1 where there is none."""
        return bisect_right(self.times, at) - 1

    def last(self, at: float) -> T | None:
        """Return the latest item at or before `at`."""
        place = self.place(at)
        return self.items[place] if place >= 0 else None


class Ledger(Timeline[T]):
    """Items that begin, stay open for a while and end.

    Every `STEP` items it notes which ones are open, so that asking for a past moment looks at a few items
    instead of at all that ever began.
    """

    __slots__ = ("_notes", "_open")
    STEP: Final = 32

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[int, T] = {}
        self._notes: list[tuple[T, ...]] = []

    def add(self, at: float, item: T) -> None:
        """Append an item that begins at `at`."""
        super().add(at, item)
        self._open[id(item)] = item
        if len(self.items) % self.STEP == 0:
            self._notes.append(tuple(self._open.values()))

    def close(self, item: T) -> None:
        """Note that an item has ended."""
        del self._open[id(item)]

    def around(self, at: float) -> list[T]:
        """Return every item open at `at`, in order of beginning, among some that have ended before."""
        begun = self.place(at) + 1
        note = begun // self.STEP
        noted = self._notes[note - 1] if note else ()
        return list(chain(noted, self.items[note * self.STEP : begun]))

    def overlapping(self, start: float, end: float) -> list[T]:
        """Return every item open at some moment of [start, end), among some that have ended before."""
        return [*self.around(start), *self.items[self.place(start) + 1 : bisect_left(self.times, end)]]
