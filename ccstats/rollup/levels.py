"""Service levels over several targets: counts at one threshold add, percentages and unlike thresholds do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ccstats.model import Comparator, Gap, GapReason, ServiceLevel
from ccstats.model.levels import at_threshold
from ccstats.rollup.adding import Adder, Member, common, value_at

COUNTS = ("met", "missed", "abandoned_within", "abandoned_beyond")
SEVERAL = Gap(reason=GapReason.REFUSED, detail="counts at unlike thresholds do not add, and one is not known")


def service_levels(
    adder: Adder, path: str = "service_levels", members: Sequence[Member] | None = None
) -> tuple[ServiceLevel, ...] | None:
    """One level per threshold that occurs.

    A count that one member lacks is lacking in all: the parts of a share belong together.
    """
    members = adder.members if members is None else members
    # The last part: channels are members of their own, and their gaps stand under `by_channel`.
    field = path.rpartition(".")[2]
    having = [(member, levels) for member in members if (levels := value_at(member[1], field)) is not None]
    if not having:
        adder.lacking(path, members)
        return None
    if any(level.threshold is None for _, levels in having for level in levels):
        adder.gaps[adder.at(path)] = SEVERAL
        return None
    found: dict[timedelta, list[tuple[Member, ServiceLevel]]] = {}
    for member, levels in having:
        for level in levels:
            found.setdefault(level.threshold, []).append((member, level))
    for threshold, of_one in found.items():
        adder.count_known(path, len(of_one), members)
        adder.count_known(at_threshold(path, threshold), len(of_one), members)
    return tuple(_level(adder, path, threshold, found[threshold]) for threshold in sorted(found))


def _level(adder: Adder, path: str, threshold: timedelta, parts: list[tuple[Member, ServiceLevel]]) -> ServiceLevel:
    counts: dict[str, Any] = {}
    for name in COUNTS:
        values = [getattr(level, name) for _, level in parts]
        counts[name] = None if None in values else adder.bounded(f"{path}.{name}", sum(values))
        if None in values:
            at = adder.at(f"{path}.{name}")
            gaps = [member[0].gap(at) for (member, level) in parts if getattr(level, name) is None]
            adder.gaps[at] = common([*gaps, adder.gaps.get(at)])
    comparators = {level.comparator for _, level in parts}
    comparator = comparators.pop() if len(comparators) == 1 else Comparator.UNKNOWN
    adder.number(f"{path}.vendor_ratio")
    return ServiceLevel(threshold=threshold, comparator=comparator, **counts)
