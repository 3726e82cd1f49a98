"""What is true at a moment, in the words of the real-time metrics."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from ccstats.simulator.center import Contact
from ccstats.simulator.truth import AgentNow, QueueNow
from ccstats_genesys.face.call import Call
from ccstats_genesys.face.tenant import media_of

CONVERSATION_METRICS: Final = ("oWaiting", "oAlerting", "oInteracting", "oLongestWaiting", "oLongestInteracting")
USER_METRICS: Final = (
    "oMemberUsers",
    "oActiveUsers",
    "oUserRoutingStatuses",
    "oUserPresences",
    "oOnQueueUsers",
    "oOffQueueUsers",
)
ROUTING_STATUSES: Final = ("IDLE", "INTERACTING", "NOT_RESPONDING", "OFF_QUEUE")


class Measured(NamedTuple):
    """A metric's value; `key` is the statistic that carries it."""

    metric: str
    key: str
    value: int
    qualifier: str | None = None


def routing_status(agent: AgentNow) -> str:
    """Return an agent's routing status; it is the agent's, whichever of its queues the contact came from."""
    if agent.ringing or agent.busy:
        return "INTERACTING"
    if agent.not_responding:
        return "NOT_RESPONDING"
    return "IDLE" if agent.state == "available" else "OFF_QUEUE"


def conversation_values(
    call: Call, held: Collection[tuple[QueueNow, Collection[str]]], metrics: Iterable[str]
) -> list[Measured]:
    """Return the metrics of the contacts of queues, each in the given media types; nobody there has no longest wait."""
    ringing = [contact for queue, media in held for contact in queue.ringing if media_of(contact) in media]
    pending = [contact for queue, media in held for contact in queue.pending if media_of(contact) in media]
    talking = [contact for queue, media in held for contact in queue.talking if media_of(contact) in media]
    waiting = [*pending, *ringing] if call.tenant.settings.alerting_in_waiting else pending
    counts = {"oWaiting": len(waiting), "oAlerting": len(ringing), "oInteracting": len(talking)}
    since = {
        "oLongestWaiting": min((contact.arrived for contact in waiting), default=None),
        "oLongestInteracting": min(map(_accepted, talking), default=None),
    }
    values = []
    for metric in metrics:
        if metric in counts:
            values.append(Measured(metric, "count", counts[metric]))
        elif (moment := since[metric]) is not None:
            values.append(Measured(metric, "calculatedMetricValue", _longest(call, moment)))
    return values


def user_values(call: Call, agents: Collection[AgentNow], metrics: Iterable[str]) -> list[Measured]:
    """Return the metrics of some agents; what nobody is in is left out, and of no agents there is nothing to say."""
    statuses = Counter(map(routing_status, agents))
    values: list[Measured] = []
    for metric in metrics if agents else ():
        values += _user_values(call, metric, agents, statuses)
    return values


def _user_values(call: Call, metric: str, agents: Collection[AgentNow], statuses: Counter[str]) -> Iterator[Measured]:
    if metric in ("oMemberUsers", "oActiveUsers"):
        # Every member of a simulated queue has joined it: whether someone works is told by activity and status.
        yield Measured(metric, "count", len(agents))
    elif metric == "oUserPresences":
        chosen = Counter(agent.activity for agent in agents)
        for number, presence in enumerate(call.tenant.presences):
            if chosen[number]:
                yield Measured(metric, "count", chosen[number], presence.id)
    elif metric == "oOffQueueUsers":
        if statuses["OFF_QUEUE"]:
            yield Measured(metric, "count", statuses["OFF_QUEUE"])
    else:
        for status in ROUTING_STATUSES if metric == "oUserRoutingStatuses" else ROUTING_STATUSES[:3]:
            if statuses[status]:
                yield Measured(metric, "count", statuses[status], status)


def _longest(call: Call, since: float) -> int:
    if call.tenant.settings.longest_wait == "duration":
        return round((call.seconds - since) * 1000)
    # Undocumented; two live organizations were seen to send the moment since which the oldest one waits.
    return round(call.tenant.world.center.start.timestamp() * 1000) + round(since * 1000)


def _accepted(contact: Contact) -> float:
    return contact.arrived if contact.accepted is None else contact.accepted
