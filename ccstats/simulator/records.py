"""What a simulated center notes down while it runs; times are seconds since its start."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ccstats.simulator.log import Ledger, Timeline

Outcome = Literal["accepted", "timed_out", "rescinded"]
Phase = Literal["pending", "ringing", "talking", "wrapping"]


@dataclass(slots=True, eq=False)
class Contact:
    """One call, chat or mail on its way through a queue; `held` is the part of the talk spent on hold."""

    number: int
    queue: int
    channel: str
    priority: int
    arrived: float
    offers: "list[Offer]" = field(default_factory=list)
    accepted: float | None = None
    agent: int | None = None
    held: float = 0.0
    talk_ended: float | None = None
    completed: float | None = None
    abandoned: float | None = None


@dataclass(slots=True, eq=False)
class Offer:
    """One agent's phone ringing for one contact; rescinded means that the caller gave up meanwhile."""

    contact: Contact = field(repr=False)
    agent: int
    at: float
    ended: float | None = None
    outcome: Outcome | None = None


class Absence(NamedTuple):
    """A time in which an agent counts as not responding, after a ring that nobody took."""

    start: float
    end: float


class QueueLog:
    """Everything that happened in one queue."""

    __slots__ = ("abandons", "answers", "arrivals", "completions", "offer_ends", "offers")

    def __init__(self) -> None:
        self.arrivals: Ledger[Contact] = Ledger()
        self.answers: Timeline[Contact] = Timeline()
        self.abandons: Timeline[Contact] = Timeline()
        self.completions: Timeline[Contact] = Timeline()
        self.offers: Timeline[Offer] = Timeline()
        self.offer_ends: Timeline[Offer] = Timeline()


class AgentLog:
    """Everything that one agent did: activities by index, absences, offers and the work that came of them."""

    __slots__ = ("absences", "activities", "offer_ends", "work")

    def __init__(self) -> None:
        self.activities: Timeline[int] = Timeline()
        self.absences: Timeline[Absence] = Timeline()
        self.work: Ledger[Offer] = Ledger()
        self.offer_ends: Timeline[Offer] = Timeline()


def contact_phase(contact: Contact, at: float) -> Phase | None:
    """Return what a contact was doing at a moment; None before its arrival and after its end."""
    if at < contact.arrived or past(contact.abandoned, at) or past(contact.completed, at):
        return None
    if past(contact.talk_ended, at):
        return "wrapping"
    if past(contact.accepted, at):
        return "talking"
    rings = any(offer.at <= at and not past(offer.ended, at) for offer in reversed(contact.offers))
    return "ringing" if rings else "pending"


def past(moment: float | None, at: float) -> bool:
    """Return whether something had happened by a moment."""
    return moment is not None and moment <= at
