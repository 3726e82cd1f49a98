"""Service levels: counts at a threshold, and the shares that named rules make of them.

The same day reads 78.9 % to 86.0 % under rules that are all in use. What is stored is counts; a share is a view that
names its rule, and a rule whose counts are not known gives a gap.
"""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from ccstats.model.gap import Gap, GapReason
from ccstats.model.part import STRICT, Part
from ccstats.model.values import Count, Duration, Model, plus


class Comparator(StrEnum):
    """Whether a contact answered exactly at the threshold meets it."""

    LESS = "<"
    LESS_OR_EQUAL = "<="
    UNKNOWN = "unknown"


class ServiceLevelRule(StrEnum):
    """What is divided by what; the same day reads points apart under different rules."""

    OF_OFFERED = "of_offered"
    """met / offered: whatever was not answered in time is missed"""
    OF_OFFERED_WITHOUT_SHORT = "of_offered_without_short"
    """met / (offered - short abandoned)"""
    ABANDONED_MISS = "abandoned_miss"
    """met / (met + missed + all abandoned)"""
    WITHOUT_SHORT_ABANDONED = "without_short_abandoned"
    """met / (met + missed + all abandoned - short abandoned)"""
    ABANDONED_IGNORED = "abandoned_ignored"
    """met / (met + missed)"""
    ABANDONED_WITHIN_IGNORED = "abandoned_within_ignored"
    """met / (met + missed + abandoned beyond the threshold)"""
    ABANDONED_WITHIN_MET = "abandoned_within_met"
    """(met + abandoned within the threshold) / (met + missed + all abandoned)"""
    REMOVED_WITHIN = "removed_within"
    """(met + abandoned within + left another way within the threshold) / offered: Amazon Connect's"""


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """What rules need beside the counts at the threshold; None is not known."""

    offered: int | None = None
    abandoned: int | None = None
    short_abandoned: int | None = None
    left_within: int | None = None
    """Contacts that left unanswered and not abandoned (a callback, another queue) within the threshold."""


NONE_KNOWN = Counts()


class RuledLevel(Model):
    """A service level under one rule: numerator and denominator, their ratio (0 to 1), or the gap that says why not."""

    rule: ServiceLevelRule
    threshold: Duration | None = None
    numerator: int | None = None
    denominator: int | None = None
    ratio: float | None = None
    vendor_ratio: float | None = None
    """The vendor's own figure, by its own rule, where it has one."""
    gap: Gap | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ServiceLevel(Part):
    """What a service level is made of at one threshold: counts first, percentages are views.

    `met` and `missed` are answered contacts; `abandoned_within` and `abandoned_beyond` are abandoned ones, before and
    after the threshold. `vendor_ratio` is the vendor's own figure (0 to 1), under the vendor's own rule.
    """

    threshold: Duration | None = None
    comparator: Comparator = Comparator.UNKNOWN
    met: Count | None = None
    missed: Count | None = None
    abandoned_within: Count | None = None
    abandoned_beyond: Count | None = None
    vendor_ratio: Annotated[float, Field(strict=True, ge=0, le=1)] | None = None

    def joined(self, other: ServiceLevel) -> ServiceLevel:
        """Both as one; counts at unlike thresholds are not added, and percentages never."""
        if self.threshold != other.threshold:
            return ServiceLevel()
        return ServiceLevel(
            threshold=self.threshold,
            comparator=self.comparator if self.comparator is other.comparator else Comparator.UNKNOWN,
            met=plus(self.met, other.met),
            missed=plus(self.missed, other.missed),
            abandoned_within=plus(self.abandoned_within, other.abandoned_within),
            abandoned_beyond=plus(self.abandoned_beyond, other.abandoned_beyond),
        )

    def ratio(self, rule: ServiceLevelRule, counts: Counts = NONE_KNOWN) -> float | None:
        """The service level from 0 to 1 under `rule`, or None where a count it needs is missing or all are 0."""
        return self.by(rule, counts).ratio

    def by(self, rule: ServiceLevelRule, counts: Counts = NONE_KNOWN) -> RuledLevel:
        """The service level under `rule`; `counts` are those of the same contacts that are no part of a threshold."""
        good, of = self._parts(rule, counts)
        lacking = [name for name, number in (*good.items(), *of.items()) if number is None]
        if lacking:
            detail = f"{rule.value} needs {' and '.join(dict.fromkeys(lacking))}"
            return self._ruled(rule, gap=Gap(reason=GapReason.UNKNOWN, detail=detail))
        numerator, denominator = sum(filter(None, good.values())), sum(filter(None, of.values()))
        denominator -= 2 * (of.get("short_abandoned") or 0)  # it is taken off, not added
        if denominator == 0:
            return self._ruled(rule, 0, 0, gap=Gap(reason=GapReason.NO_DATA, detail="no contact counts"))
        if not 0 <= numerator <= denominator:
            detail = f"{numerator} of {denominator}: contacts of another window are among them"
            return self._ruled(rule, gap=Gap(reason=GapReason.UNKNOWN, detail=detail))
        return self._ruled(rule, numerator, denominator)

    def _ruled(
        self,
        rule: ServiceLevelRule,
        numerator: int | None = None,
        denominator: int | None = None,
        gap: Gap | None = None,
    ) -> RuledLevel:
        return RuledLevel(
            rule=rule,
            threshold=self.threshold,
            numerator=numerator,
            denominator=denominator,
            ratio=numerator / denominator if numerator is not None and denominator else None,
            vendor_ratio=self.vendor_ratio,
            gap=gap,
        )

    def _parts(self, rule: ServiceLevelRule, counts: Counts) -> tuple[dict[str, int | None], dict[str, int | None]]:
        """The counts above and below the line, by name."""
        answered: dict[str, int | None] = {"met": self.met, "missed": self.missed}
        abandoned = answered | self._abandoned(counts)
        within = {"met": self.met, "abandoned_within": self.abandoned_within}
        short = {"short_abandoned": counts.short_abandoned}
        offered = {"offered": counts.offered}
        met = {"met": self.met}
        return {
            ServiceLevelRule.OF_OFFERED: (met, offered),
            ServiceLevelRule.OF_OFFERED_WITHOUT_SHORT: (met, offered | short),
            ServiceLevelRule.ABANDONED_MISS: (met, abandoned),
            ServiceLevelRule.WITHOUT_SHORT_ABANDONED: (met, abandoned | short),
            ServiceLevelRule.ABANDONED_IGNORED: (met, answered),
            ServiceLevelRule.ABANDONED_WITHIN_IGNORED: (met, answered | {"abandoned_beyond": self.abandoned_beyond}),
            ServiceLevelRule.ABANDONED_WITHIN_MET: (within, abandoned),
            ServiceLevelRule.REMOVED_WITHIN: (within | {"left_within": counts.left_within}, offered),
        }[rule]

    def _abandoned(self, counts: Counts) -> dict[str, int | None]:
        """All abandoned contacts: by threshold, or where the vendor does not split them, together."""
        split = {"abandoned_within": self.abandoned_within, "abandoned_beyond": self.abandoned_beyond}
        return {"abandoned": counts.abandoned} if None in split.values() and counts.abandoned is not None else split


def level_at(levels: tuple[ServiceLevel, ...] | None, threshold: timedelta | None) -> ServiceLevel | None:
    """The level at `threshold`, or the first where none is named."""
    found = levels or ()
    return next((one for one in found if threshold is None or one.threshold == threshold), None)


def at_threshold(path: str, threshold: timedelta) -> str:
    """The path of the service level at one threshold, such as `service_levels[20]`."""
    return f"{path}[{threshold.total_seconds():g}]"
