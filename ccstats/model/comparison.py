"""Whether two vendors' numbers of one name mean the same."""

from __future__ import annotations

from enum import StrEnum

from ccstats.model.definition import Definitions, MetricDefinition, Population, definitions_of
from ccstats.model.snapshot import Snapshot
from ccstats.model.values import Model

LEVELS = "window.service_levels"
BREAKING = ("population", "abandon_rule")
"""Where these differ, the numbers count different things."""
NEARLY = {Population.AGENTS_FREE, Population.AGENTS_IN_AVAILABLE_ACTIVITY}
"""The same agents, where handling a contact changes an agent's activity."""
NOT_MEANING = frozenset({"version", "source", "note", "origin"})
"""Where a definition is written down and who computed by it is not what it says."""


class Comparability(StrEnum):
    """How far two numbers compare."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    NOT_COMPARABLE = "not_comparable"


class Comparison(Model):
    """A verdict, and the fields of the definitions that differ or that somebody leaves unknown."""

    verdict: Comparability
    differing: tuple[str, ...] = ()
    detail: str = ""


EXACTLY = Comparison(verdict=Comparability.EXACT)


def comparable(one: Snapshot | Definitions, other: Snapshot | Definitions, metric: str) -> Comparison:
    """How `metric` (`window.speed_of_answer`) of one compares with that of the other.

    Exact: the same definition, or two that say the same and leave nothing unknown. Not comparable: another population,
    another treatment of abandoned contacts, no definition at all, or service levels of two snapshots at unlike
    thresholds. Approximate: anything between, with what differs.
    """
    mine, theirs = _definition(one, metric), _definition(other, metric)
    if mine is None or theirs is None:
        whose = _vendor(one if mine is None else other)
        return Comparison(verdict=Comparability.NOT_COMPARABLE, detail=f"{whose} has no definition of {metric}")
    if metric == LEVELS and isinstance(one, Snapshot) and isinstance(other, Snapshot):
        here, there = _thresholds(one), _thresholds(other)
        if here != there:
            detail = f"threshold: {here} / {there}"
            return Comparison(verdict=Comparability.NOT_COMPARABLE, differing=("threshold",), detail=detail)
    if mine == theirs:
        return EXACTLY
    differing = tuple(name for name in MetricDefinition.model_fields if _differs(name, mine, theirs))
    if not differing:
        return EXACTLY
    breaking = any(_breaks(getattr(mine, name), getattr(theirs, name)) for name in differing if name in BREAKING)
    verdict = Comparability.NOT_COMPARABLE if breaking else Comparability.APPROXIMATE
    return Comparison(verdict=verdict, differing=differing, detail=_said(differing, mine, theirs))


def _thresholds(one: Snapshot) -> str:
    """The thresholds of a snapshot's service levels, in words."""
    levels = [level for window in one.windows.values() for level in window.service_levels or ()]
    seconds = {level.threshold.total_seconds() if level.threshold is not None else None for level in levels}
    return ", ".join(sorted("unknown" if each is None else f"{each:g} s" for each in seconds)) or "none"


def worst(comparisons: list[Comparison]) -> Comparison:
    """The verdict over several pairs: the worst of them, with every field that differs in any."""
    ranks = list(Comparability)
    if not comparisons:
        return EXACTLY
    lead = max(comparisons, key=lambda one: ranks.index(one.verdict))
    fields = dict.fromkeys(name for one in comparisons for name in one.differing)
    return lead.model_copy(update={"differing": tuple(fields)})


def _differs(name: str, mine: MetricDefinition, theirs: MetricDefinition) -> bool:
    if name in NOT_MEANING:
        return False
    one, other = getattr(mine, name), getattr(theirs, name)
    return one != other or _unknown(one)


def _breaks(one: object, other: object) -> bool:
    """Whether two values, both known, count different things."""
    return one != other and "unknown" not in (one, other) and {one, other} != NEARLY


def _unknown(value: object) -> bool:
    if isinstance(value, Model):
        return any(_unknown(part) for part in value.__dict__.values())
    return value in ("unknown", ())


def _said(differing: tuple[str, ...], mine: MetricDefinition, theirs: MetricDefinition) -> str:
    return "; ".join(f"{name}: {' / '.join(_pair(getattr(mine, name), getattr(theirs, name)))}" for name in differing)


def _pair(one: object, other: object) -> tuple[str, str]:
    """Two values in words; of two models only the parts that differ or that one of them leaves unknown."""
    if isinstance(one, Model) and isinstance(other, Model):
        names = [name for name, part in one.__dict__.items() if part != getattr(other, name) or _unknown(part)]
        return _parts(one, names), _parts(other, names)
    return _words(one), _words(other)


def _parts(value: Model, names: list[str]) -> str:
    return " ".join(f"{name}={_words(getattr(value, name))}" for name in names)


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return "+".join(map(_words, value)) or "unknown"
    return "-" if value is None else str(value)


def _definition(one: Snapshot | Definitions, metric: str) -> MetricDefinition | None:
    found = definitions_of(one.definitions) if isinstance(one, Snapshot) else one
    return found.metrics.get(metric) if found is not None else None


def _vendor(one: Snapshot | Definitions) -> str:
    return one.target.vendor if isinstance(one, Snapshot) else one.vendor
