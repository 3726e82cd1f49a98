"""From readings to snapshots: families put together, gaps filled, failures said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ccstats.adapter import REMEMBERED, Abilities, GapFiller, Gaps, Reading
from ccstats.errors import BrokenAnswerError, NotFoundError
from ccstats.model import (
    Definitions,
    ErrorInfo,
    Family,
    Gap,
    GapReason,
    Kind,
    Realtime,
    Snapshot,
    Status,
    Target,
    Window,
)


class Judge:
    """What readings amount to: values, and the reason of every None by its path in the snapshot.

    Readings that lack the same share one table of reasons, and so do the snapshots that are made of them.
    """

    def __init__(self, abilities: Abilities) -> None:
        self._fillers: Mapping[Kind, GapFiller] = {kind: GapFiller(table) for kind, table in abilities.items()}
        self._undeclared = GapFiller({})
        self._merged: dict[tuple[int, ...], tuple[Sequence[Gaps], Gaps]] = {}
        self._definitions: dict[Kind, str] = {}

    def define(self, definitions: Mapping[Kind, Definitions]) -> None:
        """What the numbers mean from now on, by kind of target."""
        self._definitions = {kind: one.id for kind, one in definitions.items()}

    def meaning(self, kind: Kind) -> str | None:
        """The id of what the numbers of a kind of target mean."""
        return self._definitions.get(kind)

    def __call__(self, reading: Reading, prefix: str) -> tuple[Realtime | Window, Gaps]:
        """Values and gaps; those of a failed reading say how it failed."""
        if reading.error is not None or reading.values is None:
            return _failed(reading, prefix)
        filler = self._fillers.get(reading.target.kind, self._undeclared)
        family = "realtime" if isinstance(reading.values, Realtime) else "window"
        return reading.values, filler.fill(reading.values, family, reading.gaps, under=prefix)

    def together(self, parts: Sequence[Gaps]) -> Gaps:
        """The gaps of several families as one table."""
        key = tuple(map(id, parts))
        known = self._merged.get(key)
        if known is None:
            if len(self._merged) >= REMEMBERED:
                self._merged.clear()
            # The parts are kept beside what they make: as long as they live, nothing else can have their identity.
            known = self._merged[key] = parts, {path: gap for part in parts for path, gap in part.items()}
        return known[1]


class Merger:
    """Puts the readings of one source together, one snapshot per target."""

    def __init__(self, abilities: Abilities, windows: Sequence[str] = ()) -> None:
        self._judge = Judge(abilities)
        self.define = self._judge.define
        self._windows = windows
        self._parts: dict[str, Families] = {}

    def expect(self, targets: tuple[Target, ...]) -> None:
        """These targets have a snapshot each, whether anything is read of them or not."""
        for target in targets:
            self._parts.setdefault(target.key, Families(target))

    def add(self, reading: Reading) -> None:
        """Take in one reading; of two for the same family the later one holds."""
        parts = self._parts.setdefault(reading.target.key, Families(reading.target))
        prefix = prefix_of(reading.family, reading.window)
        values, gaps = self._judge(reading, prefix)
        parts.put(reading.window, values, self._windows)
        parts.gaps[prefix] = gaps
        if reading.raw is not None:
            parts.keep(prefix, reading.raw)

    def snapshots(self) -> list[Snapshot]:
        """One snapshot per target, in the order in which they were first heard of."""
        return [parts.snapshot(self._judge) for parts in self._parts.values()]


def prefix_of(family: Family, window: str | None) -> str:
    """Where in a snapshot a family stands."""
    return "realtime" if family is Family.REALTIME else f"windows.{window}"


@dataclass(slots=True)
class Families:
    """What is known of one target: its families, each with its gaps. Tables are replaced and not changed: snapshots
    hold them.
    """

    target: Target
    realtime: Realtime | None = None
    windows: dict[str, Window] = field(default_factory=dict)
    gaps: dict[str, Gaps] = field(default_factory=dict)
    raw: dict[str, Any] | None = None

    def get(self, window: str | None) -> Realtime | Window | None:
        """A family as it is known; no window is real time."""
        return self.realtime if window is None else self.windows.get(window)

    def put(self, window: str | None, values: Realtime | Window, order: Sequence[str]) -> None:
        """A family as it is from now on. Answers come in any order; windows stand in this `order` of their names."""
        if isinstance(values, Realtime):
            self.realtime = values
        elif window is not None:
            known = window in self.windows
            self.windows = {**self.windows, window: values}
            if not known:
                place = {name: index for index, name in enumerate(order)}
                names = sorted(self.windows, key=lambda name: (place.get(name, len(place)), name))
                self.windows = {name: self.windows[name] for name in names}

    def keep(self, prefix: str, raw: object) -> None:
        """The vendor's own answer about a family."""
        self.raw = {**(self.raw or {}), prefix: raw}

    def snapshot(self, judge: Judge) -> Snapshot:
        """As callers see it."""
        parts = [*self.gaps.values()] if self.realtime is not None else [*self.gaps.values(), NOT_READ]
        return Snapshot.trusted(
            target=self.target,
            realtime=self.realtime,
            windows=self.windows,
            gaps=judge.together(parts),
            definitions=judge.meaning(self.target.kind),
            raw=self.raw,
        )


_UNREAD = Gap(reason=GapReason.NOT_REQUESTED, detail="real-time numbers were not asked for, or not read yet")
NOT_READ: Gaps = {"realtime": _UNREAD}


def _failed(reading: Reading, prefix: str) -> tuple[Realtime | Window, Gaps]:
    error = reading.error or BrokenAnswerError("the adapter gave no values")
    info = ErrorInfo.of(error)
    status = Status.GONE if isinstance(error, NotFoundError) else Status.FAILED
    gap = Gap(reason=GapReason.FAILED, detail=f"{info.type}: {info.message}")
    if reading.family is Family.REALTIME:
        return Realtime(observed_at=reading.observed_at, status=status, error=info), {prefix: gap}
    return Window(observed_at=reading.observed_at, status=status, error=info), {prefix: gap}
