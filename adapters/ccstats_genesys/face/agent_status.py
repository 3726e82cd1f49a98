"""POST /api/v2/analytics/agents/status/counts: how many agents are in which state, each agent once."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Final

from ccstats.simulator.truth import AgentNow
from ccstats_genesys.face.activity import presence_facts
from ccstats_genesys.face.bodies import check_keys, word
from ccstats_genesys.face.call import Call, Endpoint
from ccstats_genesys.face.filters import Facts
from ccstats_genesys.face.ids import division_id
from ccstats_genesys.face.moment import ROUTING_STATUSES, routing_status
from ccstats_genesys.face.settings import AGENT_STATE_VIEW
from ccstats_genesys.face.tenant import Tenant

DIMENSIONS: Final = (
    "queueId",
    "activeQueueId",
    "inactiveQueueId",
    "divisionId",
    "isOutOfOffice",
    "routingStatus",
    "systemPresence",
    "organizationPresenceId",
)


def counts(call: Call) -> dict[str, object]:
    """Answer with the asked-for breakdowns of the agents that the filter lets through."""
    call.check_query(("groupBy",))
    check_keys(call.body, "query", optional=("userFilter",), refused=("sessionFilter",))
    chosen = call.filter("userFilter", DIMENSIONS, AGENT_STATE_VIEW)
    everybody = map(call.agent, range(len(call.tenant.spec.agents)))
    agents = [agent for agent in everybody if chosen.holds(_facts(call.tenant, agent))]
    answer: dict[str, object] = {}
    for grouping in call.query.get("groupBy", ("segmentType",)):
        name, breakdown = BREAKDOWNS[word(grouping, "groupBy", BREAKDOWNS.keys())]
        answer[name] = breakdown(call.tenant, agents)
    return answer


def _facts(tenant: Tenant, agent: AgentNow) -> Facts:
    spec = tenant.spec.agents[agent.agent]
    queues = tuple(tenant.queue_ids[number] for number in spec.queues)
    return {
        "queueId": queues,
        "activeQueueId": queues,
        "divisionId": (division_id(tenant.spec, spec.site),),
        "isOutOfOffice": ("false",),
        **presence_facts(tenant, agent),
    }


def _segments(_: Tenant, agents: Collection[AgentNow]) -> list[dict[str, object]]:
    doing = {
        "alert": sum(agent.ringing for agent in agents),
        "interact": sum(agent.talking for agent in agents),
        "wrapup": sum(agent.wrapping for agent in agents),
    }
    return [{"segmentType": segment, "count": count} for segment, count in doing.items() if count]


def _presences(tenant: Tenant, agents: Collection[AgentNow]) -> list[dict[str, object]]:
    chosen = Counter(agent.activity for agent in agents)
    return [
        {
            "systemPresence": presence.system_key,
            "organizationPresenceId": presence.id,
            "count": chosen[number],
        }
        for number, presence in enumerate(tenant.presences)
        if chosen[number]
    ]


def _statuses(_: Tenant, agents: Collection[AgentNow]) -> list[dict[str, object]]:
    statuses = Counter(map(routing_status, agents))
    return [{"routingStatus": status, "count": statuses[status]} for status in ROUTING_STATUSES if statuses[status]]


def _out_of_office(_: Tenant, agents: Collection[AgentNow]) -> list[dict[str, object]]:
    return [{"isOutOfOffice": False, "count": len(agents)}] if agents else []


BREAKDOWNS: Final[Mapping[str, tuple[str, Callable[[Tenant, Collection[AgentNow]], list[dict[str, object]]]]]] = {
    "segmentType": ("segmentCounts", _segments),
    "presence": ("presenceCounts", _presences),
    "routingStatus": ("routingStatusCounts", _statuses),
    "isOutOfOffice": ("isOutOfOfficeCounts", _out_of_office),
}
ENDPOINTS: Final = (
    Endpoint("POST", "/api/v2/analytics/agents/status/counts", counts, AGENT_STATE_VIEW, "observations"),
)
