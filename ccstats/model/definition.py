"""What a vendor's number means: from when a wait counts, what is in the population, who computed it.

Two numbers of one name compare only as far as their definitions do. A field that does not belong to a metric is None;
one that belongs to it and that nobody says anything about is `unknown`, which is a value to be shown and not to be
guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Literal, Self

from ccstats.model.levels import Comparator
from ccstats.model.target import Kind
from ccstats.model.values import Duration, Model


class Told(StrEnum):
    """An answer to a yes-or-no question about a definition."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class WaitStart(StrEnum):
    """From when a wait counts."""

    SYSTEM_ENTRY = "system_entry"
    TASK_CREATED = "task_created"
    QUEUE_ENTERED = "queue_entered"
    IVR_END = "ivr_end"
    UNKNOWN = "unknown"


class WaitEnd(StrEnum):
    """When a wait ends."""

    OFFERED = "offered"
    ANSWERED = "answered"
    FIRST_REPLY = "first_reply"
    LEFT_QUEUE = "left_queue"
    NOW = "now"
    UNKNOWN = "unknown"


class Population(StrEnum):
    """Who is counted, or whose time is."""

    WAITING = "waiting"
    OFFERED = "offered"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    ANSWERED_AND_ABANDONED = "answered_and_abandoned"
    HANDLED = "handled"
    QUEUED = "queued"
    REMOVED = "removed"
    AGENTS_FREE = "agents_free"
    AGENTS_IN_AVAILABLE_ACTIVITY = "agents_in_available_activity"
    AGENTS_HANDLING = "agents_handling"
    UNKNOWN = "unknown"


class AbandonRule(StrEnum):
    """What abandoned contacts do to a service level, or short ones to the number of abandoned."""

    COUNT_AGAINST = "count_against"
    COUNT_FOR = "count_for"
    IGNORE_WITHIN_THRESHOLD = "ignore_within_threshold"
    EXCLUDE_ALL = "exclude_all"
    BY_CHOICE = "by_choice"
    """The counts are there, and whoever reads them chooses the rule."""
    UNKNOWN = "unknown"


class HandlePart(StrEnum):
    """What handle time may be made of."""

    CONTACTING = "contacting"
    DIALING = "dialing"
    RING = "ring"
    TALK = "talk"
    HOLD = "hold"
    AFTER_CALL_WORK = "after_call_work"
    PREVIEW = "preview"


class CountedUnit(StrEnum):
    """What is counted as one."""

    CONTACT = "contact"
    SEGMENT = "segment"
    CONVERSATION = "conversation"
    TASK = "task"
    RESERVATION = "reservation"
    CALL = "call"
    AGENT = "agent"
    UNKNOWN = "unknown"


class TimeBasis(StrEnum):
    """By which moment something belongs to a window."""

    NOW = "now"
    ENTRY = "entry"
    ANSWER = "answer"
    DISCONNECT = "disconnect"
    COMPLETION = "completion"
    INTERVAL = "interval"
    UNKNOWN = "unknown"


class ThresholdOwner(StrEnum):
    """Who sets the threshold of a service level."""

    TENANT = "tenant"
    QUEUE = "queue"
    CALLER = "caller"
    UNKNOWN = "unknown"


class Hours(StrEnum):
    """Which hours count."""

    ALL = "all"
    BUSINESS = "business"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    """Who made the number."""

    VENDOR = "vendor"
    RECOMPUTED = "recomputed"
    """By ccstats, from the vendor's counts, sums or events."""
    EMULATED = "emulated"
    """By ccstats, from the nearest thing that the vendor has."""


class Exit(StrEnum):
    """Whether contacts that leave in this way are counted."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


class Exits(Model):
    """Ways out of a queue that are neither an answer nor the customer's giving up; None where it does not matter."""

    flow_out: Exit | None = None
    callback: Exit | None = None
    voicemail: Exit | None = None
    transfer: Exit | None = None
    missed: Exit | None = None
    system: Exit | None = None
    """Ended by a program, a time to live or the end of a flow."""


class DefinitionSource(Model):
    """Where a definition comes from: the vendor's metric names, its document, and when that was read."""

    names: tuple[str, ...]
    address: str
    read_on: date


class MetricDefinition(Model):
    """What one metric of one vendor means. Hashable; equal definitions make numbers comparable."""

    version: int = 1
    wait_starts_at: WaitStart | None = None
    wait_ends_at: WaitEnd | None = None
    ring_included: Told | None = None
    population: Population | None = None
    abandon_rule: AbandonRule | None = None
    short_abandon: Duration | None = None
    exits: Exits | None = None
    threshold_set_by: ThresholdOwner | None = None
    comparator: Comparator | None = None
    handle_parts: tuple[HandlePart, ...] | None = None
    """Empty where nobody says what is in it."""
    unit_of_count: CountedUnit
    time_basis: TimeBasis
    hours: Hours = Hours.ALL
    retroactive: Told = Told.UNKNOWN
    origin: Origin
    source: DefinitionSource
    note: str = ""


class Definitions(Model):
    """The definitions of one kind of target under one set of options, by metric name (`window.handle`).

    Snapshots carry `id` alone; `definitions_of(id)` leads back here in the process that made or `remember`ed them,
    and a JSON line of this type stands after the snapshots that name it.
    """

    type: Literal["definitions"] = "definitions"
    v: Literal[1] = 1
    id: str
    vendor: str
    kind: Kind
    metrics: dict[str, MetricDefinition]

    @classmethod
    def declare(cls, vendor: str, kind: Kind, metrics: Mapping[str, MetricDefinition]) -> Self:
        """Definitions under an id that is made of what they say, remembered for `definitions_of`."""
        ordered = {name: metrics[name] for name in sorted(metrics)}
        text = "".join(f"{name}{definition.model_dump_json()}" for name, definition in ordered.items())
        ident = f"{vendor}:{kind.value}:{sha256(text.encode()).hexdigest()[:12]}"
        declared = cls(id=ident, vendor=vendor, kind=kind, metrics=ordered)
        declared.remember()
        return declared

    def remember(self) -> None:
        """Make `definitions_of(self.id)` find this: for definitions that were read from a JSON line."""
        _KNOWN[self.id] = self


_KNOWN: dict[str, Definitions] = {}


def definitions_of(ident: str | None) -> Definitions | None:
    """The definitions that a snapshot names, or None where this process does not know them."""
    return _KNOWN.get(ident) if ident is not None else None
