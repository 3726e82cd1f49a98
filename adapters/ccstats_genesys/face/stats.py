"""POST /api/v2/analytics/stats/queues, in the shape of the only description of it that there is.

The vendor publishes no such operation; it is served because an organization, or a proxy in front of one, may have it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ccstats.simulator import truth
from ccstats_genesys.face.bodies import check_keys, word, words
from ccstats_genesys.face.call import Call, Endpoint
from ccstats_genesys.face.errors import not_found
from ccstats_genesys.face.moment import conversation_values, routing_status
from ccstats_genesys.face.settings import STATS_READ
from ccstats_genesys.face.tenant import MEDIA_TYPES


@dataclass(frozen=True, slots=True)
class _Queue:
    """One queue now, and its contacts completed a short while ago."""

    call: Call
    number: int

    def waiting(self) -> int:
        held = [(self.call.held(self.number), MEDIA_TYPES)]
        return conversation_values(self.call, held, ("oWaiting",))[0].value

    def agents(self, status: str) -> int:
        return sum(routing_status(agent) == status for agent in self.call.members(self.number))

    def window(self) -> truth.QueueWindow:
        end = self.call.seconds
        start = end - self.call.tenant.settings.stats_window_s
        return truth.queue_window(self.call.tenant.world.center, [self.number], start, end)

    def handle_time(self) -> int:
        return _average_ms([each.handle for each in self.window().completed])

    def wait_time(self) -> int:
        return _average_ms(
            [(contact.accepted or contact.arrived) - contact.arrived for contact in self.window().completions]
        )


AGGREGATES: Final[Mapping[str, Callable[[_Queue], int]]] = {
    "queue/waiting/count": _Queue.waiting,
    "queue/agentsAvailable/count": lambda queue: queue.agents("IDLE"),
    "queue/agentsBusy/count": lambda queue: queue.agents("INTERACTING"),
    "queue/avgHandleTime": _Queue.handle_time,
    "queue/avgWaitTime": _Queue.wait_time,
}


def query(call: Call) -> dict[str, object]:
    """Answer with the queues' metrics below their divisions; one unknown queue makes it 404."""
    check_keys(call.body, "query", required=("intervalType", "queues", "aggregates"))
    word(call.body["intervalType"], "intervalType", ("realtime",))
    asked = words(call.body, "aggregates", AGGREGATES.keys())
    queues = words(call.body, "queues")
    if any(queue not in call.tenant.numbers for queue in queues):
        raise not_found()
    call.tenant.refuse_forbidden(queues, STATS_READ)
    divisions: dict[int, list[dict[str, object]]] = {}
    for queue in dict.fromkeys(queues):
        number = call.tenant.numbers[queue]
        metrics = {aggregate: AGGREGATES[aggregate](_Queue(call, number)) for aggregate in asked}
        key = call.tenant.settings.stats_ids
        row: dict[str, object] = {"metrics": metrics} if key is None else {key: queue, "metrics": metrics}
        divisions.setdefault(call.tenant.spec.queues[number].site, []).append(row)
    return {"divisions": [{"queues": rows} for _, rows in sorted(divisions.items())]}


def _average_ms(seconds: list[float]) -> int:
    # With nothing completed the description expects 0 rather than no value.
    return round(sum(seconds) / len(seconds) * 1000) if seconds else 0


ENDPOINTS: Final = (Endpoint("POST", "/api/v2/analytics/stats/queues", query, STATS_READ, "stats"),)
