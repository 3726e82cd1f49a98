"""From readings to snapshots: families put together, gaps filled, failures said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ccstats.adapter import Abilities, GapFiller, Reading
from ccstats.errors import BrokenAnswerError, NotFoundError
from ccstats.model import ErrorInfo, Family, Gap, GapReason, Kind, Realtime, Snapshot, Status, Target, Window


class Judge:
    """What a reading amounts to: its values, and the reason of every None, by path below the family."""

    def __init__(self, abilities: Abilities) -> None:
        self._fillers: Mapping[Kind, GapFiller] = {kind: GapFiller(table) for kind, table in abilities.items()}
        self._undeclared = GapFiller({})

    def __call__(self, reading: Reading) -> tuple[Realtime | Window, Mapping[str, Gap]]:
        """Values and gaps; those of a failed reading say how it failed."""
        if reading.error is not None or reading.values is None:
            return _failed(reading)
        filler = self._fillers.get(reading.target.kind, self._undeclared)
        family = "realtime" if isinstance(reading.values, Realtime) else "window"
        return reading.values, filler.fill(reading.values, family, reading.gaps)


class Merger:
    """Puts the readings of one source together, one snapshot per target."""

    def __init__(self, abilities: Abilities, windows: Sequence[str] = ()) -> None:
        self._judge = Judge(abilities)
        self._windows = windows
        self._parts: dict[str, Families] = {}

    def expect(self, targets: tuple[Target, ...]) -> None:
        """These targets have a snapshot each, whether anything is read of them or not."""
        for target in targets:
            self._parts.setdefault(target.key, Families(target))

    def add(self, reading: Reading) -> None:
        """Take in one reading; of two for the same family the later one holds."""
        parts = self._parts.setdefault(reading.target.key, Families(reading.target))
        prefix = "realtime" if reading.family is Family.REALTIME else f"windows.{reading.window}"
        values, gaps = self._judge(reading)
        if isinstance(values, Realtime):
            parts.realtime = values
        elif reading.window is not None:
            parts.windows[reading.window] = values
        parts.gaps[prefix] = {f"{prefix}.{path}" if path else prefix: gap for path, gap in gaps.items()}
        if reading.raw is not None:
            parts.raw[prefix] = reading.raw

    def snapshots(self) -> list[Snapshot]:
        """One snapshot per target, in the order in which they were first heard of."""
        return [parts.snapshot(self._windows) for parts in self._parts.values()]


@dataclass(slots=True)
class Families:
    """What is known of one target: its families, each with its gaps."""

    target: Target
    realtime: Realtime | None = None
    windows: dict[str, Window] = field(default_factory=dict)
    gaps: dict[str, Mapping[str, Gap]] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)

    def snapshot(self, order: Sequence[str]) -> Snapshot:
        """As callers see it, with the windows in this order of their names."""
        gaps = {path: gap for family in self.gaps.values() for path, gap in family.items()}
        if self.realtime is None:
            gaps["realtime"] = NOT_READ
        # Answers come in any order; windows stand in the order in which they were asked for.
        names = sorted(self.windows, key=lambda name: (order.index(name) if name in order else len(order), name))
        return Snapshot(
            target=self.target,
            realtime=self.realtime,
            windows={name: self.windows[name] for name in names},
            gaps=gaps,
            raw=self.raw or None,
        )


NOT_READ = Gap(reason=GapReason.NOT_REQUESTED, detail="real-time numbers were not asked for, or not read yet")


def _failed(reading: Reading) -> tuple[Realtime | Window, Mapping[str, Gap]]:
    error = reading.error or BrokenAnswerError("the adapter gave no values")
    info = ErrorInfo.of(error)
    status = Status.GONE if isinstance(error, NotFoundError) else Status.FAILED
    gap = Gap(reason=GapReason.FAILED, detail=f"{info.type}: {info.message}")
    if reading.family is Family.REALTIME:
        return Realtime(observed_at=reading.observed_at, status=status, error=info), {"": gap}
    return Window(observed_at=reading.observed_at, status=status, error=info), {"": gap}
