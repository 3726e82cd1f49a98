"""Genesys's aggregates and stats bodies become the neutral model: milliseconds, sums over media, no average of none."""

from datetime import datetime, timedelta

import pytest
from vendor_bodies import ABSENT, changed, load
from vendor_genesys_parts import BILLING, PERIOD, SALES, aggregated, limits, told
from vendor_honesty import superfluous, unexplained

from ccstats import lenient
from ccstats.model import GapReason, Kind, TimeStat
from ccstats_genesys.api import wire
from ccstats_genesys.parse import aggregates, stats

AGGREGATED = load("genesys", "aggregates")
STATS = load("genesys", "seed_stats")
METRICS = ("divisions", 0, "queues", 0, "metrics")


def stat(count: int, total: float, low: float | None = None, high: float | None = None) -> TimeStat:
    def time(seconds: float | None) -> timedelta | None:
        return None if seconds is None else timedelta(seconds=seconds)

    return TimeStat(count=count, sum=timedelta(seconds=total), min=time(low), max=time(high))


def test_a_queue_is_added_over_its_media_types() -> None:
    snapshot = aggregated(AGGREGATED)
    found = snapshot.windows["30m"]

    assert (found.start, found.end) == PERIOD
    assert (found.offered, found.answered, found.abandoned, found.short_abandoned) == (40, 35, 3, 1)
    assert (found.handled, found.transferred, found.flowed_out) == (32, 2, 1)
    assert found.speed_of_answer == stat(35, 490, 0.5, 80)
    assert found.speed_of_answer.average == timedelta(seconds=14)
    assert found.abandon_wait == stat(3, 112, 4, 90)
    assert found.handle == stat(32, 7200, 60, 600)
    assert found.handle.average == timedelta(seconds=225)
    assert found.after_call_work == stat(24, 720, 5, 80)
    assert unexplained(snapshot) == []
    assert superfluous(snapshot) == []


def test_waits_are_those_of_answered_and_abandoned_contacts() -> None:
    assert aggregated(AGGREGATED).windows["30m"].wait == stat(38, 602, 0.5, 90)


def test_channels_are_kept_apart() -> None:
    channels = aggregated(AGGREGATED).windows["30m"].by_channel

    assert {name: (one.offered, one.answered, one.abandoned) for name, one in channels.items()} == {
        "voice": (30, 26, 3),
        "chat": (10, 9, 0),
    }
    assert channels["chat"].handle == stat(8, 1440, 90, 400)


def test_service_levels_are_answered_contacts_and_the_vendors_own_ratio() -> None:
    snapshot = aggregated(AGGREGATED)
    (level,) = snapshot.windows["30m"].service_levels
    (voice,) = snapshot.windows["30m"].by_channel["voice"].service_levels

    assert (level.met, level.missed, level.vendor_ratio) == (26, 9, 26 / 38)
    assert level.threshold is None
    assert snapshot.gap("windows.30m.service_levels.threshold").reason is GapReason.UNSUPPORTED
    assert (voice.threshold, voice.met, voice.vendor_ratio) == (timedelta(seconds=20), 17, 17 / 29)
    assert level.abandoned_within is level.abandoned_beyond is None


def test_one_threshold_of_every_media_type_is_the_threshold_of_the_queue() -> None:
    assert limits(SALES) == {"voice": timedelta(seconds=20), "chat": timedelta(seconds=20)}
    (level,) = aggregated({"results": []}, SALES).windows["30m"].service_levels

    assert level.threshold == timedelta(seconds=20)


def test_what_is_a_call_in_the_settings_is_voice_in_the_statistics() -> None:
    assert limits(BILLING) == {"voice": timedelta(seconds=20), "chat": timedelta(seconds=30)}


@pytest.mark.parametrize("settings", [None, [], 5, {"call": None}, {"call": {"serviceLevel": {"durationMs": "x"}}}])
def test_settings_without_thresholds_have_none(settings) -> None:
    assert aggregates.thresholds(wire.Queue(id="q", mediaSettings=settings)) == {}


def test_a_queue_without_any_group_is_one_where_nothing_happened() -> None:
    snapshot = aggregated(AGGREGATED, SALES)
    found = snapshot.windows["30m"]

    counts = ("offered", "answered", "abandoned", "short_abandoned", "handled", "transferred", "flowed_out")
    assert {getattr(found, name) for name in counts} == {0}
    for name in ("wait", "speed_of_answer", "abandon_wait", "handle", "talk", "hold", "after_call_work"):
        assert getattr(found, name) == stat(0, 0)
        assert snapshot.gap(f"windows.30m.{name}.average").reason is GapReason.NO_DATA
    assert unexplained(snapshot) == []
    assert superfluous(snapshot) == []


def test_an_oldest_sample_without_minima_is_read() -> None:
    body = changed(AGGREGATED, ("results", 1, "data", 0, "metrics", 3, "stats", "min"), ABSENT)
    snapshot = aggregated(body)

    assert snapshot.windows["30m"].speed_of_answer.min is None
    assert snapshot.windows["30m"].speed_of_answer.average == timedelta(seconds=14)
    assert unexplained(snapshot) == []


def test_buckets_of_a_group_are_added() -> None:
    (bucket,) = AGGREGATED["results"][0]["data"]
    found = aggregated(changed(AGGREGATED, ("results", 0, "data"), [bucket, bucket])).windows["30m"]

    assert (found.offered, found.speed_of_answer.count) == (70, 61)
    assert found.speed_of_answer.sum == timedelta(seconds=2 * 468 + 22)


def test_averages_are_made_anew_from_counts_and_sums() -> None:
    channels = aggregated(AGGREGATED).windows["30m"].by_channel.values()
    of_averages = sum((one.speed_of_answer.average for one in channels), timedelta(0)) / 2

    assert aggregated(AGGREGATED).windows["30m"].speed_of_answer.average != of_averages


def test_the_organization_as_a_whole_has_no_threshold_of_its_own() -> None:
    body = changed(AGGREGATED, ("results", 0, "group"), {"mediaType": "voice"})
    snapshot = aggregated(body, None, Kind.WORKSPACE)

    assert snapshot.windows["30m"].offered == 30
    assert snapshot.gap("windows.30m.service_levels.threshold").reason is GapReason.UNSUPPORTED
    assert unexplained(snapshot) == []


def test_stats_are_read_in_milliseconds() -> None:
    snapshot = told(STATS)
    realtime, found = snapshot.realtime, snapshot.windows["vendor"]

    assert (realtime.waiting, realtime.agents.available, realtime.agents.busy) == (4, 2, 5)
    assert (found.handle.average, found.wait.average) == (timedelta(seconds=245), timedelta(seconds=31.5))
    assert (found.handle.count, found.handle.sum, found.start, found.end, found.offered) == (None,) * 5
    assert snapshot.gap("windows.vendor.start").reason is GapReason.UNSUPPORTED
    assert snapshot.gap("windows.vendor.handle.count").reason is GapReason.UNSUPPORTED
    assert unexplained(snapshot) == []
    assert superfluous(snapshot) == []


@pytest.mark.parametrize(("key", "metric"), [("queue/avgHandleTime", "handle"), ("queue/avgWaitTime", "wait")])
def test_an_average_of_zero_is_what_stats_answer_when_nothing_was_completed(key, metric) -> None:
    snapshot = told(changed(STATS, (*METRICS, key), 0))

    assert getattr(snapshot.windows["vendor"], metric) is None
    assert snapshot.gap(f"windows.vendor.{metric}").reason is GapReason.NO_DATA
    assert unexplained(snapshot) == []


@pytest.mark.parametrize("value", [ABSENT, None, "soon", -1, True, 1e300])
@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("queue/waiting/count", "realtime.waiting"),
        ("queue/agentsAvailable/count", "realtime.agents.available"),
        ("queue/agentsBusy/count", "realtime.agents.busy"),
        ("queue/avgHandleTime", "windows.vendor.handle"),
        ("queue/avgWaitTime", "windows.vendor.wait"),
    ],
)
def test_an_absent_or_unusable_number_of_stats_is_unknown(key, path, value) -> None:
    snapshot = told(changed(STATS, (*METRICS, key), value))

    assert snapshot.gap(path).reason is GapReason.UNKNOWN
    assert unexplained(snapshot) == []


@pytest.mark.parametrize("body", [{}, {"divisions": None}, {"divisions": [{}]}, {"divisions": [{"queues": None}]}])
def test_stats_without_rows_have_none(body) -> None:
    assert (
        stats.rows(lenient.decode(str(body).replace("None", "null").replace("'", '"').encode(), wire.QueueStats)) == []
    )


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{}], 0),
        ([{"id": BILLING}], 0),
        ([{"queueId": BILLING}], 0),
        ([{"id": SALES}, {"id": BILLING}], 1),
        ([{"id": SALES}], None),
        ([{}, {}], None),
        ([], None),
    ],
)
def test_a_row_of_stats_is_found_by_its_id_or_by_being_alone(rows, found) -> None:
    decoded = [wire.StatsQueue(**row) for row in rows]

    assert stats.row_of(decoded, BILLING) is (None if found is None else decoded[found])


@pytest.mark.parametrize(
    ("intervals", "used"),
    [
        (["2026-11-22T07:30:00.000Z/2026-11-22T08:00:00.000Z"], ("07:30", "08:00")),
        (
            ["2026-11-22T07:30:00Z/2026-11-22T07:45:00Z", "2026-11-22T07:45:00Z/2026-11-22T08:00:00Z"],
            ("07:30", "08:00"),
        ),
        ([], ("07:00", "07:30")),
        ([None], ("07:00", "07:30")),
        (["yesterday/today"], ("07:00", "07:30")),
        (["2026-11-22T08:00:00Z"], ("07:00", "07:30")),
        (["2026-11-22T08:00:00Z/2026-11-22T07:30:00Z"], ("07:00", "07:30")),
    ],
)
def test_the_period_is_that_of_the_answer_where_it_says_one(intervals: list, used: tuple[str, str]) -> None:
    asked = tuple(datetime.fromisoformat(f"2026-11-22T{time}:00+00:00") for time in ("07:00", "07:30"))
    data = [wire.Bucket(interval=interval) for interval in intervals]
    answer = wire.Aggregates(results=[wire.Aggregate(wire.Group(queueId="q"), data=data)])

    assert [f"{bound:%H:%M}" for bound in aggregates.used(answer, asked)] == list(used)
