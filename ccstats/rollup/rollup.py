"""Any set of snapshots as one: sums, weighted averages and maxima, refusals with their reasons, and the coverage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import combinations

from ccstats.model import (
    Comparability,
    Comparison,
    Coverage,
    Gap,
    GapReason,
    Realtime,
    Snapshot,
    Status,
    Window,
    comparable,
    definitions_of,
)
from ccstats.model.comparison import worst
from ccstats.rollup import families
from ccstats.rollup.adding import Adder, common

APART = timedelta(minutes=2)
"""Windows of one name may differ by so much: they end on whole minutes, and sources are not read in the same one."""
NOBODY = Gap(reason=GapReason.NO_DATA, detail="no target belongs to it")
UNREAD = frozenset({Status.FAILED, Status.GONE})


@dataclass(frozen=True, slots=True)
class RollUp:
    """Several snapshots as one.

    It keeps its `members`, so that a roll-up of roll-ups is made of the same snapshots, each once, and says the same in
    whatever order and grouping it came about. The numbers of a roll-up of one are those of the snapshot.
    """

    members: tuple[Snapshot, ...]
    realtime: Realtime | None
    windows: Mapping[str, Window]
    gaps: Mapping[str, Gap]
    coverage: Coverage
    comparability: Mapping[str, Comparison]


def roll_up(parts: Iterable[Snapshot | RollUp], *, now: datetime | None = None, apart: timedelta = APART) -> RollUp:
    """Roll up snapshots and roll-ups of them; of two snapshots of one target the later holds.

    `now` is what the ages of the coverage count to. Windows of one name whose bounds differ by more than `apart` are
    refused. Raises `ValueError` where targets of different kinds are mixed: a workspace holds the contacts of its
    queues.
    """
    found: dict[str, Snapshot] = {}
    for part in parts:
        for one in part.members if isinstance(part, RollUp) else (part,):
            known = found.get(one.target.key)
            if known is None or _seen(one) >= _seen(known):
                found[one.target.key] = one
    members = tuple(found[key] for key in sorted(found))
    kinds = sorted({one.target.kind.value for one in members})
    if len(kinds) > 1:
        raise ValueError(f"targets of different kinds are not rolled up: {' and '.join(kinds)}")
    if not members:
        return RollUp((), None, {}, {"realtime": NOBODY}, Coverage(targets=0, read=0), {})
    read = [one for one in members if any(map(_readable, _families(one)))]
    if len(members) == 1:
        (one,) = members
        coverage = Coverage(targets=1, read=len(read), kind=one.target.kind, oldest=_age(read, now))
        return RollUp(members, one.realtime, one.windows, one.gaps, coverage, {})
    return _several(members, read, now, apart)


def _several(members: tuple[Snapshot, ...], read: Sequence[Snapshot], now: datetime | None, apart: timedelta) -> RollUp:
    gaps: dict[str, Gap] = {}
    partial: dict[str, int] = {}
    present = [(one, one.realtime) for one in read if one.realtime is not None and _readable(one.realtime)]
    realtime = None
    if present:
        realtime = families.realtime(_noted(Adder("realtime", "realtime", present), len(read), gaps, partial))
    else:
        gaps["realtime"] = common(one.gap("realtime") for one in members)
    windows: dict[str, Window] = {}
    most = timedelta(0)
    for name in dict.fromkeys(name for one in members for name in one.windows):
        place = f"windows.{name}"
        over = [(one, found) for one in read if (found := one.windows.get(name)) is not None and _readable(found)]
        if not over:
            windows[name], gaps[place] = Window(), common(one.gap(place) for one in members)
            continue
        differ = _apart([found for _, found in over])
        if differ is None or differ > apart:
            windows[name], gaps[place] = Window(), _unlike(name, differ)
            continue
        most = max(most, differ)
        windows[name] = families.window(_noted(Adder("window", place, over), len(read), gaps, partial))
    coverage = Coverage(
        targets=len(members),
        read=len(read),
        kind=members[0].target.kind,
        oldest=_age(read, now),
        partial=dict(sorted(partial.items())),
        apart=most,
    )
    idents = tuple(sorted({one.definitions or f"{one.target.vendor}:-" for one in read}))
    return RollUp(members, realtime, windows, gaps, coverage, _verdicts(idents))


def _noted(adder: Adder, read: int, gaps: dict[str, Gap], partial: dict[str, int]) -> Adder:
    """An adder that notes its gaps and its partial values in these."""
    adder.gaps, adder.partial = gaps, partial
    if len(adder.members) < read:
        partial[adder.place] = len(adder.members)
    return adder


def _families(one: Snapshot) -> list[Realtime | Window]:
    return [*([one.realtime] if one.realtime is not None else []), *one.windows.values()]


def _readable(family: Realtime | Window) -> bool:
    return family.status not in UNREAD


def _seen(one: Snapshot) -> tuple[datetime, ...]:
    return tuple(sorted((at for family in _families(one) if (at := family.observed_at) is not None), reverse=True))


def _age(read: Sequence[Snapshot], now: datetime | None) -> timedelta | None:
    times = [family.observed_at for one in read for family in _families(one) if _readable(family)]
    known = [at for at in times if at is not None]
    return max(now - min(known), timedelta(0)) if now is not None and known else None


def _apart(windows: Sequence[Window]) -> timedelta | None:
    """By how much bounds differ at most; None where one is not known and there are others beside it."""
    if len(windows) == 1:
        return timedelta(0)
    starts = [one.start for one in windows if one.start is not None]
    ends = [one.end for one in windows if one.end is not None]
    if len(starts) < len(windows) or len(ends) < len(windows):
        return None
    return max(max(starts) - min(starts), max(ends) - min(ends))


def _unlike(name: str, differ: timedelta | None) -> Gap:
    how = (
        "a member's period is not known" if differ is None else f"their bounds differ by {differ.total_seconds():.0f} s"
    )
    return Gap(reason=GapReason.REFUSED, detail=f"unlike windows of the name {name}: {how}")


@lru_cache(maxsize=256)
def _verdicts(idents: tuple[str, ...]) -> Mapping[str, Comparison]:
    """Every metric that these definitions do not define alike, with how far it still compares."""
    if len(idents) < 2:
        return {}
    known = [definitions_of(ident) for ident in idents]
    declared = [one for one in known if one is not None]
    verdicts: dict[str, Comparison] = {}
    for metric in dict.fromkeys(name for one in declared for name in one.metrics):
        pairs = [comparable(one, other, metric) for one, other in combinations(declared, 2)]
        if len(declared) < len(known):
            pairs.append(Comparison(verdict=Comparability.NOT_COMPARABLE, detail="a member's adapter defines nothing"))
        verdict = worst(pairs)
        if verdict.verdict is not Comparability.EXACT:
            verdicts[metric] = verdict
    return verdicts
