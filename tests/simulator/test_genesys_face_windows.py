"""What the Genesys face says about an interval, against the center's own contacts."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ccstats.simulator.center import Center, Contact
from ccstats.simulator.face import ManualClock, World
from ccstats.simulator.spec import ActivitySpec, AgentSpec, CenterSpec, QueueSpec, SiteSpec
from ccstats_genesys.face import parse_settings, queue_id
from ccstats_genesys.face.aggregates import parse_interval, query
from ccstats_genesys.face.call import Call
from ccstats_genesys.face.errors import ApiError
from ccstats_genesys.face.tenant import Tenant

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
END = START + timedelta(hours=2)
METRICS = [
    *("nOffered", "nOverSla", "nTransferred", "oServiceLevel", "oServiceTarget", "tAbandon", "tAcd", "tAcw"),
    *("tAnswered", "tFlowOut", "tHandle", "tHeld", "tShortAbandon", "tTalk", "tWait"),
]
Key = tuple[int, str]
NO_CHANGE: Mapping[str, object] = {}


def make_world() -> World:
    """Two busy queues, one with two media types, and a third that nobody calls, two hours after opening."""
    spec = CenterSpec(
        name="One site",
        seed=23,
        sites=(SiteSpec("Berlin"),),
        queues=(
            QueueSpec("Mixed", 0, 120.0, {"voice": 0.6, "sms": 0.4}, patience_mean_s=40.0, service_level_s=15.0),
            QueueSpec("Plain", 0, 60.0, {"voice": 1.0}, hold_share=0.5, service_level_s=30.0),
            QueueSpec("Silent", 0, 0.0, {"voice": 1.0}),
        ),
        agents=tuple(AgentSpec(f"Agent {number}", 0, (number % 2,)) for number in range(10)),
        activities=(ActivitySpec("Ready", "available"), ActivitySpec("Pause", "unavailable")),
    )
    world = World(Center(spec, START), ManualClock(END))
    world.now()
    return world


def ask(world: World, change: Mapping[str, object] = NO_CHANGE, **settings: object) -> list[Any]:
    body: dict[str, object] = {
        "interval": interval(START, END),
        "metrics": METRICS,
        "groupBy": ["queueId", "mediaType"],
        **change,
    }
    present = {key: value for key, value in body.items() if value is not None}
    call = Call(Tenant(world, parse_settings(settings)), world.now(), {}, json.loads(json.dumps(present)))
    results: list[Any] = json.loads(json.dumps(query(call)))["results"]
    return results


def interval(start: datetime, end: datetime) -> str:
    return f"{start.isoformat()}/{end.isoformat()}"


def by_key(world: World, results: Iterable[Any]) -> dict[Key, dict[str, Any]]:
    """Each group's statistics by metric, keyed by the index of its queue and its media type."""
    ids = [queue_id(world, number) for number in range(3)]
    return {
        (ids.index(each["group"]["queueId"]), each["group"]["mediaType"]): {
            metric["metric"]: metric["stats"] for metric in each["data"][0]["metrics"]
        }
        for each in results
    }


def stats(seconds: Iterable[float]) -> dict[str, int] | None:
    times = [round(each * 1000) for each in seconds]
    return {"count": len(times), "sum": sum(times), "min": min(times), "max": max(times)} if times else None


def expected(world: World, key: Key, start: datetime, end: datetime, short: float = 5.0) -> dict[str, Any]:
    """The metrics of one queue and media type, worked out from its contacts alone; None marks one not emitted."""
    center, (number, media) = world.center, key
    low, high = (start - START).total_seconds(), (end - START).total_seconds()
    channel = "sms" if media == "message" else media
    mine = [each for each in center.contacts if (each.queue, each.channel) == (number, channel)]

    def within(field: str) -> list[Contact]:
        return [each for each in mine if getattr(each, field) is not None and low <= getattr(each, field) < high]

    answered = [each.accepted - each.arrived for each in within("accepted") if each.accepted is not None]
    abandoned = [each.abandoned - each.arrived for each in within("abandoned") if each.abandoned is not None]
    done = [
        (each.accepted, each.talk_ended, each.completed, each.held)
        for each in within("completed")
        if each.accepted is not None and each.talk_ended is not None and each.completed is not None
    ]
    threshold = center.spec.queues[number].service_level_s
    met = sum(wait <= threshold for wait in answered)
    total = len(answered) + len(abandoned)
    level = {"ratio": met / total, "numerator": met, "denominator": total, "target": 0.8} if total else None
    offered, late = len(within("arrived")), len(answered) - met
    metrics: dict[str, Any] = {
        "nOffered": {"count": offered} if offered else None,
        "nOverSla": {"count": late} if late else None,
        "oServiceLevel": level,
        "oServiceTarget": {"target": 0.8} if total else None,
        "tAnswered": stats(answered),
        "tAbandon": stats(abandoned),
        "tShortAbandon": stats(wait for wait in abandoned if wait <= short),
        "tWait": stats([*answered, *abandoned]),
        "tAcd": stats([*answered, *abandoned]),
        "tHandle": stats(completed - accepted for accepted, _, completed, _ in done),
        "tTalk": stats(ended - accepted - held for accepted, ended, _, held in done),
        "tHeld": stats(held for _, _, _, held in done if held),
        "tAcw": stats(completed - ended for _, ended, completed, _ in done),
    }
    return {metric: value for metric, value in metrics.items() if value is not None}


@pytest.mark.parametrize(("first", "last"), [(0, 120), (30, 60), (61.5, 61.6), (90, 90.75), (-30, 15), (110, 200)])
def test_metrics_are_emitted_by_their_own_moments(first: float, last: float) -> None:
    world = make_world()
    start, end = START + timedelta(minutes=first), START + timedelta(minutes=last)
    found = by_key(world, ask(world, {"interval": interval(start, end)}))

    wanted = {key: expected(world, key, start, end) for key in ((0, "voice"), (0, "message"), (1, "voice"))}
    assert found == {key: metrics for key, metrics in wanted.items() if metrics}


def test_the_example_has_everything_in_it_that_is_asserted() -> None:
    world = make_world()
    metrics = {
        metric for key in ((0, "voice"), (0, "message"), (1, "voice")) for metric in expected(world, key, START, END)
    }

    assert metrics == set(METRICS) - {"nTransferred", "tFlowOut"}


def test_adjoining_intervals_add_up() -> None:
    world = make_world()
    middle = START + timedelta(minutes=47, milliseconds=123)
    halves = [by_key(world, ask(world, {"interval": interval(*span)})) for span in ((START, middle), (middle, END))]
    whole = by_key(world, ask(world))

    for key, metrics in whole.items():
        for metric in ("nOffered", "tAnswered", "tAbandon", "tHandle"):
            for field in metrics[metric].keys() & {"count", "sum"}:
                parts = [half[key].get(metric, {field: 0})[field] for half in halves]
                assert sum(parts) == metrics[metric][field]


def test_handle_time_of_contacts_in_progress_is_not_told() -> None:
    world = make_world()
    in_progress = [each for each in world.center.contacts if each.accepted is not None and each.completed is None]
    found = by_key(world, ask(world, {"metrics": ["tAnswered", "tHandle"]}))

    answered = sum(metrics["tAnswered"]["count"] for metrics in found.values())
    handled = sum(metrics["tHandle"]["count"] for metrics in found.values())
    assert in_progress
    assert answered - handled == len(in_progress)


@pytest.mark.parametrize("group_by", [["queueId"], ["mediaType", "queueId"], ["queueId", "queueId"]])
def test_groups_are_split_by_media_type_even_where_only_queues_were_asked(group_by: list[str]) -> None:
    world = make_world()

    assert by_key(world, ask(world, {"groupBy": group_by})) == by_key(world, ask(world))


@pytest.mark.parametrize("group_by", [["mediaType"], None])
def test_without_queues_the_groups_are_media_types(group_by: list[str] | None) -> None:
    world = make_world()
    parts = by_key(world, ask(world))
    results = ask(world, {"groupBy": group_by})

    assert {each["group"]["mediaType"] for each in results} == {"voice", "message"}
    for each in results:
        assert set(each["group"]) == {"mediaType"}
        merged = {metric["metric"]: metric["stats"] for metric in each["data"][0]["metrics"]}
        mine = [metrics for (_, media), metrics in parts.items() if media == each["group"]["mediaType"]]
        assert merged["nOffered"]["count"] == sum(metrics["nOffered"]["count"] for metrics in mine)
        assert merged["tHandle"]["sum"] == sum(metrics["tHandle"]["sum"] for metrics in mine)
        assert merged["oServiceLevel"]["numerator"] == sum(metrics["oServiceLevel"]["numerator"] for metrics in mine)


def test_filters_choose_queues_and_media_types() -> None:
    world = make_world()
    queues = {"type": "or", "predicates": [{"dimension": "queueId", "value": queue_id(world, n)} for n in (0, 2, 9)]}
    voice = {"type": "or", "predicates": [{"dimension": "mediaType", "value": "voice"}]}
    only = by_key(world, ask(world, {"filter": {"type": "and", "clauses": [queues, voice]}}))

    assert only == {(0, "voice"): by_key(world, ask(world))[0, "voice"]}


def test_queues_in_which_nothing_happened_are_absent() -> None:
    world = make_world()
    before = interval(START - timedelta(hours=1), START)
    silent = {"type": "or", "predicates": [{"dimension": "queueId", "value": queue_id(world, 2)}]}

    assert ask(world, {"interval": before}) == []
    assert ask(world, {"filter": silent}) == []
    assert ask(world, {"metrics": ["nTransferred", "tFlowOut"]}) == []


def test_the_asked_interval_comes_back_in_utc() -> None:
    world = make_world()
    zone = "2026-03-02T05:00:00-03:00/2026-03-02T06:30:00-03:00"
    (each, *_) = ask(world, {"interval": zone, "groupBy": ["queueId"]})

    assert each["data"][0]["interval"] == "2026-03-02T08:00:00.000Z/2026-03-02T09:30:00.000Z"


@pytest.mark.parametrize(
    "text", ["2026-03-02T08:00:00/2026-03-02T09:00:00", "2026-03-02T08:00:00.000Z/2026-03-02T09:00Z"]
)
def test_intervals_without_an_offset_are_utc(text: str) -> None:
    assert parse_interval(text) == (START, START + timedelta(hours=1))


def test_how_soon_an_abandon_is_short_can_be_set() -> None:
    world = make_world()
    found = by_key(world, ask(world, short_abandon_s=20.0))

    assert found[0, "voice"]["tShortAbandon"] == expected(world, (0, "voice"), START, END, 20.0)["tShortAbandon"]
    assert found[0, "voice"]["tShortAbandon"] != by_key(world, ask(world))[0, "voice"]["tShortAbandon"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"interval": None}, "interval"),
        ({"interval": "2026-03-02T08:00:00Z"}, "ISO-8601"),
        ({"interval": "PT30M/2026-03-02T08:00:00Z"}, "ISO-8601"),
        ({"interval": "2026-03-02T09:00:00Z/2026-03-02T08:00:00Z"}, "end after"),
        ({"interval": "2026-03-02T08:00:00Z/2026-03-02T08:00:00Z"}, "end after"),
        ({"metrics": ["nOffered", "nAnswered"]}, "nAnswered"),
        ({"metrics": None}, "metrics"),
        ({"groupBy": ["userId"]}, "userId"),
        ({"granularity": "PT30M"}, "granularity"),
        ({"views": []}, "views"),
        ({"timeZone": "Europe/Berlin"}, "timeZone"),
        ({"queryType": "topN"}, "topN"),
        ({"detailMetrics": []}, "detailMetrics"),
        ({"filter": {"type": "and", "predicates": [{"dimension": "wrapUpCode", "value": "x"}]}}, "wrapUpCode"),
    ],
)
def test_queries_that_nobody_documents_are_refused(change: dict[str, object], word: str) -> None:
    world = make_world()

    with pytest.raises(ApiError, match=word) as caught:
        ask(world, change)
    assert caught.value.status == 400


def test_a_forbidden_queue_fails_the_batch_that_names_it_and_is_left_out_elsewhere() -> None:
    world = make_world()
    named = {"type": "or", "predicates": [{"dimension": "queueId", "value": queue_id(world, n)} for n in (0, 1)]}

    with pytest.raises(ApiError) as caught:
        ask(world, {"filter": named}, forbidden_queues=["Plain"])
    assert (caught.value.status, caught.value.code) == (403, "missing.division.permission")
    assert caught.value.params == {"permission": "analytics:conversationAggregate:view"}
    assert set(by_key(world, ask(world, forbidden_queues=["Plain"]))) == {(0, "voice"), (0, "message")}
