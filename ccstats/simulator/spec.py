"""What a simulated contact center is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["available", "unavailable", "offline"]


@dataclass(frozen=True, slots=True)
class ActivitySpec:
    """Something an agent can be doing besides handling contacts."""

    name: str
    state: State


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """A place whose queues and agents belong together: a Twilio workspace, a Genesys division."""

    name: str


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue and the people who call it; `channels` holds each channel's share of the contacts."""

    name: str
    site: int
    contacts_per_hour: float
    channels: Mapping[str, float]
    patience_mean_s: float = 120.0
    talk_mean_s: float = 180.0
    hold_share: float = 0.2
    hold_mean_s: float = 40.0
    wrap_mean_s: float = 30.0
    service_level_s: float = 20.0


@dataclass(frozen=True, slots=True)
class AgentSpec:
    """An agent and the indexes of the queues it serves."""

    name: str
    site: int
    queues: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CenterSpec:
    """Everything that decides what happens in a simulated center; times are seconds."""

    name: str
    seed: int
    sites: tuple[SiteSpec, ...]
    queues: tuple[QueueSpec, ...]
    agents: tuple[AgentSpec, ...]
    activities: tuple[ActivitySpec, ...]
    single_tasking: bool = True
    capacity: int = 1
    ring_s: tuple[float, float] = (2.0, 8.0)
    ring_timeout_s: float = 20.0
    ring_timeout_share: float = 0.03
    not_responding_s: tuple[float, float] = (45.0, 75.0)
    urgent_share: float = 0.1
    available_mean_s: float = 2400.0
    unavailable_mean_s: float = 480.0
    offline_mean_s: float = 1800.0
    offline_share: float = 0.15

    def __post_init__(self) -> None:
        """Refuse what could not run: a dangling index, no available activity, a contradicting capacity."""
        if not any(activity.state == "available" for activity in self.activities):
            raise ValueError("a center needs at least one available activity")
        if self.capacity < 1 or (self.single_tasking and self.capacity != 1):
            raise ValueError(f"capacity {self.capacity} does not fit single_tasking={self.single_tasking}")
        sites, queues = range(len(self.sites)), range(len(self.queues))
        homes = [*(queue.site for queue in self.queues), *(agent.site for agent in self.agents)]
        if any(home not in sites for home in homes):
            raise ValueError("a queue or agent names a site that is not there")
        for agent in self.agents:
            if any(queue not in queues or self.queues[queue].site != agent.site for queue in agent.queues):
                raise ValueError(f"agent {agent.name!r} serves a queue that its site does not have")
        if any(not queue.channels or queue.contacts_per_hour < 0 for queue in self.queues):
            raise ValueError("a queue needs a channel and a rate of contacts that is not negative")
