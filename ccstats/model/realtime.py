"""What is true now."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime
from pydantic.dataclasses import dataclass

from ccstats.model.errorinfo import ErrorInfo
from ccstats.model.part import STRICT, Part
from ccstats.model.values import Count, Duration, Model, plus


class Status(StrEnum):
    """How far the numbers of a family can be trusted."""

    FRESH = "fresh"
    STALE = "stale"
    """The last good numbers, older than three periods."""
    FAILED = "failed"
    """The read failed, and there are no earlier numbers."""
    GONE = "gone"
    """The vendor no longer knows the target."""


class ActivityState(StrEnum):
    """What an activity (Twilio) or presence (Genesys) means for taking contacts."""

    AVAILABLE = "available"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Agents(Part):
    """Agents by what they do now. No identity among the numbers is promised, and they never add over queues.

    An agent of several queues is counted in each of them; where agents handle several contacts at once, `available` and
    `busy` may overlap. `unavailable` are those whose activity takes no contacts, offline ones included where the vendor
    does not tell them apart.
    """

    total: Count | None = None
    available: Count | None = None
    busy: Count | None = None
    unavailable: Count | None = None
    offline: Count | None = None
    off_queue: Count | None = None
    not_responding: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Activity(Part):
    """How many agents are in one activity. Known by `id`; the name is free text in the account's own language."""

    id: str
    name: str | None = None
    agents: Count | None = None
    state: ActivityState = ActivityState.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ChannelRealtime(Part):
    """The part of `Realtime` that belongs to one `Channel`; `vendor_names` are what the vendor calls it."""

    vendor_names: tuple[str, ...] = ()
    waiting: Count | None = None
    offering: Count | None = None
    longest_wait: Duration | None = None
    in_progress: Count | None = None

    def joined(self, other: ChannelRealtime) -> ChannelRealtime:
        """Both as one: two of a vendor's channels that have one neutral name."""
        waits = [part.longest_wait for part in (self, other) if part.waiting != 0]
        return ChannelRealtime(
            vendor_names=(*self.vendor_names, *other.vendor_names),
            waiting=plus(self.waiting, other.waiting),
            offering=plus(self.offering, other.offering),
            longest_wait=None if None in waits else max((wait for wait in waits if wait is not None), default=None),
            in_progress=plus(self.in_progress, other.in_progress),
        )


class Realtime(Model):
    """The state of a target at `observed_at`.

    * `waiting`: contacts not yet accepted, as the vendor counts them
    * `offering`: those of them that ring at an agent, where the vendor tells; never added to `waiting`
    * `longest_wait`: how long the longest of them has waited
    * `in_progress`: contacts being handled; `after_call_work`: contacts whose agent is in after-call work
    """

    observed_at: AwareDatetime | None = None
    status: Status = Status.FRESH
    error: ErrorInfo | None = None
    waiting: Count | None = None
    offering: Count | None = None
    longest_wait: Duration | None = None
    in_progress: Count | None = None
    after_call_work: Count | None = None
    waiting_by_priority: dict[int, Count] | None = None
    by_channel: dict[str, ChannelRealtime] | None = None
    agents: Agents = Agents()
    activities: tuple[Activity, ...] | None = None
