"""What an adapter can say, metric by metric, declared as a table.

The table serves three readers: the documentation (which vendor gives what, from which field), the merge (which fills
the reason of every None from it), and the contract suite (a declared ability without a value, or a value without a
declared ability, is a fault of the adapter).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ccstats.adapter.lacking import lacking
from ccstats.model import Gap, GapReason, Kind, Realtime, TimeStat, Window
from ccstats.model.part import Part, fields_of, table


class Support(StrEnum):
    """How an adapter comes by a metric."""

    FULL = "full"
    """The vendor's own number."""
    DERIVED = "derived"
    """Computed from the vendor's numbers, or the nearest thing the vendor has; the note says how."""
    ON_REQUEST = "on_request"
    """The vendor has it, and the adapter reads it where an option asks for it; the note names the option."""
    UNSUPPORTED = "unsupported"
    """The vendor has no such number."""
    NOT_IMPLEMENTED = "not_implemented"
    """The vendor has it, the adapter does not read it."""


class Absence(StrEnum):
    """What it means when the vendor leaves the field out of an answer."""

    ZERO = "zero"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ability:
    """How one metric of one kind of target is filled: `origin` is the vendor's own field and endpoint."""

    support: Support
    origin: str = ""
    absence: Absence = Absence.UNKNOWN
    note: str = ""

    @classmethod
    def full(cls, origin: str, note: str = "", *, absence: Absence = Absence.UNKNOWN) -> Ability:
        """The vendor's own number, from `origin`."""
        return cls(Support.FULL, origin, absence, note)

    @classmethod
    def derived(cls, origin: str, note: str = "", *, absence: Absence = Absence.UNKNOWN) -> Ability:
        """Computed from `origin`, or the nearest thing the vendor has; the note says how."""
        return cls(Support.DERIVED, origin, absence, note)

    @classmethod
    def on_request(cls, origin: str, note: str, *, absence: Absence = Absence.UNKNOWN) -> Ability:
        """The vendor's, from `origin`, where an option asks for it; the note names the option."""
        return cls(Support.ON_REQUEST, origin, absence, note)

    @classmethod
    def unsupported(cls, note: str) -> Ability:
        """The vendor has no such number; the note says what it has instead."""
        return cls(Support.UNSUPPORTED, note=note)

    @classmethod
    def not_implemented(cls, note: str) -> Ability:
        """The vendor has it, the adapter does not read it; the note says why."""
        return cls(Support.NOT_IMPLEMENTED, note=note)


Abilities = Mapping[Kind, Mapping[str, Ability]]
"""Per kind of target, by metric path: `realtime.agents.busy`, `window.handle`, `window.by_channel.offered`."""

PARTS = tuple(fields_of(TimeStat))


def only(metric: str, *given: str, note: str) -> dict[str, Ability]:
    """The entries for the parts of a time that a vendor does not give: all but `given` of `window.handle`."""
    return {f"{metric}.{part}": Ability.unsupported(note) for part in PARTS if part not in given}


_NOT_METRICS = frozenset({"observed_at", "status", "error"})
_UNDECLARED = Gap(reason=GapReason.NOT_IMPLEMENTED, detail="the adapter does not read it")
_NOTHING = Gap(reason=GapReason.NO_DATA, detail="nothing happened that could be measured")


Gaps = Mapping[str, Gap]
"""Reasons by metric path. The same table stands behind every reading that lacks the same: it must not be changed."""

REMEMBERED = 1000
"""Kinds of lacking that are kept; where error texts differ without end, those before are forgotten."""


class GapFiller:
    """Finds every None of a reading that has no reason yet, and gives it the one that the table declares.

    Most readings of one kind of target lack the same things: what was found for one is found again for all of them.
    """

    def __init__(self, table: Mapping[str, Ability]) -> None:
        self._table = table
        self._gaps: dict[str, Gap] = {}
        self._filled: dict[object, Gaps] = {}

    def fill(self, values: Realtime | Window, family: str, given: Gaps, *, under: str = "") -> Gaps:
        """All gaps of `values`: those `given` (by path below the family) and those that the table explains.

        Their paths begin with `under`, or with the name of the metric.
        """
        lacks = () if "" in given else lacking(values)
        kind = (under, family, lacks, frozenset(given.items()) if given else None)
        found = self._filled.get(kind)
        if found is None:
            if len(self._filled) >= REMEMBERED:
                self._filled.clear()
            found = self._filled[kind] = self._fill(values, family, given, under)
        return found

    def _fill(self, values: Realtime | Window, family: str, given: Gaps, under: str) -> Gaps:
        gaps = dict(given)
        if "" not in gaps:
            self._walk(values, family, "", gaps)
        return {f"{under}.{path}".strip("."): gap for path, gap in gaps.items()} if under else gaps

    def _walk(self, values: Realtime | Window | Part, family: str, above: str, gaps: dict[str, Gap]) -> None:
        for name, value in table(values).items():
            if name in _NOT_METRICS:
                continue
            if value is None:
                path = above + name
                if path not in gaps and not _covered(path, gaps):
                    nothing = isinstance(values, TimeStat) and values.count == 0
                    gaps[path] = _NOTHING if nothing else self._declared(f"{family}.{path}")
            elif isinstance(value, Part):
                self._walk(value, family, f"{above}{name}.", gaps)
            elif isinstance(value, tuple | dict):
                # What is missing from one item is missing under the path of the list, without index or key.
                for item in value.values() if isinstance(value, dict) else value:
                    if isinstance(item, Part):
                        self._walk(item, family, f"{above}{name}.", gaps)

    def _declared(self, path: str) -> Gap:
        gap = self._gaps.get(path)
        if gap is None:
            gap = self._gaps[path] = self._explain(path)
        return gap

    def _explain(self, path: str) -> Gap:
        ability = self._table.get(path)
        above = path
        while ability is None and above.count(".") > 1:
            above = above.rpartition(".")[0]
            ability = self._table.get(above)
        if ability is None:
            return _UNDECLARED
        if ability.support is Support.UNSUPPORTED:
            return Gap(reason=GapReason.UNSUPPORTED, detail=ability.note or "the vendor has no such number")
        # What is below a number that is there has been requested with it.
        if ability.support is Support.ON_REQUEST and above == path:
            return Gap(reason=GapReason.NOT_REQUESTED, detail=ability.note)
        if ability.support is Support.NOT_IMPLEMENTED:
            return Gap(reason=GapReason.NOT_IMPLEMENTED, detail=ability.note or _UNDECLARED.detail)
        return Gap(reason=GapReason.UNKNOWN, detail=f"absent or unusable in the answer: {ability.origin}")


def _covered(path: str, gaps: Mapping[str, Gap]) -> bool:
    while "." in path:
        path = path.rpartition(".")[0]
        if path in gaps:
            return True
    return False
