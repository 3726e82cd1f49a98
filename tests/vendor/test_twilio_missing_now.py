"""Missing is not zero, field by field: Twilio's real-time answers."""

from datetime import timedelta

import pytest
from vendor_bodies import ABSENT, UNUSABLE, at, changed, load, name
from vendor_honesty import differences, path, unexplained, values, within
from vendor_twilio_parts import OFFLINE, facts, now

from ccstats.adapter import Absence
from ccstats.model import ActivityState, Kind
from ccstats_twilio.abilities import ABILITIES

QUEUE_NOW = load("twilio", "queue_realtime")
SPACE_NOW = load("twilio", "workspace_realtime")
KNOWN = facts(states={OFFLINE: ActivityState.OFFLINE})
STAFF = ("agents.busy", "agents.unavailable", "agents.offline", "activities")
COUNTS = {
    ("tasks_by_status", "pending"): ("waiting",),
    ("tasks_by_status", "reserved"): ("waiting", "offering"),
    ("tasks_by_status", "assigned"): ("in_progress",),
    ("tasks_by_status", "wrapping"): ("after_call_work",),
    ("total_available_workers",): ("agents.available", "agents.unavailable"),
    ("total_eligible_workers",): ("agents.total", "agents.unavailable"),
}
TIMES = {("longest_task_waiting_age",): ("longest_wait",)}
TABLES = {
    ("tasks_by_status",): ("waiting", "offering", "in_progress", "after_call_work"),
    ("tasks_by_priority",): ("waiting_by_priority",),
    ("activity_statistics",): STAFF,
}
WITHOUT_CONSEQUENCE = (
    ("account_sid",),
    ("workspace_sid",),
    ("task_queue_sid",),
    ("url",),
    ("total_tasks",),
    ("longest_relative_task_age_in_queue",),
    ("longest_relative_task_sid_in_queue",),
)
NOT_A_TABLE = tuple(value for value in UNUSABLE if not isinstance(value, dict | list))


def unknown_in(body, metrics) -> None:
    before, after = now(QUEUE_NOW, Kind.QUEUE, KNOWN), now(body, Kind.QUEUE, KNOWN)

    assert {value for metric in metrics for value in values(after, f"realtime.{metric}")} == {None}
    assert within(differences(before, after), [f"realtime.{metric}" for metric in metrics])
    assert unexplained(after) == []


@pytest.mark.parametrize("value", UNUSABLE, ids=name)
@pytest.mark.parametrize(("way", "metrics"), {**COUNTS, **TIMES}.items(), ids=name)
def test_an_unusable_number_makes_its_metrics_unknown_and_nothing_else(way, metrics, value) -> None:
    unknown_in(changed(QUEUE_NOW, way, value), metrics)


@pytest.mark.parametrize("way", COUNTS, ids=name)
@pytest.mark.parametrize("value", [2.5, "2.5", "1e3", " 3", "0x3", 10_000_001])
def test_what_is_no_whole_number_is_no_count(way, value) -> None:
    unknown_in(changed(QUEUE_NOW, way, value), COUNTS[way])


@pytest.mark.parametrize("way", COUNTS, ids=name)
@pytest.mark.parametrize("write", [str, float, "{}.0".format])
def test_a_count_may_come_as_a_string_or_a_float(way, write) -> None:
    body = changed(QUEUE_NOW, way, write(at(QUEUE_NOW, way)))

    assert now(body, Kind.QUEUE, KNOWN) == now(QUEUE_NOW, Kind.QUEUE, KNOWN)


@pytest.mark.parametrize("value", [95.0, "95", "95.0"])
def test_a_time_may_come_as_a_string_or_a_float(value) -> None:
    snapshot = now(changed(QUEUE_NOW, ("longest_task_waiting_age",), value))

    assert snapshot.realtime.longest_wait == timedelta(seconds=95)


@pytest.mark.parametrize("value", [200_000_000, 1_795_334_400])
def test_no_contact_waits_for_years(value) -> None:
    unknown_in(changed(QUEUE_NOW, ("longest_task_waiting_age",), value), ("longest_wait",))


@pytest.mark.parametrize("value", NOT_A_TABLE, ids=name)
@pytest.mark.parametrize(("way", "metrics"), TABLES.items(), ids=name)
def test_an_unusable_table_makes_its_metrics_unknown_and_nothing_else(way, metrics, value) -> None:
    body = changed(QUEUE_NOW, way, value)
    before, after = now(QUEUE_NOW, Kind.QUEUE, KNOWN), now(body, Kind.QUEUE, KNOWN)

    assert {value for metric in metrics for value in values(after, f"realtime.{metric}")} == {None}
    assert within(differences(before, after), [f"realtime.{metric}" for metric in metrics])
    assert unexplained(after) == []


@pytest.mark.parametrize(("way", "metrics"), {**TIMES, **TABLES}.items(), ids=name)
def test_an_absent_field_is_unknown(way, metrics) -> None:
    unknown_in(changed(QUEUE_NOW, way, ABSENT), metrics)


@pytest.mark.parametrize(("way", "metrics"), COUNTS.items(), ids=name)
def test_an_absent_count_means_what_the_abilities_declare(way, metrics) -> None:
    body, zeroed = changed(QUEUE_NOW, way, ABSENT), changed(QUEUE_NOW, way, 0)
    declared = {ABILITIES[Kind.QUEUE][f"realtime.{metric}"].absence for metric in metrics}

    if declared == {Absence.ZERO}:
        assert now(body, Kind.QUEUE, KNOWN) == now(zeroed, Kind.QUEUE, KNOWN)
    else:
        assert declared == {Absence.UNKNOWN}
        unknown_in(body, metrics)


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
@pytest.mark.parametrize("way", WITHOUT_CONSEQUENCE, ids=name)
def test_fields_that_no_metric_is_made_of_change_nothing(way, value) -> None:
    assert differences(now(QUEUE_NOW), now(changed(QUEUE_NOW, way, value))) == set()


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
def test_one_unusable_activity_costs_the_sums_over_activities_and_nothing_else(value) -> None:
    body = changed(SPACE_NOW, ("activity_statistics", 1, "workers"), value)
    before, after = now(SPACE_NOW, Kind.WORKSPACE, KNOWN), now(body, Kind.WORKSPACE, KNOWN)

    assert differences(before, after) == {
        "realtime.activities.agents",
        "realtime.agents.busy",
        "realtime.agents.unavailable",
    }
    assert after.realtime.agents.busy is after.realtime.activities[1].agents is None
    assert after.realtime.agents.available == 4, "the unusable one is a busy activity"
    assert unexplained(after) == []


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
def test_an_activity_without_a_name_has_the_name_that_discovery_saw(value) -> None:
    body = changed(SPACE_NOW, ("activity_statistics", 3, "friendly_name"), value)
    expected = {("realtime.activities.name")} if value == "soon" else set()

    assert differences(now(SPACE_NOW, Kind.WORKSPACE), now(body, Kind.WORKSPACE)) == expected


@pytest.mark.parametrize("row", [None, 5, "Idle", ["WA"], True])
def test_something_that_is_no_activity_makes_every_sum_over_activities_unknown(row) -> None:
    after = now(changed(SPACE_NOW, ("activity_statistics", 0), row), Kind.WORKSPACE, KNOWN)

    assert after.realtime.agents.available is None
    assert unexplained(after) == []


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
def test_a_hole_in_the_priorities_makes_all_of_them_unknown(value) -> None:
    after = now(changed(QUEUE_NOW, ("tasks_by_priority", "0"), value))

    if value is ABSENT:
        assert after.realtime.waiting_by_priority == {10: 5}
    else:
        assert after.realtime.waiting_by_priority is None
        assert unexplained(after) == []


def test_the_walk_over_snapshots_finds_a_planted_none() -> None:
    """The net is tested with a hole: without its gaps a snapshot is full of unexplained Nones."""
    bare = now(QUEUE_NOW).model_copy(update={"gaps": {}})

    assert "realtime.agents.offline" in unexplained(bare)
    assert path(("windows", "30m", "by_channel", "voice", "service_levels", "[0]", "met")) == (
        "windows.30m.by_channel.service_levels.met"
    )
