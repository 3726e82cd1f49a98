"""Whatever a vendor answers: numbers with reasons for what is missing, or `BrokenAnswerError`, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vendor_bodies import ABSENT, NotThere, changed, load, ways
from vendor_genesys_parts import active, aggregated, counted, known, observed, told
from vendor_honesty import unexplained
from vendor_twilio_parts import OFFLINE, agent, both, facts, now, window

from ccstats import lenient
from ccstats.errors import BrokenAnswerError
from ccstats.model import ActivityState, Kind, Snapshot
from ccstats_genesys.api import wire
from ccstats_genesys.parse.presences import meanings

Read = Callable[[Any], Snapshot]
KNOWN = facts(states={OFFLINE: ActivityState.OFFLINE})
READS: dict[str, tuple[Read, Any]] = {
    "queue now": (lambda body: now(body, Kind.QUEUE, KNOWN), load("twilio", "queue_realtime")),
    "queue since entry": (lambda body: now(body, longest_wait="since_queue_entry"), load("twilio", "queue_realtime")),
    "workspace now": (lambda body: now(body, Kind.WORKSPACE), load("twilio", "workspace_realtime")),
    "workflow now": (lambda body: now(body, Kind.WORKFLOW), load("twilio", "seed_workflow_realtime")),
    "multi-tasking": (lambda body: now(body, Kind.QUEUE, facts(multi_tasking=True)), load("twilio", "queue_realtime")),
    "worker": (agent, load("twilio", "workers")["workers"][0]),
    "queue window": (window, load("twilio", "queue_cumulative")),
    "workspace window": (lambda body: window(body, Kind.WORKSPACE), load("twilio", "workspace_cumulative")),
    "workflow window": (lambda body: window(body, Kind.WORKFLOW), load("twilio", "seed_workflow_cumulative")),
    "worker window": (lambda body: window(body, Kind.AGENT), load("twilio", "worker")["cumulative"]),
    "queue combined": (both, load("twilio", "queues_list")["task_queues_statistics"][0]),
    "observations": (observed, load("genesys", "observations")),
    "voice observations": (lambda body: observed(body, channels=["voice"]), load("genesys", "observations")),
    "aggregates": (aggregated, load("genesys", "aggregates")),
    "activity": (active, load("genesys", "activity")),
    "agent counts": (counted, load("genesys", "agent_counts")),
    "stats": (told, load("genesys", "seed_stats")),
}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["12", "-1", "1e9", "2026-11-22T08:00:00Z", "Priority-5", "٣"])
)
KEYS = st.text(max_size=6) | st.sampled_from(
    ["sid", "workers", "count", "sum", "metric", "stats", "group", "data", "20"]
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
THOROUGH = settings(
    max_examples=50, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def honest(read: Read, body: Any) -> None:
    try:
        snapshot = read(body)
    except (BrokenAnswerError, NotThere):
        return
    assert unexplained(snapshot) == []
    assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot


@pytest.mark.parametrize(("read", "body"), READS.values(), ids=READS.keys())
def test_the_hand_written_bodies_are_read_as_they_are(read, body) -> None:
    snapshot = read(body)

    assert unexplained(snapshot) == []
    assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot


@pytest.mark.parametrize(("read", "body"), READS.values(), ids=READS.keys())
@THOROUGH
@given(data=st.data())
def test_anything_in_any_place_is_unknown_or_a_broken_answer(read, body, data) -> None:
    way = data.draw(st.sampled_from(list(ways(body))))
    value = data.draw(st.just(ABSENT) | ANYTHING)

    honest(read, changed(body, way, value))


@pytest.mark.parametrize(("read", "body"), READS.values(), ids=READS.keys())
@THOROUGH
@given(data=st.data())
def test_two_faults_at_once_are_as_harmless_as_one(read, body, data) -> None:
    for _ in range(2):
        places = list(ways(body))
        if places:
            body = changed(body, data.draw(st.sampled_from(places)), data.draw(st.just(ABSENT) | SCALARS))

    honest(read, body)


@pytest.mark.parametrize(("read", "body"), READS.values(), ids=READS.keys())
@pytest.mark.parametrize("other", [None, [], "text", 5, True, {"a": 1}, {}], ids=json.dumps)
def test_another_body_altogether_is_unknown_or_a_broken_answer(read, body, other) -> None:
    assert body
    honest(read, other)


@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"\xff\xfe", b"{", b"nul", b"[" * 100_000])
def test_a_body_that_is_no_json_is_a_broken_answer(body) -> None:
    with pytest.raises(BrokenAnswerError, match="not JSON"):
        lenient.decode(body, wire.Observations)


@pytest.mark.parametrize(("name", "read"), [("queue_realtime", now), ("queue_cumulative", window)])
def test_a_name_with_half_a_character_can_still_be_written(name, read) -> None:
    """Names cut off in the middle of an emoji come as a lone surrogate, which is good JSON and no text."""
    rows = [{"sid": "WA9", "friendly_name": "Ana \ud83d", "workers": 1, "total": 1}]
    field = "activity_statistics" if name == "queue_realtime" else "activity_durations"
    snapshot = read(changed(load("twilio", name), (field,), rows))

    assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot


def test_a_queue_or_presence_with_half_a_character_in_its_name_can_still_be_written() -> None:
    entity = {**load("genesys", "presences")["entities"][1], "languageLabels": {"en_US": "Lunch \ud83c"}}
    presences = lenient.decode(json.dumps({"entities": [entity]}).encode(), wire.Presences)
    snapshot = observed(load("genesys", "observations"), known_as=meanings(presences.entities, {}))

    assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot
    assert known().names


@pytest.mark.parametrize(
    ("read", "body", "way"),
    [
        (window, load("twilio", "queue_cumulative"), ("wait_duration_in_queue_until_accepted", "total")),
        (aggregated, load("genesys", "aggregates"), ("results", 0, "data", 0, "metrics", 5, "stats", "sum")),
    ],
    ids=["twilio", "genesys"],
)
def test_a_sum_so_long_that_no_contact_can_have_waited_for_it_is_read_back_as_it_was_written(read, body, way) -> None:
    snapshot = read(changed(body, way, 8_000_000_000_000))

    assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot
