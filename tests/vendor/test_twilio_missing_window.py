"""Missing is not zero, field by field: Twilio's cumulative answers."""

from datetime import timedelta

import pytest
from vendor_bodies import ABSENT, UNUSABLE, at, changed, load, name
from vendor_honesty import differences, unexplained, values, within
from vendor_twilio_parts import window

from ccstats.adapter import Absence
from ccstats.model import Kind
from ccstats_twilio.abilities import ABILITIES

QUEUE_WINDOW = load("twilio", "queue_cumulative")
WORKER_WINDOW = load("twilio", "worker")["cumulative"]
ACCEPTED = ("wait_duration_until_accepted",)
IN_QUEUE = ("wait_duration_in_queue_until_accepted",)
CANCELED = ("wait_duration_until_canceled",)
BELOW = ("split_by_wait_time", "20", "below")
ABOVE = ("split_by_wait_time", "20", "above")
COUNTS = {
    ("tasks_entered",): ("offered",),
    ("tasks_completed",): ("handled",),
    ("tasks_moved",): ("flowed_out",),
    ("tasks_canceled",): ("abandoned", "abandon_wait", "wait"),
    ("reservations_accepted",): ("answered", "reservations.accepted", "speed_of_answer", "wait"),
    ("reservations_created",): ("reservations.created",),
    ("reservations_rejected",): ("reservations.rejected",),
    ("reservations_timed_out",): ("reservations.timed_out",),
    ("reservations_canceled",): ("reservations.canceled",),
    ("reservations_rescinded",): ("reservations.rescinded",),
    (*BELOW, "reservations_accepted"): ("service_levels.met",),
    (*ABOVE, "reservations_accepted"): ("service_levels.missed",),
    (*BELOW, "tasks_canceled"): ("service_levels.abandoned_within",),
    (*ABOVE, "tasks_canceled"): ("service_levels.abandoned_beyond",),
    ("split_by_wait_time", "5", "below", "tasks_canceled"): ("short_abandoned",),
}
TIMES = {
    (*IN_QUEUE, "total"): ("speed_of_answer",),
    (*IN_QUEUE, "min"): ("speed_of_answer.min",),
    (*IN_QUEUE, "max"): ("speed_of_answer.max",),
    (*ACCEPTED, "total"): ("wait",),
    (*ACCEPTED, "min"): ("wait.min",),
    (*ACCEPTED, "max"): ("wait.max",),
    (*CANCELED, "total"): ("abandon_wait", "wait"),
    (*CANCELED, "min"): ("abandon_wait.min", "wait.min"),
    (*CANCELED, "max"): ("abandon_wait.max", "wait.max"),
}
TABLES = {
    IN_QUEUE: ("speed_of_answer",),
    ACCEPTED: ("wait",),
    CANCELED: ("abandon_wait", "wait"),
    ("split_by_wait_time",): ("short_abandoned", "service_levels"),
    ("split_by_wait_time", "20"): (
        "service_levels.met",
        "service_levels.missed",
        "service_levels.abandoned_within",
        "service_levels.abandoned_beyond",
    ),
    ("split_by_wait_time", "5"): ("short_abandoned",),
    BELOW: ("service_levels.met", "service_levels.abandoned_within"),
    ABOVE: ("service_levels.missed", "service_levels.abandoned_beyond"),
}
DATES = {("start_time",): ("start",), ("end_time",): ("end",)}
WITHOUT_CONSEQUENCE = (
    ("account_sid",),
    ("url",),
    ("tasks_deleted",),
    ("avg_task_acceptance_time",),
    (*IN_QUEUE, "avg"),
    (*ACCEPTED, "avg"),
    (*CANCELED, "avg"),
)
NOT_A_TABLE = tuple(value for value in UNUSABLE if not isinstance(value, dict))
FIELDS = {**COUNTS, **TIMES}


def paths(metrics) -> list[str]:
    return [f"windows.30m.{metric}" for metric in metrics]


def unknown_in(body, metrics) -> None:
    before, after = window(QUEUE_WINDOW), window(body)

    assert {value for one in paths(metrics) for value in values(after, one)} == {None}
    assert within(differences(before, after), paths(metrics))
    assert unexplained(after) == []


@pytest.mark.parametrize("value", UNUSABLE, ids=name)
@pytest.mark.parametrize(("way", "metrics"), FIELDS.items(), ids=name)
def test_an_unusable_number_makes_its_metrics_unknown_and_nothing_else(way, metrics, value) -> None:
    unknown_in(changed(QUEUE_WINDOW, way, value), metrics)


@pytest.mark.parametrize(("way", "metrics"), COUNTS.items(), ids=name)
@pytest.mark.parametrize("value", [2.5, "2.5", 10_000_001])
def test_what_is_no_whole_number_is_no_count(way, metrics, value) -> None:
    unknown_in(changed(QUEUE_WINDOW, way, value), metrics)


@pytest.mark.parametrize("way", FIELDS, ids=name)
@pytest.mark.parametrize("write", [str, float, "{}.0".format])
def test_a_number_may_come_as_a_string_or_a_float(way, write) -> None:
    assert window(changed(QUEUE_WINDOW, way, write(at(QUEUE_WINDOW, way)))) == window(QUEUE_WINDOW)


@pytest.mark.parametrize(("way", "metrics"), {**FIELDS, **DATES}.items(), ids=name)
def test_an_absent_field_means_what_the_abilities_declare(way, metrics) -> None:
    declared = {ABILITIES[Kind.QUEUE].get(f"window.{metric}") for metric in metrics} - {None}

    assert {ability.absence for ability in declared} <= {Absence.UNKNOWN}
    unknown_in(changed(QUEUE_WINDOW, way, ABSENT), metrics)


@pytest.mark.parametrize("value", [ABSENT, *NOT_A_TABLE], ids=name)
@pytest.mark.parametrize(("way", "metrics"), TABLES.items(), ids=name)
def test_an_unusable_table_makes_its_metrics_unknown_and_nothing_else(way, metrics, value) -> None:
    body = changed(QUEUE_WINDOW, way, value)
    if way == ("split_by_wait_time", "20") and value is ABSENT:
        metrics = ("service_levels",)

    unknown_in(body, metrics)


@pytest.mark.parametrize("value", [*UNUSABLE, "2026-13-01T00:00:00Z", "yesterday", 1_795_334_400], ids=name)
@pytest.mark.parametrize(("way", "metrics"), DATES.items(), ids=name)
def test_an_unusable_date_is_unknown_and_costs_nothing_else(way, metrics, value) -> None:
    unknown_in(changed(QUEUE_WINDOW, way, value), metrics)


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
@pytest.mark.parametrize(("way", "metrics"), DATES.items(), ids=name)
def test_a_date_beyond_the_calendar_is_unknown_and_costs_nothing_else(way, metrics, value) -> None:
    unknown_in(changed(QUEUE_WINDOW, way, value), metrics)


@pytest.mark.parametrize("value", ["2026-11-22T07:30:00", "2026-11-22T08:30:00+01:00", "2026-11-22T07:30:00.000Z"])
def test_a_date_is_understood_with_and_without_its_offset(value) -> None:
    assert window(changed(QUEUE_WINDOW, ("start_time",), value)) == window(QUEUE_WINDOW)


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
@pytest.mark.parametrize("way", WITHOUT_CONSEQUENCE, ids=name)
def test_fields_that_no_metric_is_made_of_change_nothing(way, value) -> None:
    assert differences(window(QUEUE_WINDOW), window(changed(QUEUE_WINDOW, way, value))) == set()


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
@pytest.mark.parametrize(("part", "metric"), [("total", "total"), ("avg", "average"), ("min", "min"), ("max", "max")])
def test_an_unusable_duration_of_an_activity_costs_that_duration(part, metric, value) -> None:
    before = window(WORKER_WINDOW, Kind.AGENT)
    after = window(changed(WORKER_WINDOW, ("activity_durations", 0, part), value), Kind.AGENT)

    assert differences(before, after) == {f"windows.30m.activity_durations.{metric}"}
    assert getattr(after.windows["30m"].activity_durations[0], metric) is None
    assert unexplained(after) == []


@pytest.mark.parametrize("value", [ABSENT, *(value for value in UNUSABLE if not isinstance(value, list))], ids=name)
def test_unusable_activity_durations_are_unknown(value) -> None:
    after = window(changed(WORKER_WINDOW, ("activity_durations",), value), Kind.AGENT)

    assert after.windows["30m"].activity_durations is None
    assert unexplained(after) == []


def test_a_sum_of_many_waits_may_be_longer_than_one_wait_ever_is() -> None:
    years = 10**9
    found = window(changed(QUEUE_WINDOW, (*IN_QUEUE, "total"), years)).windows["30m"].speed_of_answer

    assert found.sum == timedelta(seconds=years)
    assert found.average == timedelta(seconds=years) / 35
