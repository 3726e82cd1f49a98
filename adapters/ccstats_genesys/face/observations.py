"""POST /api/v2/analytics/queues/observations/query: what queues hold and what their members do, right now.

https://github.com/MyPureCloud/developercenter-tutorials/tree/master/real-time-queue-observation-query
"""

from collections.abc import Mapping
from typing import Final

from ccstats_genesys.face.bodies import check_keys, words
from ccstats_genesys.face.call import Call, Endpoint
from ccstats_genesys.face.filters import Filter
from ccstats_genesys.face.moment import (
    CONVERSATION_METRICS,
    USER_METRICS,
    Measured,
    conversation_values,
    user_values,
)
from ccstats_genesys.face.settings import OBSERVATION_VIEW
from ccstats_genesys.face.tenant import MEDIA_TYPES

DIMENSIONS: Final = ("queueId", "mediaType")


def query(call: Call) -> dict[str, object]:
    """Answer with two kinds of groups: of a queue's members, and of a queue's contacts of one media type."""
    # detailMetrics brings names and telephone numbers: a statistics reader has no business asking for them.
    check_keys(call.body, "query", required=("filter", "metrics"), refused=("detailMetrics",))
    asked = words(call.body, "metrics", (*CONVERSATION_METRICS, *USER_METRICS))
    chosen = call.filter("filter", DIMENSIONS, OBSERVATION_VIEW)
    results: list[Mapping[str, object]] = []
    for number in call.tenant.readable:
        results += _groups(call, number, chosen, asked)
    if "oUserPresences" in asked:
        return {"systemToOrganizationMappings": call.tenant.mappings(), "results": results}
    return {"results": results}


def _groups(call: Call, number: int, chosen: Filter, asked: tuple[str, ...]) -> list[Mapping[str, object]]:
    queue = call.tenant.queue_ids[number]
    media = [name for name in MEDIA_TYPES if chosen.holds({"queueId": (queue,), "mediaType": (name,)})]
    groups: list[Mapping[str, object]] = []
    of_users = [metric for metric in asked if metric in USER_METRICS]
    # Taken literally: an agent has no media type, so a filter that demands one loses the agents. Nobody documents it.
    if of_users and chosen.holds({"queueId": (queue,)}):
        groups.append(_group({"queueId": queue}, user_values(call, call.members(number), of_users)))
    of_contacts = [metric for metric in asked if metric in CONVERSATION_METRICS]
    if of_contacts and media:
        held = call.held(number)
        for name in media:
            values = conversation_values(call, [(held, (name,))], of_contacts)
            groups.append(_group({"queueId": queue, "mediaType": name}, values))
    return groups


def _group(group: dict[str, str], values: list[Measured]) -> dict[str, object]:
    # A group with nothing to count comes without data:
    # https://github.com/MyPureCloud/quick-hits-python/tree/master/analytics/number-of-agents-on-queue
    return {"group": group, "data": [_datum(each) for each in values]} if values else {"group": group}


def _datum(measured: Measured) -> dict[str, object]:
    qualifier = {} if measured.qualifier is None else {"qualifier": measured.qualifier}
    return {"metric": measured.metric, **qualifier, "stats": {measured.key: measured.value}}


ENDPOINTS: Final = (
    Endpoint("POST", "/api/v2/analytics/queues/observations/query", query, OBSERVATION_VIEW, "observations"),
)
