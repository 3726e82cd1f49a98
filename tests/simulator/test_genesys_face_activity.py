"""The Genesys face's other views of a moment: they have to agree with its queue observations."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ccstats.simulator.center import Center
from ccstats.simulator.face import ManualClock, World
from ccstats.simulator.spec import ActivitySpec, AgentSpec, CenterSpec, QueueSpec, SiteSpec
from ccstats_genesys.face import parse_settings, queue_id
from ccstats_genesys.face.app import ENDPOINTS
from ccstats_genesys.face.call import Call
from ccstats_genesys.face.errors import ApiError
from ccstats_genesys.face.tenant import Tenant

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OBSERVATIONS = "/api/v2/analytics/queues/observations/query"
CONVERSATIONS = "/api/v2/analytics/conversations/activity/query"
ROUTING = "/api/v2/analytics/routing/activity/query"
AGENTS = "/api/v2/analytics/agents/status/counts"
STATS = "/api/v2/analytics/stats/queues"
AGGREGATES = {
    "queue/waiting/count",
    "queue/agentsAvailable/count",
    "queue/agentsBusy/count",
    "queue/avgHandleTime",
    "queue/avgWaitTime",
}


def world_at(seconds: float) -> World:
    """Four queues on two sites, every agent in one or two of them, all of it busy."""
    channels = ({"voice": 0.6, "sms": 0.4}, {"voice": 1.0}, {"chat": 0.5, "email": 0.5}, {"voice": 1.0})
    spec = CenterSpec(
        name="Two sites",
        seed=17,
        sites=(SiteSpec("Berlin"), SiteSpec("Pune")),
        queues=tuple(
            QueueSpec(f"Queue {number}", number % 2, contacts_per_hour=75.0, channels=mix)
            for number, mix in enumerate(channels)
        ),
        agents=tuple(
            AgentSpec(f"Agent {number}", number % 2, ((0, 2), (1, 3), (0,), (3,))[number % 4] if number < 14 else ())
            for number in range(16)
        ),
        activities=(
            ActivitySpec("Ready", "available"),
            ActivitySpec("Break", "unavailable"),
            ActivitySpec("Gone", "offline"),
        ),
        ring_timeout_share=0.2,
    )
    clock = ManualClock(START)
    world = World(Center(spec, START), clock)
    clock.advance(seconds)
    world.now()
    return world


def ask(world: World, path: str, body: object, query: dict[str, list[str]] | None = None, **settings: Any) -> Any:
    (endpoint,) = [endpoint for endpoint in ENDPOINTS if endpoint.path == path]
    call = Call(Tenant(world, parse_settings(settings)), world.now(), query or {}, json.loads(json.dumps(body)))
    return json.loads(json.dumps(endpoint.answer(call)))


def refused(world: World, path: str, body: object, status: int = 400, **settings: Any) -> None:
    with pytest.raises(ApiError) as caught:
        ask(world, path, body, **settings)
    assert caught.value.status == status


def any_of(dimension: str, values: list[str]) -> dict[str, object]:
    return {"type": "or", "predicates": [{"dimension": dimension, "value": value} for value in values]}


def both(*clauses: dict[str, object]) -> dict[str, object]:
    return {"type": "and", "clauses": list(clauses)}


def observe(world: World, metrics: list[str], *numbers: int) -> list[Any]:
    queues = [queue_id(world, number) for number in numbers or range(4)]
    answer = ask(world, OBSERVATIONS, {"filter": any_of("queueId", queues), "metrics": metrics})
    results: list[Any] = answer["results"]
    return results


def values(group: dict[str, Any], metric: str) -> dict[str | None, Any]:
    return {each.get("qualifier"): each["stats"] for each in group.get("data", ()) if each["metric"] == metric}


def observed_statuses(world: World, number: int) -> dict[str | None, int]:
    (group,) = observe(world, ["oUserRoutingStatuses"], number)
    return {status: stats["count"] for status, stats in values(group, "oUserRoutingStatuses").items()}


def observed_sum(world: World, metric: str, *numbers: int) -> int:
    return sum(values(group, metric)[None]["count"] for group in observe(world, [metric], *numbers))


def test_conversation_activity_agrees_with_observations_however_it_is_grouped() -> None:
    world = world_at(3000)
    metrics = ["oWaiting", "oInteracting", "oAlerting", "oLongestWaiting"]
    observed = {(each["group"]["queueId"], each["group"]["mediaType"]): each for each in observe(world, metrics)}
    for grouping in (["queueId"], ["mediaType"], ["queueId", "mediaType"]):
        body = {"metrics": [{"metric": metric} for metric in metrics], "groupBy": grouping}
        results = ask(world, CONVERSATIONS, body)["results"]
        assert len({tuple(each["group"].values()) for each in results}) == len(results)
        for each in results:
            parts = [
                group
                for (queue, media), group in observed.items()
                if {"queueId": queue, "mediaType": media}.items() >= each["group"].items()
            ]
            for metric in metrics[:3]:
                (found,) = [datum["count"] for datum in each["data"] if datum["metric"] == metric]
                assert found == sum(values(part, metric)[None]["count"] for part in parts)
            longest = [datum["calculatedMetricValue"] for datum in each["data"] if datum["metric"] == "oLongestWaiting"]
            moments = [
                stats["calculatedMetricValue"] for part in parts for stats in values(part, "oLongestWaiting").values()
            ]
            assert longest == ([min(moments)] if moments else [])


def test_activity_results_come_in_pages_and_either_order() -> None:
    world = world_at(900)
    body = {"metrics": [{"metric": "oWaiting"}], "groupBy": ["queueId"]}
    everything = ask(world, CONVERSATIONS, body)["results"]
    pages = [
        ask(world, CONVERSATIONS, body, {"pageSize": ["3"], "pageNumber": [number]})["results"] for number in "123"
    ]

    assert [len(page) for page in pages] == [3, 1, 0]
    assert [*pages[0], *pages[1]] == everything
    assert ask(world, CONVERSATIONS, {**body, "order": "desc"})["results"] == everything[::-1]


def test_routing_activity_agrees_with_observations() -> None:
    world = world_at(3000)
    body = {
        "metrics": [{"metric": "oUserRoutingStatuses"}, {"metric": "oUserPresences", "details": False}],
        "groupBy": ["queueId"],
        "filter": any_of("queueId", [queue_id(world, 0), queue_id(world, 3)]),
    }
    results = ask(world, ROUTING, body)["results"]

    observed = observe(world, ["oUserRoutingStatuses", "oUserPresences"], 0, 3)
    flat = [
        {
            "group": each["group"],
            "data": [
                {"metric": datum["metric"], "qualifier": datum["qualifier"], "count": datum["stats"]["count"]}
                for datum in each["data"]
            ],
        }
        for each in observed
    ]
    assert results == flat


def test_routing_activity_can_ask_for_one_status() -> None:
    world = world_at(3000)
    only = both(any_of("queueId", [queue_id(world, 0)]), any_of("routingStatus", ["INTERACTING"]))
    body = {"metrics": [{"metric": "oUserRoutingStatuses"}], "groupBy": ["queueId"], "filter": only}
    (group,) = ask(world, ROUTING, body)["results"]

    expected = observed_statuses(world, 0)["INTERACTING"]
    assert expected > 0
    assert group["data"] == [{"metric": "oUserRoutingStatuses", "qualifier": "INTERACTING", "count": expected}]


@pytest.mark.parametrize("path", [CONVERSATIONS, ROUTING])
@pytest.mark.parametrize(
    "change",
    [
        {"groupBy": []},
        {"groupBy": None},
        {"groupBy": ["userId"]},
        {"metrics": []},
        {"metrics": ["oWaiting"]},
        {"metrics": [{"name": "oWaiting"}]},
        {"metrics": [{"metric": "oNothing"}]},
        {"order": "up"},
        {"interval": "x"},
    ],
)
def test_activity_queries_that_nobody_documents_are_refused(path: str, change: dict[str, object]) -> None:
    metric = "oWaiting" if path == CONVERSATIONS else "oMemberUsers"
    body = {"metrics": [{"metric": metric}], "groupBy": ["queueId"]}
    world = world_at(60)

    assert ask(world, path, body)["results"]
    refused(world, path, {**body, **change})
    refused(world, path, {**body, "metrics": [{"metric": metric, "details": True}]})


# Agent status


def test_agents_are_counted_once_over_all_queues() -> None:
    world = world_at(3000)
    body = {"userFilter": any_of("queueId", [queue_id(world, number) for number in range(4)])}
    grouping = {"groupBy": ["routingStatus", "presence", "isOutOfOffice", "segmentType"]}
    answer = ask(world, AGENTS, body, grouping)

    served = [number for number, agent in enumerate(world.center.spec.agents) if agent.queues]
    assert sum(each["count"] for each in answer["routingStatusCounts"]) == len(served)
    assert sum(each["count"] for each in answer["presenceCounts"]) == len(served)
    assert answer["isOutOfOfficeCounts"] == [{"isOutOfOffice": False, "count": len(served)}]
    segments = {each["segmentType"]: each["count"] for each in answer["segmentCounts"]}
    assert segments.get("interact", 0) == observed_sum(world, "oInteracting")
    assert segments.get("alert", 0) == observed_sum(world, "oAlerting")


def test_agent_counts_can_be_narrowed_and_default_to_segments() -> None:
    world = next(world for world in map(world_at, range(600, 7200, 60)) if "OFF_QUEUE" in observed_statuses(world, 0))
    body = {"userFilter": both(any_of("queueId", [queue_id(world, 0)]), any_of("systemPresence", ["ON_QUEUE"]))}
    answer = ask(world, AGENTS, body, {"groupBy": ["routingStatus"]})

    expected = observed_statuses(world, 0)
    del expected["OFF_QUEUE"]
    assert {each["routingStatus"]: each["count"] for each in answer["routingStatusCounts"]} == expected
    assert set(ask(world, AGENTS, {})) == {"segmentCounts"}
    refused(world, AGENTS, {"sessionFilter": {"type": "and"}})
    refused(world, AGENTS, body, 403, forbidden_queues=[queue_id(world, 0)])


# The tutorial's endpoint


@pytest.mark.parametrize(("ids", "key"), [(None, None), ("id", "id"), ("queueId", "queueId")])
def test_queue_stats_come_below_divisions_with_ids_only_on_request(ids: str | None, key: str | None) -> None:
    world = world_at(3600)
    queues = [queue_id(world, number) for number in (3, 0, 2)]
    body = {"intervalType": "realtime", "queues": queues, "aggregates": sorted(AGGREGATES)}
    answer = ask(world, STATS, body, stats_ids=ids)

    rows = [row for division in answer["divisions"] for row in division["queues"]]
    sites = [world.center.spec.queues[number].site for number in (3, 0, 2)]
    assert [len(division["queues"]) for division in answer["divisions"]] == [sites.count(0), sites.count(1)]
    assert all(set(division) == {"queues"} for division in answer["divisions"])
    assert all(set(row) == ({"metrics", key} if key else {"metrics"}) for row in rows)
    assert all(set(row["metrics"]) == AGGREGATES for row in rows)
    if key:
        assert {row[key] for row in rows} == set(queues)


def test_queue_stats_count_what_the_center_holds_in_milliseconds() -> None:
    world = world_at(3600)
    for number in range(4):
        body = {"intervalType": "realtime", "queues": [queue_id(world, number)], "aggregates": sorted(AGGREGATES)}
        metrics = ask(world, STATS, body)["divisions"][0]["queues"][0]["metrics"]

        now, mine = world.center.seconds(world.now()), [c for c in world.center.contacts if c.queue == number]
        done = [c for c in mine if c.completed is not None and now - 1800 <= c.completed < now]
        handle = [c.completed - c.accepted for c in done if c.completed is not None and c.accepted is not None]
        wait = [c.accepted - c.arrived for c in done if c.accepted is not None]
        assert len(done) > 1
        assert metrics == {
            "queue/waiting/count": observed_sum(world, "oWaiting", number),
            "queue/agentsAvailable/count": observed_statuses(world, number).get("IDLE", 0),
            "queue/agentsBusy/count": observed_statuses(world, number).get("INTERACTING", 0),
            "queue/avgHandleTime": round(1000 * sum(handle) / len(handle)),
            "queue/avgWaitTime": round(1000 * sum(wait) / len(wait)),
        }


def test_queue_stats_of_a_quiet_queue_are_zero_and_a_window_can_be_chosen() -> None:
    world = world_at(3600)
    body = {"intervalType": "realtime", "queues": [queue_id(world, 0)], "aggregates": ["queue/avgHandleTime"]}

    assert ask(world_at(1), STATS, body)["divisions"][0]["queues"][0]["metrics"] == {"queue/avgHandleTime": 0}
    half_hour, hour = (ask(world, STATS, body, stats_window_s=window) for window in (1800, 3600))
    assert half_hour != hour


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"queues": ["00000000-0000-4000-8000-000000000000"]}, 404),
        ({"queues": []}, 400),
        ({"intervalType": "hourly"}, 400),
        ({"aggregates": ["queue/offered/count"]}, 400),
        ({"aggregates": None}, 400),
        ({"interval": "x"}, 400),
    ],
)
def test_queue_stats_refuse_what_they_do_not_know(change: dict[str, object], status: int) -> None:
    world = world_at(60)
    body = {"intervalType": "realtime", "queues": [queue_id(world, 0)], "aggregates": ["queue/waiting/count"]}

    assert ask(world, STATS, body)["divisions"]
    refused(world, STATS, {**body, **change}, status)
    refused(world, STATS, body, 403, forbidden_queues=[queue_id(world, 0)])
