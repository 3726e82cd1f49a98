"""What the Genesys face tells about its organization: queues, presences, ids; and the settings it takes."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from ccstats.simulator.center import Center
from ccstats.simulator.face import ManualClock, World
from ccstats.simulator.generate import generate_spec
from ccstats_genesys.face import GenesysFace, division_id, parse_settings, presence_id, queue_id
from ccstats_genesys.face.app import ENDPOINTS
from ccstats_genesys.face.call import Call
from ccstats_genesys.face.errors import ApiError
from ccstats_genesys.face.tenant import Tenant

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
QUEUES = "/api/v2/routing/queues"
VIEWS = "/api/v2/routing/queues/divisionviews/all"


def make_world(queues: int = 4) -> World:
    return World(Center(generate_spec(11, queues=queues, agents=10, sites=2), START), ManualClock(START))


def get(world: World, path: str, **query: object) -> Any:
    (endpoint,) = [each for each in ENDPOINTS if (each.method, each.path) == ("GET", path)]
    asked = {name: [str(value)] for name, value in query.items()}
    return json.loads(json.dumps(endpoint.answer(Call(Tenant(world, parse_settings({})), world.now(), asked, {}))))


def test_queue_pages_add_up_to_all_queues_in_order_of_name() -> None:
    world = make_world(queues=7)
    pages = [get(world, QUEUES, pageSize=3, pageNumber=number) for number in (1, 2, 3)]
    queues = [entity for page in pages for entity in page["entities"]]
    beyond = get(world, QUEUES, pageSize=3, pageNumber=4)

    spec = world.center.spec
    assert [len(page["entities"]) for page in pages] == [3, 3, 1]
    assert [(page["total"], page["pageCount"], page["pageNumber"]) for page in pages] == [
        (7, 3, 1),
        (7, 3, 2),
        (7, 3, 3),
    ]
    assert [queue["name"] for queue in queues] == sorted((queue.name for queue in spec.queues), key=str.casefold)
    assert {queue["id"] for queue in queues} == {queue_id(spec, number) for number in range(7)}
    assert [("nextUri" in page, "previousUri" in page) for page in pages] == [
        (True, False),
        (True, True),
        (False, True),
    ]
    assert (beyond["entities"], beyond["total"]) == ([], 7)


def test_a_queue_tells_its_division_members_and_service_level() -> None:
    world = make_world()
    body = get(world, QUEUES, id=queue_id(world, 1))
    (queue,) = body["entities"]

    spec = world.center.spec
    members = sum(1 in agent.queues for agent in spec.agents)
    assert (queue["memberCount"], queue["joinedMemberCount"]) == (members, members)
    assert queue["division"]["id"] == division_id(spec, spec.queues[1].site)
    assert queue["division"]["name"] == spec.sites[spec.queues[1].site].name
    assert set(queue["mediaSettings"]) == {"call", "callback", "chat", "email", "message"}
    for media in queue["mediaSettings"].values():
        assert media["serviceLevel"] == {
            "percentage": 0.8,
            "durationMs": spec.queues[1].service_level_s * 1000,
        }


def test_queues_can_be_narrowed_by_name_and_division() -> None:
    world = make_world()
    spec = world.center.spec
    name = spec.queues[2].name
    by_name = get(world, QUEUES, name=f"{name[:3].upper()}*")["entities"]
    by_division = get(world, QUEUES, divisionId=division_id(spec, 1), sortOrder="desc")["entities"]

    assert name in {queue["name"] for queue in by_name}
    assert all(queue["name"].startswith(name[:3]) for queue in by_name)
    assert [queue["name"] for queue in by_division] == sorted(
        (queue.name for queue in spec.queues if queue.site == 1), key=str.casefold, reverse=True
    )


def test_division_views_are_slim_and_larger() -> None:
    world = make_world()
    answer = get(world, VIEWS, pageSize=500)

    assert len(answer["entities"]) == 4
    assert set(answer["entities"][0]) == {"id", "name", "division", "selfUri"}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (QUEUES, {"pageSize": 101}),
        (VIEWS, {"pageSize": 501}),
        (QUEUES, {"pageSize": 0}),
        (QUEUES, {"pageNumber": "x"}),
        (QUEUES, {"pageNumber": "9" * 5000}),
        (QUEUES, {"pagesize": 10}),
        (VIEWS, {"name": "x"}),
    ],
)
def test_pages_that_nobody_documents_are_refused(path: str, query: dict[str, Any]) -> None:
    world = make_world()
    with pytest.raises(ApiError) as caught:
        get(world, path, **query)
    assert caught.value.status == 400


def test_presences_stand_for_the_centers_activities() -> None:
    world = make_world()
    body = get(world, "/api/v2/presence/definitions")

    spec = world.center.spec
    assert body["total"] == len(spec.activities)
    assert [entity["id"] for entity in body["entities"]] == [presence_id(spec, n) for n in range(body["total"])]
    labels = {entity["languageLabels"]["en_US"]: entity["systemPresence"] for entity in body["entities"]}
    assert labels == {
        "Available": "OnQueue",
        "Break": "Break",
        "Em pausa": "Meal",
        "Meal": "Training",
        "Besprechung": "Meeting",
        "Offline": "Offline",
    }


# Settings


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"colour": "red"}, "colour"),
        ({"apis": ["history"]}, "apis"),
        ({"apis": []}, "apis"),
        ({"token_lifetime_s": -1}, "token_lifetime_s"),
        ({"requests_per_minute": 0.5}, "requests_per_minute"),
        ({"alerting_in_waiting": "yes"}, "alerting_in_waiting"),
        ({"longest_wait": "age"}, "longest_wait"),
        ({"permissions": 3}, "permissions"),
        ({"forbidden_queues": ["Nowhere"]}, "Nowhere"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], word: str) -> None:
    world = World(Center(generate_spec(1), START), ManualClock(START))

    with pytest.raises(ValueError, match=word):
        GenesysFace().app(world, settings)


def test_ids_follow_from_the_seed_alone() -> None:
    one, other = generate_spec(1), generate_spec(2)

    assert queue_id(one, 0) == queue_id(generate_spec(1, queues=20), 0)
    assert len({queue_id(one, 0), queue_id(one, 1), queue_id(other, 0), division_id(one, 0), presence_id(one, 0)}) == 5
    assert str(UUID(queue_id(one, 0))) == queue_id(one, 0)
