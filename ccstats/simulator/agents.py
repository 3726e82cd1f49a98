"""What agents do at a moment: pure functions over a center's log."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from ccstats.simulator.center import Center, Offer
from ccstats.simulator.records import Phase, contact_phase, past
from ccstats.simulator.spec import State


@dataclass(frozen=True, slots=True)
class AgentNow:
    """What one agent did at one moment; ringing, talking and wrapping count contacts."""

    agent: int
    activity: int
    state: State
    ringing: int
    talking: int
    wrapping: int
    not_responding: bool

    @property
    def busy(self) -> bool:
        """Whether the agent talks or wraps up."""
        return self.talking + self.wrapping > 0

    @property
    def idle(self) -> bool:
        """Whether the agent is in an available activity with nothing to do and reachable."""
        return self.state == "available" and not (self.ringing or self.busy or self.not_responding)


@dataclass(frozen=True, slots=True)
class AgentsNow:
    """What some agents did at one moment, each agent once."""

    agents: tuple[AgentNow, ...]

    @property
    def total(self) -> int:
        """All of them, offline ones too."""
        return len(self.agents)

    @property
    def available(self) -> int:
        """Agents ready for a contact and without one, as a single-tasking center counts."""
        return sum(agent.idle for agent in self.agents)

    @property
    def busy(self) -> int:
        """Agents who talk or wrap up."""
        return sum(agent.busy for agent in self.agents)

    @property
    def ringing(self) -> int:
        """Agents whose phone rings and who do not talk or wrap up."""
        return sum(agent.ringing > 0 and not agent.busy for agent in self.agents)

    @property
    def not_responding(self) -> int:
        """Agents who let a contact ring out a short while ago."""
        return sum(agent.not_responding for agent in self.agents)

    def in_state(self, state: State) -> int:
        """Return how many are in an activity of this state, whatever they handle."""
        return sum(agent.state == state for agent in self.agents)

    @property
    def unavailable(self) -> int:
        """Agents in an unavailable activity of their own choice."""
        return self.in_state("unavailable")

    @property
    def offline(self) -> int:
        """Agents in an offline activity."""
        return self.in_state("offline")

    def by_activity(self) -> Counter[int]:
        """Return how many are in each activity of the center."""
        return Counter(agent.activity for agent in self.agents)


def agents_now(center: Center, queues: Collection[int] | None, at: float) -> AgentsNow:
    """Return what each agent of the queues does at a moment; every agent where `queues` is None."""
    return AgentsNow(tuple(agent_now(center, agent, at) for agent in members(center, queues)))


def members(center: Center, queues: Collection[int] | None) -> list[int]:
    """Return the agents that serve any of the queues, each once; every agent where `queues` is None."""
    if queues is None:
        return list(range(len(center.agents)))
    return sorted({agent for queue in queues for agent in center.members(queue)})


def agent_now(center: Center, agent: int, at: float) -> AgentNow:
    """Return what one agent does at a moment."""
    log = center.agents[agent]
    activity = log.activities.last(at)
    if activity is None:
        raise ValueError(f"{at} is before the center's start")
    absence = log.absences.last(at)
    phases = Counter(_offer_phase(offer, at) for offer in log.work.around(at))
    return AgentNow(
        agent=agent,
        activity=activity,
        state=center.spec.activities[activity].state,
        ringing=phases["ringing"],
        talking=phases["talking"],
        wrapping=phases["wrapping"],
        not_responding=absence is not None and at < absence.end,
    )


def _offer_phase(offer: Offer, at: float) -> Phase | None:
    if not past(offer.ended, at):
        return "ringing"
    return contact_phase(offer.contact, at) if offer.outcome == "accepted" else None
