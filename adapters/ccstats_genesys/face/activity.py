"""The two activity queries: the newer, flatter way to ask for what is happening now.

https://developer.genesys.cloud/analyticsdatamanagement/analytics/observation/activity-query
"""

from collections.abc import Collection, Mapping
from itertools import product
from typing import Final, TypeVar

from ccstats.simulator.truth import AgentNow
from ccstats_genesys.face.bodies import check_keys, items, mapping, word, words
from ccstats_genesys.face.call import Call, Endpoint, page_of
from ccstats_genesys.face.errors import bad_request
from ccstats_genesys.face.filters import Facts
from ccstats_genesys.face.moment import (
    CONVERSATION_METRICS,
    USER_METRICS,
    Measured,
    conversation_values,
    routing_status,
    user_values,
)
from ccstats_genesys.face.settings import OBSERVATION_VIEW
from ccstats_genesys.face.tenant import MEDIA_TYPES, Tenant

T = TypeVar("T")
CONVERSATION_DIMENSIONS: Final = ("queueId", "mediaType")
ROUTING_DIMENSIONS: Final = (
    "queueId",
    "queueMembershipStatus",
    "routingStatus",
    "systemPresence",
    "organizationPresenceId",
)


def conversations(call: Call) -> dict[str, object]:
    """Answer with the contacts in progress, grouped by queue, by media type or by both."""
    asked, groups_by = _asked(call, CONVERSATION_METRICS, CONVERSATION_DIMENSIONS)
    chosen = call.filter("filter", CONVERSATION_DIMENSIONS, OBSERVATION_VIEW)
    groups: dict[tuple[str, ...], dict[int, set[str]]] = {}
    for (number, queue), media in product(call.tenant.readable.items(), MEDIA_TYPES):
        if chosen.holds({"queueId": (queue,), "mediaType": (media,)}):
            values = {"queueId": queue, "mediaType": media}
            key = tuple(values[dimension] for dimension in groups_by)
            groups.setdefault(key, {}).setdefault(number, set()).add(media)
    results = [
        _group(
            dict(zip(groups_by, key, strict=True)),
            conversation_values(call, [(call.held(number), media) for number, media in queues.items()], asked),
        )
        for key, queues in _ordered(call, groups)
    ]
    return {"results": page_of(call, results)}


def routing(call: Call) -> dict[str, object]:
    """Answer with the members of queues, grouped by queue."""
    asked, _ = _asked(call, USER_METRICS, ("queueId",))
    chosen = call.filter("filter", ROUTING_DIMENSIONS, OBSERVATION_VIEW)
    groups: dict[tuple[str, ...], list[AgentNow]] = {}
    for number, queue in call.tenant.readable.items():
        agents = [agent for agent in call.members(number) if chosen.holds(_member(call.tenant, queue, agent))]
        if agents or chosen.holds({"queueId": (queue,)}):
            groups[queue,] = agents
    results = [_group({"queueId": key[0]}, user_values(call, agents, asked)) for key, agents in _ordered(call, groups)]
    return {"results": page_of(call, results)}


def presence_facts(tenant: Tenant, agent: AgentNow) -> dict[str, Collection[str]]:
    """Return what filters can ask about an agent whatever its queues."""
    presence = tenant.presences[agent.activity]
    return {
        "routingStatus": (routing_status(agent),),
        "systemPresence": (presence.system_key,),
        "organizationPresenceId": (presence.id,),
    }


def _asked(
    call: Call, metrics: Collection[str], dimensions: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    call.check_query(("pageSize", "pageNumber"))
    check_keys(call.body, "query", required=("metrics", "groupBy"), optional=("filter", "order"))
    word(call.body.get("order") or "asc", "order", ("asc", "desc", "unordered"))
    names = []
    for each in items(call.body, "metrics"):
        metric = mapping(each, "metrics")
        check_keys(metric, "metrics", required=("metric",), optional=("details",))
        if metric.get("details"):
            raise bad_request("Property [details] in metrics is not served here")
        names.append(word(metric["metric"], "metric", metrics))
    if not names:
        raise bad_request("Property [metrics] must not be empty")
    return tuple(names), tuple(dict.fromkeys(words(call.body, "groupBy", dimensions)))


def _ordered(call: Call, groups: Mapping[tuple[str, ...], T]) -> list[tuple[tuple[str, ...], T]]:
    entries = list(groups.items())
    return entries[::-1] if call.body.get("order") == "desc" else entries


def _member(tenant: Tenant, queue: str, agent: AgentNow) -> Facts:
    return {"queueId": (queue,), "queueMembershipStatus": ("active",), **presence_facts(tenant, agent)}


def _group(group: dict[str, str], values: list[Measured]) -> dict[str, object]:
    data = [
        {
            "metric": each.metric,
            **({} if each.qualifier is None else {"qualifier": each.qualifier}),
            each.key: each.value,
        }
        for each in values
    ]
    return {"group": group, "data": data} if data else {"group": group}


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v2/analytics/conversations/activity/query",
        conversations,
        OBSERVATION_VIEW,
        "observations",
    ),
    Endpoint("POST", "/api/v2/analytics/routing/activity/query", routing, OBSERVATION_VIEW, "observations"),
)
