"""How agents spent a window: pure functions over a center's log."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from math import inf
from operator import itemgetter
from typing import Literal

from ccstats.simulator.center import Center, Offer

Doing = Literal["ringing", "talking", "wrapping", "not_responding"]
Edge = tuple[float, Doing | int, int]
"""A moment, what begins or ends there (a number is an activity), and +1 or -1."""
Spell = tuple[Doing | int, float, float]
"""What went on, from when, until when."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of an agent's time in which nothing changed; ringing, talking and wrapping count contacts."""

    start: float
    end: float
    activity: int
    ringing: int
    talking: int
    wrapping: int
    not_responding: bool

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return round(self.end - self.start, 3)


@dataclass(slots=True)
class AgentTime:
    """Seconds of one agent in a window: `own` by activity, `free` those of them with nothing else going on.

    The other four say what else went on; in a single-tasking center they and `free` add up to the window.
    """

    own: dict[int, float] = field(default_factory=dict)
    free: dict[int, float] = field(default_factory=dict)
    ringing: float = 0.0
    talking: float = 0.0
    wrapping: float = 0.0
    not_responding: float = 0.0


@dataclass(frozen=True, slots=True)
class Reservations:
    """How often contacts were offered to agents in a window, and how the offers that ended in it did."""

    created: int
    accepted: int
    timed_out: int
    rescinded: int


def reservations(
    center: Center, agents: Collection[int], start: float, end: float, channels: Collection[str] | None = None
) -> Reservations:
    """Return what became of the offers to some agents in [start, end)."""
    created = 0
    outcomes: Counter[str | None] = Counter()
    for agent in agents:
        log = center.agents[agent]
        created += sum(_fits(offer, channels) for offer in log.work.between(start, end))
        ended = log.offer_ends.between(start, end)
        outcomes.update(offer.outcome for offer in ended if _fits(offer, channels))
    return Reservations(created, outcomes["accepted"], outcomes["timed_out"], outcomes["rescinded"])


def _fits(offer: Offer, channels: Collection[str] | None) -> bool:
    return channels is None or offer.contact.channel in channels


def activity_time(center: Center, agents: Collection[int], start: float, end: float) -> dict[int, AgentTime]:
    """Return how each agent spent [start, end), as far as the center has existed by then."""
    return {agent: _sum(agent_segments(center, agent, start, end)) for agent in agents}


def agent_segments(center: Center, agent: int, start: float, end: float) -> list[Segment]:
    """Return an agent's time in [start, end) cut wherever something changed, up to the center's now."""
    start, end = max(start, 0.0), min(end, center.seconds(center.now))
    if end <= start:
        return []
    edges = sorted(_edges(center, agent, start, end), key=itemgetter(0))
    state: Counter[Doing | int] = Counter()
    segments: list[Segment] = []
    since = start
    for at, group in groupby(edges, key=itemgetter(0)):
        if at > since:
            segments.append(_segment(since, at, state))
            since = at
        for _, what, change in group:
            state[what] += change
    if end > since:
        segments.append(_segment(since, end, state))
    return segments


def _edges(center: Center, agent: int, start: float, end: float) -> Iterator[Edge]:
    for what, begun, over in _spells(center, agent, start, end):
        if begun < end and over > start and over > begun:
            yield max(begun, start), what, 1
            if over < end:
                yield over, what, -1


def _spells(center: Center, agent: int, start: float, end: float) -> Iterator[Spell]:
    log = center.agents[agent]
    yield from _activities(center, agent, start, end)
    absence = log.absences.last(start)
    for away in [*([absence] if absence else []), *log.absences.between(start, end)]:
        yield "not_responding", away.start, away.end
    for offer in log.work.overlapping(start, end):
        yield "ringing", offer.at, _end(offer.ended)
        if offer.outcome == "accepted" and offer.ended is not None:
            contact = offer.contact
            yield "talking", offer.ended, _end(contact.talk_ended)
            if contact.talk_ended is not None:
                yield "wrapping", contact.talk_ended, _end(contact.completed)


def _activities(center: Center, agent: int, start: float, end: float) -> Iterator[Spell]:
    log = center.agents[agent].activities
    first = log.place(start)
    for place in range(first, log.place(end) + 1):
        over = log.times[place + 1] if place + 1 < len(log.times) else inf
        yield log.items[place], log.times[place], over


def _end(moment: float | None) -> float:
    return inf if moment is None else moment


def _segment(start: float, end: float, state: Counter[Doing | int]) -> Segment:
    activity = next(what for what, count in state.items() if isinstance(what, int) and count)
    return Segment(
        start=start,
        end=end,
        activity=activity,
        ringing=state["ringing"],
        talking=state["talking"],
        wrapping=state["wrapping"],
        not_responding=state["not_responding"] > 0,
    )


def _sum(segments: list[Segment]) -> AgentTime:
    time = AgentTime()
    for segment in segments:
        seconds, activity = segment.seconds, segment.activity
        time.own[activity] = round(time.own.get(activity, 0.0) + seconds, 3)
        if segment.talking:
            time.talking = round(time.talking + seconds, 3)
        if segment.wrapping:
            time.wrapping = round(time.wrapping + seconds, 3)
        if segment.ringing:
            time.ringing = round(time.ringing + seconds, 3)
        if segment.not_responding:
            time.not_responding = round(time.not_responding + seconds, 3)
        if not (segment.talking or segment.wrapping or segment.ringing or segment.not_responding):
            time.free[activity] = round(time.free.get(activity, 0.0) + seconds, 3)
    return time
