"""What the organization consists of: its queues, its presences, and whose token it is."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Final

from ccstats.simulator.spec import QueueSpec
from ccstats_genesys.face.bodies import word
from ccstats_genesys.face.call import Call, Endpoint, listing
from ccstats_genesys.face.ids import client_id, division_id, organization_id
from ccstats_genesys.face.settings import PRESENCE_VIEW, QUEUE_SEARCH, QUEUE_VIEW
from ccstats_genesys.face.tally import TARGET
from ccstats_genesys.face.tenant import Tenant

QUEUES: Final = "/api/v2/routing/queues"
DIVISION_VIEWS: Final = "/api/v2/routing/queues/divisionviews/all"
PRESENCES: Final = "/api/v2/presence/definitions"
TOKEN: Final = "/api/v2/tokens/me"  # noqa: S105 - a path
LANGUAGE: Final = "en_US"


def queues(call: Call) -> dict[str, object]:
    """Answer with a page of queues and their settings, in order of name."""
    call.check_query(("pageSize", "pageNumber", "sortOrder", "name", "id", "divisionId"))
    entities = [_queue(call.tenant, number) for number in _chosen(call)]
    return listing(call, entities, QUEUES, maximum=100)


def division_views(call: Call) -> dict[str, object]:
    """Answer with a page of queues, no more of each than its id, name and division."""
    call.check_query(("pageSize", "pageNumber", "sortOrder"))
    entities = [_slim_queue(call.tenant, number) for number in _chosen(call)]
    return listing(call, entities, DIVISION_VIEWS, maximum=500)


def presences(call: Call) -> dict[str, object]:
    """Answer with every organization presence."""
    call.check_query(("deactivated", "divisionId", "localeCode"))
    entities = [
        {
            "id": presence.id,
            "type": "User",
            "languageLabels": {LANGUAGE: presence.label},
            "systemPresence": presence.system,
            "divisionId": "*",
            "deactivated": False,
            "selfUri": f"{PRESENCES}/{presence.id}",
        }
        for presence in call.tenant.presences
    ]
    return {"total": len(entities), "entities": entities, "selfUri": PRESENCES}


def token(call: Call) -> dict[str, object]:
    """Answer with the organization and the client that the token belongs to."""
    call.check_query(("preserveIdleTTL",))
    world = call.tenant.world
    organization = {"id": organization_id(world), "name": call.tenant.spec.name}
    return {
        "organization": organization,
        "homeOrganization": organization,
        "authorizedScope": [],
        "OAuthClient": {
            "id": client_id(world),
            "name": "Statistics reader",
            "authorizedGrantType": "CLIENT-CREDENTIALS",
            "organization": organization,
        },
    }


def _chosen(call: Call) -> Sequence[int]:
    tenant, query = call.tenant, call.query
    pattern = ".*".join(re.escape(part) for part in query.get("name", ("*",))[-1].split("*"))
    named = re.compile(pattern, re.IGNORECASE)
    ids, divisions = query.get("id"), query.get("divisionId")
    order = word(query.get("sortOrder", ("asc",))[-1].lower(), "sortOrder", ("asc", "desc"))

    def fits(number: int, queue: QueueSpec) -> bool:
        return (
            named.fullmatch(queue.name) is not None
            and (ids is None or tenant.queue_ids[number] in ids)
            and (divisions is None or division_id(tenant.world, queue.site) in divisions)
        )

    found = [number for number, queue in enumerate(tenant.spec.queues) if fits(number, queue)]
    return sorted(
        found,
        key=lambda number: (tenant.spec.queues[number].name.casefold(), number),
        reverse=order == "desc",
    )


def _slim_queue(tenant: Tenant, number: int) -> dict[str, object]:
    queue = tenant.spec.queues[number]
    division = division_id(tenant.world, queue.site)
    return {
        "id": tenant.queue_ids[number],
        "name": queue.name,
        "division": {
            "id": division,
            "name": tenant.spec.sites[queue.site].name,
            "selfUri": f"/api/v2/authorization/divisions/{division}",
        },
        "selfUri": f"{QUEUES}/{tenant.queue_ids[number]}",
    }


def _queue(tenant: Tenant, number: int) -> Mapping[str, object]:
    queue = tenant.spec.queues[number]
    members = len(tenant.world.center.members(number))
    media: dict[str, object] = {
        "alertingTimeoutSeconds": round(tenant.spec.ring_timeout_s),
        "serviceLevel": {"percentage": TARGET, "durationMs": round(queue.service_level_s * 1000)},
    }
    return {
        **_slim_queue(tenant, number),
        "dateCreated": tenant.world.center.start.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "memberCount": members,
        "userMemberCount": members,
        "joinedMemberCount": members,
        "mediaSettings": dict.fromkeys(("call", "callback", "chat", "email", "message"), media),
    }


ENDPOINTS: Final = (
    Endpoint("GET", QUEUES, queues, QUEUE_VIEW),
    Endpoint("GET", DIVISION_VIEWS, division_views, QUEUE_SEARCH),
    Endpoint("GET", PRESENCES, presences, PRESENCE_VIEW),
    Endpoint("GET", TOKEN, token),
    Endpoint("HEAD", TOKEN, token),
)
