"""Twilio's cumulative bodies become the neutral model: counts and sums first, averages of nothing never."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from vendor_bodies import ABSENT, changed, load
from vendor_honesty import superfluous, unexplained
from vendor_twilio_parts import IDLE, both, sid, window

from ccstats import lenient
from ccstats.model import Comparator, GapReason, Kind, TimeStat
from ccstats_twilio.api import wire
from ccstats_twilio.parse import activity_durations

QUEUE_WINDOW = load("twilio", "queue_cumulative")
SPACE_WINDOW = load("twilio", "workspace_cumulative")
(BUSY_ROW, QUIET_ROW) = load("twilio", "queues_list")["task_queues_statistics"]


def stat(count: int, total: float, low: float | None = None, high: float | None = None) -> TimeStat:
    def time(seconds: float | None) -> timedelta | None:
        return None if seconds is None else timedelta(seconds=seconds)

    return TimeStat(count=count, sum=timedelta(seconds=total), min=time(low), max=time(high))


def test_a_queue_is_read_field_by_field() -> None:
    found = window(QUEUE_WINDOW).windows["30m"]

    assert (found.start, found.end) == (
        datetime(2026, 11, 22, 7, 30, tzinfo=UTC),
        datetime(2026, 11, 22, 8, tzinfo=UTC),
    )
    assert (found.offered, found.answered, found.abandoned, found.short_abandoned) == (40, 35, 3, 1)
    assert (found.handled, found.flowed_out, found.transferred) == (33, 2, None)
    assert found.speed_of_answer == stat(35, 420, 1, 88)
    assert found.speed_of_answer.average == timedelta(seconds=12)
    assert found.abandon_wait == stat(3, 120, 4, 90)
    assert found.wait == stat(38, 610, 1, 100)
    assert found.reservations.model_dump() == {
        "created": 41,
        "accepted": 35,
        "rejected": 1,
        "timed_out": 2,
        "canceled": 2,
        "rescinded": 1,
    }


def test_service_levels_come_from_the_splits() -> None:
    (level,) = window(QUEUE_WINDOW).windows["30m"].service_levels

    assert level.threshold == timedelta(seconds=20)
    assert level.comparator is Comparator.UNKNOWN, "on which side an exact hit falls is documented nowhere"
    assert (level.met, level.missed, level.abandoned_within, level.abandoned_beyond) == (26, 9, 1, 2)
    assert level.vendor_ratio is None


def test_there_is_one_service_level_for_each_threshold_in_rising_order() -> None:
    levels = window(QUEUE_WINDOW, split_by_wait_time=[20, 5]).windows["30m"].service_levels

    assert [(level.threshold.seconds, level.met) for level in levels] == [(5, 12), (20, 26)]


def test_a_threshold_that_was_asked_for_twice_is_one_service_level() -> None:
    levels = window(QUEUE_WINDOW, split_by_wait_time=[20, 20]).windows["30m"].service_levels

    assert [level.threshold.seconds for level in levels] == [20]


def test_short_abandons_are_the_ones_below_their_threshold() -> None:
    assert window(QUEUE_WINDOW, short_abandon=20).windows["30m"].short_abandoned == 1
    body = changed(QUEUE_WINDOW, ("split_by_wait_time", "5", "below", "tasks_canceled"), 2)
    assert window(body).windows["30m"].short_abandoned == 2


@pytest.mark.parametrize(
    ("given", "path"),
    [({"short_abandon": None}, "short_abandoned"), ({"split_by_wait_time": []}, "service_levels")],
)
def test_what_was_not_asked_for_is_called_not_requested(given, path) -> None:
    snapshot = window(QUEUE_WINDOW, **given)

    assert getattr(snapshot.windows["30m"], path) is None
    assert snapshot.gap(f"windows.30m.{path}").reason is GapReason.NOT_REQUESTED


def test_handle_time_is_something_that_taskrouters_statistics_do_not_have() -> None:
    snapshot = window(QUEUE_WINDOW)

    for metric in ("handle", "talk", "after_call_work"):
        assert snapshot.gap(f"windows.30m.{metric}").reason is GapReason.NOT_REQUESTED
        assert "handle_time = 'events'" in snapshot.gap(f"windows.30m.{metric}").detail
    assert snapshot.gap("windows.30m.hold").reason is GapReason.UNSUPPORTED


def test_a_workspace_counts_created_tasks_and_waits_from_their_creation() -> None:
    found = window(SPACE_WINDOW, Kind.WORKSPACE).windows["30m"]

    assert found.offered == 44
    assert found.speed_of_answer == stat(35, 490, 1, 100)


def test_a_queue_does_not_pass_off_waits_since_creation_as_waits_since_queue_entry() -> None:
    body = changed(QUEUE_WINDOW, ("wait_duration_in_queue_until_accepted",), None)
    snapshot = window(body)

    assert snapshot.windows["30m"].speed_of_answer is None
    assert unexplained(snapshot) == []


@pytest.mark.parametrize("kind", [Kind.QUEUE, Kind.WORKSPACE, Kind.WORKFLOW])
def test_the_average_of_nothing_is_no_data_and_not_zero(kind) -> None:
    body = QUEUE_WINDOW
    for name in ("reservations_accepted", "tasks_canceled"):
        body = changed(body, (name,), 0)
    for name in [name for name in body if name.startswith("wait_")]:
        body = changed(body, (name,), {"avg": 0, "min": 0, "max": 0, "total": 0})
    snapshot = window(body, kind)
    found = snapshot.windows["30m"]

    for metric in ("speed_of_answer", "abandon_wait", "wait"):
        assert getattr(found, metric) == stat(0, 0)
        assert snapshot.gap(f"windows.30m.{metric}.average").reason is GapReason.NO_DATA
    assert unexplained(snapshot) == []


def test_waits_of_answered_contacts_alone_are_all_waits_where_nobody_left() -> None:
    body = changed(QUEUE_WINDOW, ("tasks_canceled",), 0)

    assert window(body).windows["30m"].wait == stat(35, 490, 1, 100)


def test_a_combined_answer_has_a_bare_average_and_says_what_is_missing() -> None:
    snapshot = both(BUSY_ROW, detail="totals")
    found = snapshot.windows["30m"]

    assert found.speed_of_answer == TimeStat(average=timedelta(seconds=14))
    for part in ("count", "sum", "min", "max"):
        assert snapshot.gap(f"windows.30m.speed_of_answer.{part}").reason is GapReason.NOT_REQUESTED
    assert (found.offered, found.answered, found.handled, found.wait) == (40, 35, None, None)
    assert found.service_levels is None
    assert snapshot.realtime.waiting_by_priority is None
    assert unexplained(snapshot) == []
    assert superfluous(snapshot) == []


def test_an_average_of_zero_without_anything_answered_is_the_average_of_nothing() -> None:
    snapshot = both(QUIET_ROW, detail="totals")

    assert QUIET_ROW["cumulative"]["avg_task_acceptance_time"] == 0.0
    assert snapshot.windows["30m"].speed_of_answer == stat(0, 0)
    assert snapshot.gap("windows.30m.speed_of_answer.average").reason is GapReason.NO_DATA


def test_an_average_of_zero_with_something_answered_is_zero() -> None:
    body = changed(BUSY_ROW, ("cumulative", "avg_task_acceptance_time"), 0.0)

    assert both(body, detail="totals").windows["30m"].speed_of_answer.average == timedelta(0)


@pytest.mark.parametrize("value", [ABSENT, None])
def test_a_combined_answer_without_its_real_time_part_still_has_its_window(value) -> None:
    snapshot = both(changed(BUSY_ROW, ("realtime",), value), detail="totals")

    assert snapshot.gap("realtime.waiting").reason is GapReason.UNKNOWN
    assert snapshot.windows["30m"].offered == 40
    assert unexplained(snapshot) == []


@pytest.mark.parametrize("value", [ABSENT, None])
def test_a_combined_answer_without_its_window_still_has_its_real_time_part(value) -> None:
    snapshot = both(changed(BUSY_ROW, ("cumulative",), value), detail="totals")

    assert snapshot.realtime.waiting == 6
    assert snapshot.windows["30m"].offered is None
    assert snapshot.gap("windows.30m.offered").reason is GapReason.UNKNOWN


def test_a_workflow_of_the_seed_is_read() -> None:
    snapshot = window(load("twilio", "seed_workflow_cumulative"), Kind.WORKFLOW, split_by_wait_time=[10])
    found = snapshot.windows["30m"]

    assert (found.offered, found.answered, found.abandoned, found.handled) == (100, 100, 100, 100)
    assert found.short_abandoned == 0
    assert [level.met for level in found.service_levels] == [0]
    assert unexplained(snapshot) == []
    assert superfluous(snapshot) == []


def test_the_combined_workflow_of_the_seed_is_read() -> None:
    snapshot = both(load("twilio", "seed_workflow_combined"), Kind.WORKFLOW, detail="totals")
    found = snapshot.windows["30m"]

    assert (found.offered, found.answered, found.abandoned) == (0, 0, 0)
    assert found.reservations.created is None
    assert snapshot.gap("windows.30m.reservations.created").reason is GapReason.UNKNOWN
    assert unexplained(snapshot) == []


@pytest.mark.parametrize(("name", "accepted", "total"), [("seed_worker", 100, 5400.0), ("worker", 35, 10793.0)])
def test_a_worker_is_read_with_the_time_in_each_activity(name, accepted, total) -> None:
    snapshot = window(load("twilio", name)["cumulative"], Kind.AGENT)
    found = snapshot.windows["30m"]

    assert found.answered == found.reservations.accepted == accepted
    assert found.activity_durations[0].total == timedelta(seconds=total)
    assert snapshot.gap("windows.30m.offered").reason is GapReason.UNSUPPORTED
    assert unexplained(snapshot) == []


def test_impossible_durations_of_the_official_examples_are_kept_as_they_are() -> None:
    (offline, *_) = window(load("twilio", "seed_workers_cumulative"), Kind.WORKSPACE).windows["30m"].activity_durations

    assert (offline.min, offline.average, offline.max) == tuple(timedelta(seconds=each) for each in (900, 1080, 0))


def test_an_activity_duration_without_its_numbers_is_named_and_explained() -> None:
    snapshot = window({"activity_durations": [{"sid": IDLE}, {"sid": sid("WA", 77), "total": "60"}]}, Kind.AGENT)
    first, second = snapshot.windows["30m"].activity_durations

    assert (first.id, first.total) == (IDLE, None)
    assert second.total == timedelta(minutes=1)
    assert unexplained(snapshot) == []


def test_an_empty_answer_is_all_gaps() -> None:
    for kind in Kind:
        snapshot = window({}, kind)
        assert unexplained(snapshot) == []
        assert snapshot.windows["30m"].offered is None


def test_the_workers_of_the_seed_have_their_time_per_activity() -> None:
    """Its numbers are impossible (the shortest longer than the longest): each is taken as it stands."""
    answer = lenient.decode(json.dumps(load("twilio", "seed_workers_combined")).encode(), wire.Combined)
    assert answer.cumulative is not None
    durations = activity_durations(answer.cumulative.activity_durations)

    assert durations is not None
    rows = load("twilio", "seed_workers_combined")["cumulative"]["activity_durations"]
    assert [one.total for one in durations] == [timedelta(seconds=row["total"]) for row in rows]
    assert [one.min for one in durations] == [timedelta(seconds=row["min"]) for row in rows]
