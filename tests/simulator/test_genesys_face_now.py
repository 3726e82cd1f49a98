"""What the Genesys face says about a moment, against the center's own contacts and agents."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ccstats.simulator.center import Center, Contact
from ccstats.simulator.face import ManualClock, World
from ccstats.simulator.spec import ActivitySpec, AgentSpec, CenterSpec, QueueSpec, SiteSpec
from ccstats_genesys.face import parse_settings, presence_id, queue_id
from ccstats_genesys.face.call import Call
from ccstats_genesys.face.errors import ApiError
from ccstats_genesys.face.observations import query
from ccstats_genesys.face.tenant import Tenant

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTES = (5, 17, 31, 44, 58, 77, 90, 110)
MEDIA = ("voice", "chat", "email", "callback", "message")
STATUSES = ("IDLE", "INTERACTING", "NOT_RESPONDING", "OFF_QUEUE")


def busy_spec(**changes: Any) -> CenterSpec:
    """A center in which every state of contacts and agents is met within two hours."""
    channels = ({"voice": 0.6, "sms": 0.4}, {"voice": 1.0}, {"chat": 0.5, "email": 0.5}, {"voice": 1.0})
    spec = CenterSpec(
        name="Two sites",
        seed=17,
        sites=(SiteSpec("Berlin"), SiteSpec("Pune")),
        queues=tuple(
            QueueSpec(f"Queue {number}", number % 2, contacts_per_hour=60.0 + 30 * (number % 3), channels=mix)
            for number, mix in enumerate(channels)
        ),
        agents=tuple(
            AgentSpec(f"Agent {number}", number % 2, ((0, 2), (1, 3), (0,), (3,))[number % 4]) for number in range(16)
        ),
        activities=(
            ActivitySpec("Ready", "available"),
            ActivitySpec("Break", "unavailable"),
            ActivitySpec("Em pausa", "unavailable"),
            ActivitySpec("Gone", "offline"),
        ),
        ring_timeout_share=0.2,
    )
    return replace(spec, **changes)


def world_at(seconds: float, spec: CenterSpec | None = None) -> World:
    clock = ManualClock(START)
    world = World(Center(spec or busy_spec(), START), clock)
    clock.advance(seconds)
    world.now()
    return world


def ask(world: World, body: object, **settings: Any) -> Any:
    call = Call(Tenant(world, parse_settings(settings)), world.now(), {}, json.loads(json.dumps(body)))
    return json.loads(json.dumps(query(call)))


def observe(world: World, metrics: list[str], queues: list[str] | None = None, **settings: Any) -> Any:
    wanted = queues or [queue_id(world, number) for number in range(len(world.center.spec.queues))]
    return ask(world, {"filter": any_of("queueId", wanted), "metrics": metrics}, **settings)


def any_of(dimension: str, values: list[str]) -> dict[str, object]:
    return {"type": "or", "predicates": [{"dimension": dimension, "value": value} for value in values]}


def both(*clauses: dict[str, object]) -> dict[str, object]:
    return {"type": "and", "clauses": list(clauses)}


def refused(world: World, body: object, status: int = 400, **settings: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        ask(world, body, **settings)
    assert caught.value.status == status
    return caught.value


def in_queue(world: World, number: int, media: str) -> list[Contact]:
    channel = {"message": "sms"}.get(media, media)
    return [contact for contact in world.center.contacts if (contact.queue, contact.channel) == (number, channel)]


def unanswered(contacts: list[Contact]) -> list[Contact]:
    return [contact for contact in contacts if contact.accepted is None and contact.abandoned is None]


def ringing(contacts: list[Contact]) -> list[Contact]:
    return [contact for contact in unanswered(contacts) if contact.offers and contact.offers[-1].outcome is None]


def talking(contacts: list[Contact]) -> list[Contact]:
    return [contact for contact in contacts if contact.accepted is not None and contact.talk_ended is None]


def statuses(world: World, number: int) -> Counter[str]:
    """Each member's routing status, worked out from the logs of agents and contacts."""
    center, now = world.center, world.center.seconds(world.now())
    handling = {
        offer.agent
        for contact in center.contacts
        for offer in contact.offers
        if offer.outcome is None or (offer.outcome == "accepted" and contact.completed is None)
    }
    found: Counter[str] = Counter()
    for agent in center.members(number):
        log = center.agents[agent]
        absent = any(absence.start <= now < absence.end for absence in log.absences.items)
        available = center.spec.activities[log.activities.items[-1]].state == "available"
        found[
            "INTERACTING" if agent in handling else "NOT_RESPONDING" if absent else "IDLE" if available else "OFF_QUEUE"
        ] += 1
    return found


def values(group: dict[str, Any], metric: str) -> dict[str | None, Any]:
    return {each.get("qualifier"): each["stats"] for each in group.get("data", ()) if each["metric"] == metric}


# Observations


@pytest.mark.parametrize("minutes", MINUTES)
def test_contacts_are_counted_by_queue_and_media_type(minutes: int) -> None:
    world = world_at(60 * minutes)
    results = observe(world, ["oWaiting", "oAlerting", "oInteracting", "oLongestWaiting"])["results"]

    assert [(each["group"]["queueId"], each["group"]["mediaType"]) for each in results] == [
        (queue_id(world, number), media) for number in range(4) for media in MEDIA
    ]
    for each in results:
        number = [queue_id(world, index) for index in range(4)].index(each["group"]["queueId"])
        contacts = in_queue(world, number, each["group"]["mediaType"])
        waiting = unanswered(contacts)
        assert values(each, "oWaiting") == {None: {"count": len(waiting)}}
        assert values(each, "oAlerting") == {None: {"count": len(ringing(contacts))}}
        assert values(each, "oInteracting") == {None: {"count": len(talking(contacts))}}
        oldest = [world.center.moment(contact.arrived).timestamp() * 1000 for contact in waiting]
        expected = {None: {"calculatedMetricValue": round(min(oldest))}} if oldest else {}
        assert values(each, "oLongestWaiting") == expected


@pytest.mark.parametrize("minutes", MINUTES)
def test_members_are_counted_by_routing_status_and_zeros_are_left_out(minutes: int) -> None:
    world = world_at(60 * minutes)
    results = observe(world, ["oUserRoutingStatuses", "oMemberUsers", "oOnQueueUsers", "oOffQueueUsers"])["results"]

    assert [each["group"] for each in results] == [{"queueId": queue_id(world, number)} for number in range(4)]
    for number, each in enumerate(results):
        expected = statuses(world, number)
        assert values(each, "oMemberUsers") == {None: {"count": expected.total()}}
        assert values(each, "oUserRoutingStatuses") == {key: {"count": count} for key, count in expected.items()}
        on_queue = {key: {"count": count} for key, count in expected.items() if key != "OFF_QUEUE"}
        assert values(each, "oOnQueueUsers") == on_queue
        off_queue = {None: {"count": expected["OFF_QUEUE"]}} if expected["OFF_QUEUE"] else {}
        assert values(each, "oOffQueueUsers") == off_queue


def test_every_state_is_met_by_these_tests() -> None:
    worlds = [world_at(60 * minutes) for minutes in MINUTES]
    met: Counter[str] = Counter()
    for world in worlds:
        for number in range(4):
            met += statuses(world, number)
        met["ringing"] += len(ringing(world.center.contacts))
        met["talking"] += len(talking(world.center.contacts))
        met["waiting"] += len(unanswered(world.center.contacts))

    assert all(met[state] for state in (*STATUSES, "ringing", "talking", "waiting")), met


def test_presences_add_up_to_the_members_and_map_to_system_presences() -> None:
    world = world_at(3000)
    answer = observe(world, ["oUserPresences", "oMemberUsers", "oActiveUsers"])

    activities = [log.activities.items[-1] for log in world.center.agents]
    for number, each in enumerate(answer["results"]):
        chosen = Counter(activities[agent] for agent in world.center.members(number))
        presences = {presence_id(world, activity): {"count": count} for activity, count in chosen.items()}
        assert values(each, "oUserPresences") == presences
        assert values(each, "oActiveUsers") == values(each, "oMemberUsers")
    assert answer["systemToOrganizationMappings"] == {
        "ON_QUEUE": [presence_id(world, 0)],
        "BREAK": [presence_id(world, 1)],
        "MEAL": [presence_id(world, 2)],
        "OFFLINE": [presence_id(world, 3)],
    }
    assert "systemToOrganizationMappings" not in observe(world, ["oMemberUsers"])


def test_longest_wait_can_be_sent_as_a_duration() -> None:
    world = world_at(3600)
    epoch = observe(world, ["oLongestWaiting"])["results"]
    duration = observe(world, ["oLongestWaiting"], longest_wait="duration")["results"]

    now = round(world.now().timestamp() * 1000)
    since = [values(each, "oLongestWaiting")[None]["calculatedMetricValue"] for each in epoch if "data" in each]
    ages = [values(each, "oLongestWaiting")[None]["calculatedMetricValue"] for each in duration if "data" in each]
    assert ages == [now - moment for moment in since]
    assert max(ages) > 0


def test_alerting_contacts_can_be_kept_out_of_waiting() -> None:
    world = next(world for world in map(world_at, range(600, 7200, 60)) if ringing(world.center.contacts))
    inside = observe(world, ["oWaiting", "oAlerting"])["results"]
    outside = observe(world, ["oWaiting", "oAlerting"], alerting_in_waiting=False)["results"]

    assert inside != outside
    for with_them, without in zip(inside, outside, strict=True):
        counts = [
            values(each, metric)[None]["count"] for each, metric in ((without, "oWaiting"), (without, "oAlerting"))
        ]
        assert values(with_them, "oWaiting") == {None: {"count": sum(counts)}}


def test_a_queue_without_agents_comes_as_a_bare_group() -> None:
    spec = busy_spec()
    nobody = tuple(replace(agent, queues=tuple(q for q in agent.queues if q != 1)) for agent in spec.agents)
    world = world_at(900, replace(spec, agents=nobody))
    results = observe(world, ["oMemberUsers", "oUserRoutingStatuses", "oWaiting"], [queue_id(world, 1)])["results"]

    assert results[0] == {"group": {"queueId": queue_id(world, 1)}}
    assert [each["group"].get("mediaType") for each in results[1:]] == list(MEDIA)


def test_unknown_queues_are_absent_and_known_ones_still_answer() -> None:
    world = world_at(900)
    results = observe(world, ["oWaiting"], [queue_id(world, 99), queue_id(world, 2)])["results"]

    assert {each["group"]["queueId"] for each in results} == {queue_id(world, 2)}
    assert observe(world, ["oWaiting"], [queue_id(world, 99)]) == {"results": []}


def test_a_filter_by_media_type_narrows_the_contacts_and_loses_the_agents() -> None:
    world = world_at(3000)
    only = both(any_of("queueId", [queue_id(world, 0)]), any_of("mediaType", ["message"]))
    results = ask(world, {"filter": only, "metrics": ["oWaiting", "oMemberUsers"]})["results"]

    assert [each["group"] for each in results] == [{"queueId": queue_id(world, 0), "mediaType": "message"}]


@pytest.mark.parametrize(
    "filter_",
    [
        {"type": "AND", "clauses": [{"type": "or", "predicates": [{"dimension": "queueId", "value": "{0}"}]}]},
        {"type": "or", "clauses": [], "predicates": [{"dimension": "queueId", "operator": "matches", "value": "{0}"}]},
        {
            "type": "and",
            "predicates": [
                {"type": "dimension", "dimension": "queueId", "value": "{0}"},
                {"dimension": "mediaType", "operator": "exists"},
            ],
        },
    ],
)
def test_filters_that_the_vendor_prints_are_understood(filter_: object) -> None:
    world = world_at(900)
    spelled = json.loads(json.dumps(filter_).replace("{0}", queue_id(world, 0)))
    results = ask(world, {"filter": spelled, "metrics": ["oWaiting"]})["results"]

    assert [each["group"]["queueId"] for each in results] == [queue_id(world, 0)] * 5


@pytest.mark.parametrize(
    ("filter_", "groups"),
    [
        ({"type": "and", "predicates": [("queueId", 0), ("queueId", 1)]}, set()),
        ({"type": "or", "predicates": [("queueId", 0), ("queueId", 1)]}, {(0, None), (1, None)}),
        ({"type": "or", "predicates": [("queueId", 3), ("mediaType", "email")]}, {(3, None)}),
        ({"type": "and", "predicates": [("queueId", 2), ("mediaType", None)]}, {(2, None)}),
    ],
)
def test_filters_are_taken_at_their_word(filter_: dict[str, Any], groups: set[tuple[int, str | None]]) -> None:
    world = world_at(900)
    predicates = [
        {"dimension": dimension, "operator": "notExists"}
        if value is None
        else {"dimension": dimension, "value": queue_id(world, value) if dimension == "queueId" else value}
        for dimension, value in filter_["predicates"]
    ]
    results = ask(world, {"filter": {**filter_, "predicates": predicates}, "metrics": ["oMemberUsers"]})["results"]

    ids = [queue_id(world, number) for number in range(4)]
    assert {(ids.index(each["group"]["queueId"]), each["group"].get("mediaType")) for each in results} == groups


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"metrics": ["oWaiting", "oIdle"]}, "oIdle"),
        ({"metrics": []}, "metrics"),
        ({"metrics": None}, "metrics"),
        ({"metrics": "oWaiting"}, "metrics"),
        ({"filter": None}, "filter"),
        ({"filter": {"type": "or"}}, "predicate"),
        ({"filter": {"predicates": [{"dimension": "queueId", "value": "x"}]}}, "type"),
        ({"filter": {"type": "xor", "predicates": []}}, "type"),
        ({"filter": {"type": "or", "predicates": [{"dimension": "userId", "value": "x"}]}}, "userId"),
        ({"filter": {"type": "or", "predicates": [{"dimension": "queueId"}]}}, "value"),
        ({"filter": {"type": "or", "predicates": [{"dimension": "queueId", "value": "x", "not": 1}]}}, "not"),
        (
            {"filter": {"type": "or", "predicates": [{"dimension": "queueId", "operator": "like", "value": "x"}]}},
            "like",
        ),
        ({"filter": {"type": "or", "clauses": [{"type": "or", "clauses": []}]}}, "clauses"),
        ({"detailMetrics": ["oWaiting"]}, "detailMetrics"),
        ({"groupBy": ["queueId"]}, "groupBy"),
    ],
)
def test_queries_that_nobody_documents_are_refused(change: dict[str, object], word: str) -> None:
    world = world_at(60)
    body = {"filter": any_of("queueId", [queue_id(world, 0)]), "metrics": ["oWaiting"], **change}

    error = refused(world, body)
    assert (error.code, word in error.message) == ("bad.request", True)


@pytest.mark.parametrize(("count", "settings"), [(100, {}), (3, {"max_predicates": 3})])
def test_too_many_predicates_are_refused(count: int, settings: dict[str, Any]) -> None:
    world = world_at(60)
    fitting = any_of("queueId", [queue_id(world, number) for number in range(count)])
    ask(world, {"filter": fitting, "metrics": ["oWaiting"]}, **settings)

    larger = both(fitting, any_of("mediaType", ["voice"]))
    error = refused(world, {"filter": larger, "metrics": ["oWaiting"]}, **settings)
    assert (error.code, str(count) in error.message) == ("bad.request", True)


@pytest.mark.parametrize("by_name", [True, False])
def test_one_forbidden_queue_fails_the_whole_batch_without_being_named(by_name: bool) -> None:
    world = world_at(60)
    forbidden = [world.center.spec.queues[1].name if by_name else queue_id(world, 1)]
    body = {"filter": any_of("queueId", [queue_id(world, 0), queue_id(world, 1)]), "metrics": ["oWaiting"]}

    error = refused(world, body, 403, forbidden_queues=forbidden)
    assert error.code == "missing.division.permission"
    assert error.params == {"permission": "analytics:queueObservation:view"}
    assert queue_id(world, 1) not in error.message
    assert observe(world, ["oWaiting"], [queue_id(world, 0)], forbidden_queues=forbidden)["results"]


def test_a_center_with_an_unheard_of_channel_is_refused() -> None:
    spec = busy_spec()
    odd = replace(spec, queues=(replace(spec.queues[0], channels={"telepathy": 1.0}), *spec.queues[1:]))

    with pytest.raises(ValueError, match="telepathy"):
        Tenant(World(Center(odd, START), ManualClock(START)), parse_settings({}))
