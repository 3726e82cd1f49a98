"""A contact center as a discrete-event simulation: callers with patience, agents with breaks, no vendor.

What happens follows from the specification alone: every queue and every agent draws from a random stream of
its own, and events are handled one by one in order of time, so the steps in which a center is advanced change
nothing.
"""

from bisect import insort
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import pi, sin
from random import Random
from typing import Final

from ccstats.simulator.generate import generate_spec
from ccstats.simulator.records import Absence, AgentLog, Contact, Offer, Outcome, QueueLog
from ccstats.simulator.spec import ActivitySpec, AgentSpec, CenterSpec, QueueSpec, SiteSpec, State

__all__ = [
    "ActivitySpec",
    "AgentSpec",
    "Center",
    "CenterSpec",
    "Contact",
    "Offer",
    "QueueSpec",
    "SiteSpec",
    "generate_spec",
]

SHORTEST: Final = 0.001
URGENT: Final = 10
SWELL: Final = 0.3
"""How far the rate of arrivals swings around its mean, in waves of `SWELL_PERIOD_S`."""
SWELL_PERIOD_S: Final = 2700.0


class _Agent:
    """What an agent is doing right now, beside its log."""

    __slots__ = ("absent", "activity", "idle_since", "leaving", "load", "log", "number", "random")

    def __init__(self, number: int, random: Random) -> None:
        self.number = number
        self.random = random
        self.log = AgentLog()
        self.activity = 0
        self.load = 0
        self.absent = False
        self.leaving = False
        self.idle_since = 0.0


class Center:
    """One simulated contact center from `start` on; `advance` makes time pass in it."""

    def __init__(self, spec: CenterSpec, start: datetime) -> None:
        """Open the center at an aware moment; nobody waits yet, and agents are at their first activities."""
        if start.tzinfo is None:
            raise ValueError("start must be an aware datetime")
        self.spec: Final = spec
        self.start: Final = start.astimezone(UTC)
        self.contacts: list[Contact] = []
        self.queues: Final = tuple(QueueLog() for _ in spec.queues)
        self._now = self.start
        self._time = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._scheduled = 0
        self._waiting: tuple[list[tuple[int, float, int]], ...] = tuple([] for _ in spec.queues)
        self._arrivals = tuple(Random(f"{spec.seed}:queue:{number}") for number in range(len(spec.queues)))
        self._rings = Random(f"{spec.seed}:rings")
        self._agents = tuple(
            _Agent(number, Random(f"{spec.seed}:agent:{number}")) for number in range(len(spec.agents))
        )
        self.agents: Final = tuple(agent.log for agent in self._agents)
        self._members = tuple(
            tuple(number for number, agent in enumerate(spec.agents) if queue in agent.queues)
            for queue in range(len(spec.queues))
        )
        for agent in self._agents:
            self._begin_activity(agent, self._first_state(agent))
        for queue in range(len(spec.queues)):
            self._expect_arrival(queue)

    @property
    def now(self) -> datetime:
        """The moment up to which everything has happened."""
        return self._now

    def seconds(self, at: datetime) -> float:
        """Return a moment as seconds since the start, whole milliseconds, rounded down."""
        return (at - self.start) // timedelta(milliseconds=1) / 1000

    def moment(self, seconds: float) -> datetime:
        """Return seconds since the start as a moment in UTC."""
        return self.start + timedelta(milliseconds=round(seconds * 1000))

    def members(self, queue: int) -> tuple[int, ...]:
        """Return the indexes of the agents that serve a queue."""
        return self._members[queue]

    def advance(self, to: datetime) -> None:
        """Let everything happen until and including a moment; a moment of the past changes nothing."""
        limit = self.seconds(to)
        while self._events and self._events[0][0] <= limit:
            self._time, _, action = heappop(self._events)
            action()
        self._now = max(self._now, to.astimezone(UTC))

    def _later(self, delay: float, action: Callable[[], None]) -> float:
        at = round(self._time + max(delay, SHORTEST), 3)
        self._scheduled += 1
        heappush(self._events, (at, self._scheduled, action))
        return at

    # Contacts

    def _expect_arrival(self, queue: int) -> None:
        per_hour = self.spec.queues[queue].contacts_per_hour
        if per_hour <= 0:
            return
        wave = sin(2 * pi * self._time / SWELL_PERIOD_S + queue)
        gap = self._arrivals[queue].expovariate(per_hour / 3600 * (1 + SWELL * wave))
        self._later(gap, lambda: self._arrive(queue))

    def _arrive(self, queue: int) -> None:
        spec, random = self.spec.queues[queue], self._arrivals[queue]
        (channel,) = random.choices(tuple(spec.channels), tuple(spec.channels.values()))
        priority = URGENT if random.random() < self.spec.urgent_share else 0
        contact = Contact(len(self.contacts), queue, channel, priority, self._time)
        self.contacts.append(contact)
        self.queues[queue].arrivals.add(self._time, contact)
        self._later(random.expovariate(1 / spec.patience_mean_s), lambda: self._abandon(contact))
        self._expect_arrival(queue)
        self._wait(contact)

    def _wait(self, contact: Contact) -> None:
        agents = [agent for agent in map(self._agents.__getitem__, self._members[contact.queue]) if self._free(agent)]
        insort(self._waiting[contact.queue], _place(contact))
        if agents:
            self._offer(contact, min(agents, key=lambda agent: (agent.load, agent.idle_since, agent.number)))

    def _free(self, agent: _Agent) -> bool:
        available = self.spec.activities[agent.activity].state == "available"
        return available and not agent.absent and not agent.leaving and agent.load < self.spec.capacity

    def _offer(self, contact: Contact, agent: _Agent) -> None:
        self._waiting[contact.queue].remove(_place(contact))
        offer = Offer(contact, agent.number, self._time)
        contact.offers.append(offer)
        agent.load += 1
        agent.log.work.add(self._time, offer)
        self.queues[contact.queue].offers.add(self._time, offer)
        if self._rings.random() < self.spec.ring_timeout_share:
            self._later(self.spec.ring_timeout_s, lambda: self._time_out(offer))
        else:
            self._later(self._rings.uniform(*self.spec.ring_s), lambda: self._accept(offer))

    def _end_offer(self, offer: Offer, outcome: Outcome) -> None:
        offer.ended, offer.outcome = self._time, outcome
        self.queues[offer.contact.queue].offer_ends.add(self._time, offer)
        self.agents[offer.agent].offer_ends.add(self._time, offer)
        if outcome != "accepted":
            self._finish(offer)

    def _abandon(self, contact: Contact) -> None:
        if contact.accepted is not None:
            return
        contact.abandoned = self._time
        queue = self.queues[contact.queue]
        queue.abandons.add(self._time, contact)
        queue.arrivals.close(contact)
        ringing = contact.offers[-1] if contact.offers else None
        if ringing is None or ringing.outcome is not None:
            self._waiting[contact.queue].remove(_place(contact))
            return
        self._end_offer(ringing, "rescinded")
        self._release(self._agents[ringing.agent])

    def _time_out(self, offer: Offer) -> None:
        if offer.outcome is not None:
            return
        agent = self._agents[offer.agent]
        self._end_offer(offer, "timed_out")
        if not agent.absent:
            back = self._later(agent.random.uniform(*self.spec.not_responding_s), lambda: self._return(agent))
            agent.absent = True
            agent.log.absences.add(self._time, Absence(self._time, back))
        self._wait(offer.contact)

    def _return(self, agent: _Agent) -> None:
        agent.absent = False
        self._release(agent)

    def _accept(self, offer: Offer) -> None:
        if offer.outcome is not None:
            return
        contact, spec = offer.contact, self.spec.queues[offer.contact.queue]
        self._end_offer(offer, "accepted")
        contact.accepted, contact.agent = self._time, offer.agent
        self.queues[contact.queue].answers.add(self._time, contact)
        random = self._agents[offer.agent].random
        talk = random.gammavariate(2, spec.talk_mean_s / 2)
        held = round(random.expovariate(1 / spec.hold_mean_s), 3) if random.random() < spec.hold_share else 0.0
        self._later(talk + held, lambda: self._hang_up(offer, held))

    def _hang_up(self, offer: Offer, held: float) -> None:
        contact = offer.contact
        contact.held, contact.talk_ended = held, self._time
        wrap = self._agents[offer.agent].random.gammavariate(2, self.spec.queues[contact.queue].wrap_mean_s / 2)
        self._later(wrap, lambda: self._complete(offer))

    def _complete(self, offer: Offer) -> None:
        contact = offer.contact
        contact.completed = self._time
        queue = self.queues[contact.queue]
        queue.completions.add(self._time, contact)
        queue.arrivals.close(contact)
        self._finish(offer)
        self._release(self._agents[offer.agent])

    def _finish(self, offer: Offer) -> None:
        agent = self._agents[offer.agent]
        agent.load -= 1
        agent.log.work.close(offer)
        if agent.load == 0:
            agent.idle_since = self._time

    # Agents

    def _release(self, agent: _Agent) -> None:
        """Let an agent with a free hand change to the activity that is due, or take who waits longest."""
        if agent.leaving and agent.load == 0 and not agent.absent:
            self._change_activity(agent)
            return
        while self._free(agent):
            heads = [self._waiting[queue][0] for queue in self.spec.agents[agent.number].queues if self._waiting[queue]]
            if not heads:
                return
            self._offer(self.contacts[min(heads)[-1]], agent)

    def _first_state(self, agent: _Agent) -> State:
        states: tuple[State, ...] = ("available", "unavailable", "offline")
        (state,) = agent.random.choices(states, (0.72, 0.13, 0.15))
        return state

    def _begin_activity(self, agent: _Agent, state: State) -> None:
        choices = [number for number, activity in enumerate(self.spec.activities) if activity.state == state]
        if not choices:
            choices = [number for number, activity in enumerate(self.spec.activities) if activity.state == "available"]
        agent.activity = agent.random.choice(choices)
        agent.leaving = False
        agent.idle_since = self._time
        agent.log.activities.add(self._time, agent.activity)
        mean = getattr(self.spec, f"{self.spec.activities[agent.activity].state}_mean_s")
        self._later(agent.random.expovariate(1 / mean), lambda: self._tire(agent))

    def _tire(self, agent: _Agent) -> None:
        agent.leaving = True
        self._release(agent)

    def _change_activity(self, agent: _Agent) -> None:
        state: State = "available"
        if self.spec.activities[agent.activity].state == "available":
            state = "offline" if agent.random.random() < self.spec.offline_share else "unavailable"
        self._begin_activity(agent, state)
        self._release(agent)


def _place(contact: Contact) -> tuple[int, float, int]:
    """Return a contact's place in its queue: urgent ones first, then who has waited longest."""
    return (-contact.priority, contact.arrived, contact.number)
