"""What happened over a period."""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime
from pydantic.dataclasses import dataclass

from ccstats.model.errorinfo import ErrorInfo
from ccstats.model.gap import Gap, GapReason
from ccstats.model.levels import Counts, RuledLevel, ServiceLevel, ServiceLevelRule, level_at
from ccstats.model.part import STRICT, Part
from ccstats.model.realtime import Status
from ccstats.model.values import Count, Duration, Model, TimeStat, Total, plus


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Reservations(Part):
    """Offers of contacts to agents, by what became of them."""

    created: Count | None = None
    accepted: Count | None = None
    rejected: Count | None = None
    timed_out: Count | None = None
    canceled: Count | None = None
    rescinded: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ActivityDuration(Part):
    """How long agents spent in one activity, clipped to the window. `total` is agent-seconds."""

    id: str
    name: str | None = None
    total: Total | None = None
    average: Duration | None = None
    min: Duration | None = None
    max: Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ChannelWindow(Part):
    """The part of `Window` that belongs to one `Channel`; `vendor_names` are what the vendor calls it."""

    vendor_names: tuple[str, ...] = ()
    offered: Count | None = None
    answered: Count | None = None
    abandoned: Count | None = None
    handled: Count | None = None
    speed_of_answer: TimeStat | None = None
    abandon_wait: TimeStat | None = None
    handle: TimeStat | None = None
    service_levels: tuple[ServiceLevel, ...] | None = None

    def joined(self, other: ChannelWindow) -> ChannelWindow:
        """Both as one: two of a vendor's channels that have one neutral name."""
        levels = None
        if self.service_levels is not None and other.service_levels is not None:
            pairs = zip(self.service_levels, other.service_levels, strict=True)  # a vendor has the same levels in all
            levels = tuple(mine.joined(its) for mine, its in pairs)
        return ChannelWindow(
            vendor_names=(*self.vendor_names, *other.vendor_names),
            offered=plus(self.offered, other.offered),
            answered=plus(self.answered, other.answered),
            abandoned=plus(self.abandoned, other.abandoned),
            handled=plus(self.handled, other.handled),
            speed_of_answer=_joined(self.speed_of_answer, other.speed_of_answer),
            abandon_wait=_joined(self.abandon_wait, other.abandon_wait),
            handle=_joined(self.handle, other.handle),
            service_levels=levels,
        )


def _joined(one: TimeStat | None, other: TimeStat | None) -> TimeStat | None:
    return one.joined(other) if one is not None and other is not None else None


class Window(Model):
    """What happened to a target from `start` (included) to `end` (not included).

    * `complete_until`: up to where the vendor promises that nothing more will come in
    * `offered`: contacts that entered; `answered`: accepted by an agent; `abandoned`: left unanswered
    * `handled`: contacts whose handling ended; `flowed_out`: left for elsewhere, neither answered nor abandoned
    * `wait`: of every contact that stopped waiting, whatever became of it; `speed_of_answer`: of the answered;
      `abandon_wait`: of the abandoned
    * `handle`: talk, hold and after-call work together, as the vendor adds them
    """

    observed_at: AwareDatetime | None = None
    status: Status = Status.FRESH
    error: ErrorInfo | None = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    complete_until: AwareDatetime | None = None
    offered: Count | None = None
    answered: Count | None = None
    abandoned: Count | None = None
    short_abandoned: Count | None = None
    handled: Count | None = None
    transferred: Count | None = None
    flowed_out: Count | None = None
    wait: TimeStat | None = None
    speed_of_answer: TimeStat | None = None
    abandon_wait: TimeStat | None = None
    handle: TimeStat | None = None
    talk: TimeStat | None = None
    hold: TimeStat | None = None
    after_call_work: TimeStat | None = None
    service_levels: tuple[ServiceLevel, ...] | None = None
    activity_durations: tuple[ActivityDuration, ...] | None = None
    reservations: Reservations | None = None
    by_channel: dict[str, ChannelWindow] | None = None

    def service_level(self, rule: ServiceLevelRule, threshold: timedelta | None = None) -> RuledLevel:
        """The service level under `rule` at `threshold` (by default the first that there is), beside `vendor_ratio`.

        Where the counts do not allow the rule, `ratio` is None and `gap` says which one is missing.
        """
        level = level_at(self.service_levels, threshold)
        if level is None:
            detail = "no service level was counted" + (f" at {threshold.total_seconds():g} s" if threshold else "")
            return RuledLevel(rule=rule, threshold=threshold, gap=Gap(reason=GapReason.UNKNOWN, detail=detail))
        counts = Counts(
            offered=self.offered,
            abandoned=self.abandoned,
            short_abandoned=self.short_abandoned,
            # How many of those that left another way did so within the threshold, nobody tells; of none it is none.
            left_within=0 if self.flowed_out == 0 else None,
        )
        return level.by(rule, counts)
