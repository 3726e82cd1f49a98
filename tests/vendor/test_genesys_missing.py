"""Missing is not zero, field by field: Genesys's observations, aggregates, activity and agent counts."""

import pytest
from vendor_bodies import ABSENT, UNUSABLE, at, changed, load, name
from vendor_genesys_parts import active, aggregated, counted, observed
from vendor_honesty import differences, unexplained, values, within

from ccstats.errors import BrokenAnswerError

OBSERVED = load("genesys", "observations")
AGGREGATED = load("genesys", "aggregates")
ACTIVE = load("genesys", "activity")
COUNTED = load("genesys", "agent_counts")
AVAILABLE, BUSY = "realtime.agents.available", "realtime.agents.busy"
IN_CHANNEL = "realtime.by_channel"


def contacts(*metrics: str) -> set[str]:
    return {f"{place}.{metric}" for place in ("realtime", IN_CHANNEL) for metric in metrics}


def window(*metrics: str) -> set[str]:
    return {f"windows.30m.{metric}" for metric in metrics}


def channels(*metrics: str) -> set[str]:
    return window(*metrics, *(f"by_channel.{metric}" for metric in metrics))


def entries(read, body, above, found):
    return [
        pytest.param(read, body, (*above, place), metrics, id=f"{place}-{sorted(metrics)[0]}")
        for place, metrics in found.items()
    ]


PRESENCE = {"realtime.activities.agents"}
USERS = {
    0: {"realtime.agents.total"},
    1: PRESENCE,
    2: PRESENCE,
    3: PRESENCE | {"realtime.agents.offline", "realtime.agents.unavailable"},
    4: {AVAILABLE},
    5: {BUSY},
    6: {BUSY},
    7: {"realtime.agents.not_responding"},
    8: {"realtime.agents.off_queue", "realtime.agents.unavailable"},
}
CONTACTS = {0: contacts("waiting"), 1: contacts("offering"), 2: contacts("in_progress")}
LEVEL = ("service_levels.met", "service_levels.missed")
VOICE = {
    0: channels("offered"),
    1: window("transferred"),
    2: channels(*LEVEL),
    4: window("wait"),
    5: channels("answered", "speed_of_answer", "service_levels.met"),
    6: channels("abandoned", "abandon_wait"),
    7: window("short_abandoned"),
    8: window("flowed_out"),
    9: channels("handled", "handle"),
    10: window("talk"),
    11: window("hold"),
    12: window("after_call_work"),
}
ACTIVITY = {0: contacts("waiting"), 1: contacts("offering"), 2: contacts("in_progress")}
METRICS = [
    *entries(observed, OBSERVED, ("results", 0, "data"), USERS),
    *entries(observed, OBSERVED, ("results", 1, "data"), CONTACTS),
    *entries(aggregated, AGGREGATED, ("results", 0, "data", 0, "metrics"), VOICE),
]
FLAT = [
    *entries(active, ACTIVE, ("results", 0, "data"), ACTIVITY),
    *entries(
        counted,
        COUNTED,
        ("presenceCounts",),
        {
            0: PRESENCE | {"realtime.agents.total"},
            2: PRESENCE | {"realtime.agents.total", "realtime.agents.offline", "realtime.agents.unavailable"},
        },
    ),
    *entries(
        counted,
        COUNTED,
        ("routingStatusCounts",),
        {
            0: {AVAILABLE},
            1: {BUSY},
            2: {"realtime.agents.not_responding"},
            3: {"realtime.agents.off_queue", "realtime.agents.unavailable"},
        },
    ),
]
TIMERS = {
    4: "wait",
    5: "speed_of_answer",
    6: "abandon_wait",
    9: "handle",
    10: "talk",
    11: "hold",
    12: "after_call_work",
}
SINGLE = {"windows.30m.by_channel", "realtime.by_channel", "realtime.activities"}


def unknown_in(read, body, changed_body, metrics) -> None:
    """Every metric is None (of those in a list or table: at least one item's), and no other one has changed."""
    before, after = read(body), read(changed_body)

    assert within(differences(before, after), metrics)
    for metric in metrics:
        found = values(after, metric)
        several = any(metric.startswith(f"{one}.") for one in SINGLE)
        assert None in found if several else set(found) == {None}, metric
    assert unexplained(after) == []


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
@pytest.mark.parametrize(("read", "body", "way", "metrics"), METRICS)
def test_a_metric_that_is_there_without_a_usable_count_is_unknown(read, body, way, metrics, value) -> None:
    unknown_in(read, body, changed(body, (*way, "stats", "count"), value), metrics)


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
@pytest.mark.parametrize(("read", "body", "way", "metrics"), FLAT)
def test_a_flat_count_that_cannot_be_used_is_unknown(read, body, way, metrics, value) -> None:
    unknown_in(read, body, changed(body, (*way, "count"), value), metrics)


@pytest.mark.parametrize("key", ["stats"])
@pytest.mark.parametrize(("read", "body", "way", "metrics"), METRICS)
def test_a_metric_without_its_statistics_is_unknown(read, body, way, metrics, key) -> None:
    unknown_in(read, body, changed(body, (*way, key), ABSENT), metrics)


@pytest.mark.parametrize(("read", "body", "way", "metrics"), METRICS)
def test_a_requested_metric_that_is_missing_from_a_returned_group_is_zero(read, body, way, metrics) -> None:
    before, zeroed = read(body), read(changed(body, (*way, "stats"), {"count": 0}))
    after = read(changed(body, way, ABSENT))
    gone = {path for path in differences(zeroed, after) if not path.startswith("realtime.activities")}

    assert gone == set(), "the vendor leaves out what is zero; a presence that nobody is in is no activity at all"
    assert differences(before, after)
    assert unexplained(after) == []


@pytest.mark.parametrize("write", [str, float])
@pytest.mark.parametrize(("read", "body", "way", "metrics"), METRICS)
def test_a_count_may_come_as_a_string_or_a_float(read, body, way, metrics, write) -> None:
    whole = (*way, "stats", "count")

    assert read(changed(body, whole, write(at(body, whole)))) == read(body)
    assert metrics


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
@pytest.mark.parametrize(("place", "metric"), TIMERS.items())
def test_a_timer_without_a_usable_sum_is_unknown(place, metric, value) -> None:
    way = ("results", 0, "data", 0, "metrics", place, "stats", "sum")
    allowed = {f"windows.30m.{metric}", f"windows.30m.by_channel.{metric}"}
    before, after = aggregated(AGGREGATED), aggregated(changed(AGGREGATED, way, value))

    assert within(differences(before, after), allowed)
    assert getattr(after.windows["30m"], metric) is None
    assert unexplained(after) == []


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
@pytest.mark.parametrize("end", ["min", "max"])
@pytest.mark.parametrize(("place", "metric"), TIMERS.items())
def test_a_timer_without_a_usable_end_keeps_its_count_and_sum(place, metric, end, value) -> None:
    way = ("results", 0, "data", 0, "metrics", place, "stats", end)
    before, after = aggregated(AGGREGATED), aggregated(changed(AGGREGATED, way, value))

    assert within(differences(before, after), {f"windows.30m.{metric}.{end}", f"windows.30m.by_channel.{metric}.{end}"})
    assert getattr(getattr(after.windows["30m"], metric), end) is None
    assert getattr(after.windows["30m"], metric).average == getattr(before.windows["30m"], metric).average
    assert unexplained(after) == []


@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
@pytest.mark.parametrize("part", ["numerator", "denominator"])
def test_a_service_level_without_a_usable_part_has_no_vendor_ratio(part, value) -> None:
    way = ("results", 0, "data", 0, "metrics", 3, "stats", part)
    before, after = aggregated(AGGREGATED), aggregated(changed(AGGREGATED, way, value))

    assert within(differences(before, after), channels("service_levels.vendor_ratio"))
    assert after.windows["30m"].service_levels[0].vendor_ratio is None
    assert unexplained(after) == []


@pytest.mark.parametrize("part", ["ratio", "target"])
@pytest.mark.parametrize("value", [ABSENT, *UNUSABLE], ids=name)
def test_the_ratio_and_target_of_one_group_are_never_used(part, value) -> None:
    way = ("results", 0, "data", 0, "metrics", 3, "stats", part)

    assert aggregated(changed(AGGREGATED, way, value)) == aggregated(AGGREGATED)


@pytest.mark.parametrize("value", UNUSABLE, ids=name)
def test_a_longest_wait_that_cannot_be_used_is_unknown(value) -> None:
    way = ("results", 1, "data", 3, "stats", "calculatedMetricValue")
    unknown_in(observed, OBSERVED, changed(OBSERVED, way, value), contacts("longest_wait"))


@pytest.mark.parametrize(
    ("read", "body", "way", "path"),
    [
        (aggregated, AGGREGATED, ("results",), "windows.30m.offered"),
        (aggregated, AGGREGATED, ("results", 0, "data"), "windows.30m.offered"),
        (aggregated, AGGREGATED, ("results", 0, "data", 0, "metrics"), "windows.30m.offered"),
        (observed, OBSERVED, ("results", 0, "data"), "realtime.agents.total"),
        (observed, OBSERVED, ("results", 1, "data"), "realtime.waiting"),
        (active, ACTIVE, ("results",), "realtime.waiting"),
        (active, ACTIVE, ("results", 0, "data"), "realtime.waiting"),
    ],
    ids=["aggregates", "aggregate-group", "bucket", "members", "contacts", "activity", "activity-group"],
)
def test_a_list_that_is_null_is_unknown_and_not_empty(read, body, way, path) -> None:
    """Left out, a list may mean that there was nothing; null is always unknown (a broken answer, if it is the root)."""
    try:
        after = read(changed(body, way, None))
    except BrokenAnswerError:
        return

    assert set(values(after, path)) == {None}
    assert unexplained(after) == []
