"""What is true in a center at a moment or over a window: pure functions over its log.

Moments are seconds since the center's start and not after its now. A state lasts from the moment it begins
until just before the moment it ends; windows are half-open, so [a, b) and [b, c) add up to [a, c).
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ccstats.simulator.agent_time import (
    AgentTime,
    Reservations,
    Segment,
    activity_time,
    agent_segments,
    reservations,
)
from ccstats.simulator.agents import AgentNow, AgentsNow, agent_now, agents_now, members
from ccstats.simulator.center import Center, Contact, Offer
from ccstats.simulator.records import Phase, contact_phase

__all__ = [
    "AgentNow",
    "AgentTime",
    "AgentsNow",
    "Handled",
    "QueueNow",
    "QueueWindow",
    "Reservations",
    "Segment",
    "activity_time",
    "agent_now",
    "agent_segments",
    "agents_now",
    "contact_phase",
    "handled",
    "members",
    "queue_now",
    "queue_window",
    "reservations",
]


@dataclass(frozen=True, slots=True)
class QueueNow:
    """The contacts that some queues held at one moment, each tuple in order of arrival."""

    at: float
    pending: tuple[Contact, ...]
    ringing: tuple[Contact, ...]
    talking: tuple[Contact, ...]
    wrapping: tuple[Contact, ...]

    @property
    def waiting(self) -> tuple[Contact, ...]:
        """Contacts not yet accepted, ringing ones included, longest waiting first."""
        return _by_arrival((*self.pending, *self.ringing))

    @property
    def longest_wait(self) -> float | None:
        """Seconds since the arrival of the contact that waits longest; None where nobody waits."""
        waiting = self.waiting
        return round(self.at - waiting[0].arrived, 3) if waiting else None


@dataclass(frozen=True, slots=True)
class Handled:
    """A completed contact's times in seconds; talk excludes hold."""

    talk: float
    held: float
    wrap: float

    @property
    def handle(self) -> float:
        """Talk, hold and wrap-up together."""
        return round(self.talk + self.held + self.wrap, 3)


@dataclass(frozen=True, slots=True)
class QueueWindow:
    """What happened in some queues in [start, end), each event counted by its own moment."""

    start: float
    end: float
    arrivals: tuple[Contact, ...]
    answers: tuple[Contact, ...]
    abandons: tuple[Contact, ...]
    completions: tuple[Contact, ...]
    reservations_created: int
    reservations_accepted: int
    reservations_timed_out: int
    reservations_rescinded: int

    @property
    def offered(self) -> int:
        """Contacts that arrived."""
        return len(self.arrivals)

    @property
    def answered(self) -> int:
        """Contacts that an agent accepted."""
        return len(self.answers)

    @property
    def answer_waits(self) -> tuple[float, ...]:
        """Seconds from arrival to acceptance of each answered contact."""
        return tuple(round((contact.accepted or 0.0) - contact.arrived, 3) for contact in self.answers)

    @property
    def abandoned(self) -> int:
        """Contacts that gave up before anybody accepted them."""
        return len(self.abandons)

    @property
    def abandon_waits(self) -> tuple[float, ...]:
        """Seconds from arrival to giving up of each abandoned contact."""
        return tuple(round((contact.abandoned or 0.0) - contact.arrived, 3) for contact in self.abandons)

    @property
    def completed(self) -> tuple[Handled, ...]:
        """The times of each contact whose wrap-up ended."""
        return tuple(map(handled, self.completions))


def queue_now(center: Center, queues: Collection[int], at: float, channels: Collection[str] | None = None) -> QueueNow:
    """Return the contacts that the queues hold at a moment."""
    phases: dict[Phase, list[Contact]] = {"pending": [], "ringing": [], "talking": [], "wrapping": []}
    for queue in sorted(set(queues)):
        for contact in center.queues[queue].arrivals.around(at):
            phase = contact_phase(contact, at)
            if phase and (channels is None or contact.channel in channels):
                phases[phase].append(contact)
    return QueueNow(at, **{phase: _by_arrival(contacts) for phase, contacts in phases.items()})


def queue_window(
    center: Center, queues: Collection[int], start: float, end: float, channels: Collection[str] | None = None
) -> QueueWindow:
    """Return what happened in the queues in [start, end), in the given channels only where some are given."""
    arrivals: list[Contact] = []
    answers: list[Contact] = []
    abandons: list[Contact] = []
    completions: list[Contact] = []
    created = 0
    outcomes: Counter[str | None] = Counter()
    for queue in sorted(set(queues)):
        log = center.queues[queue]
        arrivals += _of(log.arrivals.between(start, end), channels)
        answers += _of(log.answers.between(start, end), channels)
        abandons += _of(log.abandons.between(start, end), channels)
        completions += _of(log.completions.between(start, end), channels)
        created += len(_offers_of(log.offers.between(start, end), channels))
        outcomes.update(offer.outcome for offer in _offers_of(log.offer_ends.between(start, end), channels))
    return QueueWindow(
        start=start,
        end=end,
        arrivals=tuple(arrivals),
        answers=tuple(answers),
        abandons=tuple(abandons),
        completions=tuple(completions),
        reservations_created=created,
        reservations_accepted=outcomes["accepted"],
        reservations_timed_out=outcomes["timed_out"],
        reservations_rescinded=outcomes["rescinded"],
    )


def handled(contact: Contact) -> Handled:
    """Return a completed contact's times."""
    if contact.accepted is None or contact.talk_ended is None or contact.completed is None:
        raise ValueError(f"contact {contact.number} is not completed")
    talk = round(contact.talk_ended - contact.accepted - contact.held, 3)
    return Handled(talk, contact.held, round(contact.completed - contact.talk_ended, 3))


def _of(contacts: Iterable[Contact], channels: Collection[str] | None) -> list[Contact]:
    return [contact for contact in contacts if channels is None or contact.channel in channels]


def _offers_of(offers: Iterable[Offer], channels: Collection[str] | None) -> list[Offer]:
    return [offer for offer in offers if channels is None or offer.contact.channel in channels]


def _by_arrival(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    return tuple(sorted(contacts, key=lambda contact: (contact.arrived, contact.number)))
