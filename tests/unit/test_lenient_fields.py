"""Field by field: whatever a vendor sends becomes a value that the model takes, or None."""

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccstats import lenient
from ccstats.model import ActivityDuration, Agents, Kind, Realtime, ServiceLevel, Target, TimeStat, Window
from ccstats.model.values import MAX_COUNT, MAX_TOTAL, MAX_WAIT

LATE = datetime(2026, 1, 1, tzinfo=UTC)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.integers().map(str)
    | st.floats().map(str)
    | st.datetimes(timezones=st.none() | st.timezones()).map(datetime.isoformat)
    | st.sampled_from([1e300, -1e300, math.nan, math.inf, 10**400, -(10**400), "1" * 400, "9" * 5000, -0.0, "-0"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
"""Any JSON value, and those that only loose parsers let through."""


@settings(max_examples=200, deadline=None)
@given(anything)
def test_any_value_becomes_a_count_that_the_model_takes_or_none(value: Any) -> None:
    assert Agents(total=lenient.count(value)).total == lenient.count(value)


@settings(max_examples=200, deadline=None)
@given(anything)
def test_any_value_becomes_a_time_that_the_model_takes_or_none(value: Any) -> None:
    assert Realtime(longest_wait=lenient.seconds(value)).longest_wait == lenient.seconds(value)
    assert TimeStat(max=lenient.milliseconds(value)).max == lenient.milliseconds(value)
    assert TimeStat(sum=lenient.total_seconds(value)).sum == lenient.total_seconds(value)
    assert ActivityDuration(id="A", total=lenient.total_milliseconds(value)).id == "A"


@settings(max_examples=200, deadline=None)
@given(anything)
def test_any_value_becomes_a_ratio_that_the_model_takes_or_none(value: Any) -> None:
    assert ServiceLevel(vendor_ratio=lenient.ratio(value)).vendor_ratio == lenient.ratio(value)


@settings(max_examples=200, deadline=None)
@given(anything)
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
def test_any_value_becomes_a_moment_in_utc_or_none(value: Any) -> None:
    moment = lenient.moment(value)
    assert Window(start=moment).start == moment
    assert moment is None or moment.utcoffset() == timedelta(0)


@settings(max_examples=200, deadline=None)
@given(anything)
@example("\ud800")
def test_any_value_becomes_text_that_can_be_written_or_none(value: Any) -> None:
    text = lenient.text(value)
    assert text != ""
    target = Target(source="us", vendor="acme", kind=Kind.QUEUE, id="Q1", name=text)
    assert json.loads(target.model_dump_json())["name"] == text


@settings(max_examples=200, deadline=None)
@given(anything)
def test_any_value_becomes_a_finite_number_or_none(value: Any) -> None:
    number = lenient.number(value)
    assert number is None or math.isfinite(number)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (12, 12),
        (0, 0),
        (MAX_COUNT, MAX_COUNT),
        ("12", 12),
        ("+12", 12),
        ("012", 12),
        (12.0, 12),
        ("12.0", 12),
        (-1, None),
        ("-1", None),
        (MAX_COUNT + 1, None),
        (0.5, None),
        ("0.5", None),
        (True, None),
        (False, None),
        (None, None),
        ("", None),
        (" 12", None),
        ("12 ", None),
        ("1_2", None),
        ("1e3", None),
        ("0x10", None),
        ("\u0661\u0662", None),
        ("NaN", None),
        (math.nan, None),
        (math.inf, None),
        (10**400, None),
        ([1], None),
        ({"count": 1}, None),
    ],
)
def test_counts_come_as_numbers_or_as_strings_of_digits(value: Any, count: int | None) -> None:
    assert lenient.count(value) == count
    assert not isinstance(lenient.count(value), bool)


@pytest.mark.parametrize(
    ("value", "time"),
    [
        (95, timedelta(seconds=95)),
        ("1.5", timedelta(seconds=1.5)),
        (0, timedelta(0)),
        (MAX_WAIT.total_seconds(), MAX_WAIT),
        (MAX_WAIT.total_seconds() + 1, None),
        (-0.001, None),
        (1_767_225_600, None),
        (math.inf, None),
        (False, None),
    ],
)
def test_times_are_seconds_and_an_epoch_is_no_waiting_time(value: Any, time: timedelta | None) -> None:
    assert lenient.seconds(value) == time


def test_milliseconds_are_thousandths_and_have_the_same_bounds() -> None:
    assert lenient.milliseconds(1500) == timedelta(seconds=1.5)
    assert lenient.milliseconds("1500") == timedelta(seconds=1.5)
    assert lenient.milliseconds(MAX_WAIT.total_seconds() * 1000 + 1000) is None
    assert lenient.total_milliseconds(MAX_WAIT.total_seconds() * 2000) == MAX_WAIT * 2
    assert lenient.total_seconds(MAX_TOTAL.total_seconds() + 1) is None
    assert lenient.milliseconds(-1) is None


@pytest.mark.parametrize(
    ("value", "ratio"), [(0, 0.0), (1, 1.0), ("0.25", 0.25), (1.0001, None), (-0.1, None), (True, None)]
)
def test_ratios_go_from_nought_to_one(value: Any, ratio: float | None) -> None:
    assert lenient.ratio(value) == ratio


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-01-01T00:00:00Z", LATE),
        ("2026-01-01T00:00:00.000Z", LATE),
        ("2026-01-01T00:00:00", LATE),
        ("2026-01-01T01:00:00+01:00", LATE),
        ("2026-13-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (1_767_225_600, None),
        (None, None),
    ],
)
def test_moments_are_iso_text_and_without_an_offset_utc(value: Any, moment: datetime | None) -> None:
    assert lenient.moment(value) == moment


@pytest.mark.parametrize(
    ("table", "found"),
    [({"a": 1}, 1), ({"a": None}, None), ({}, 0), (None, None), ([], None), ("a", None), (7, None)],
)
def test_a_missing_key_may_mean_zero_and_a_missing_table_never_does(table: object, found: object) -> None:
    assert lenient.member(table, "a", absent=0) == found
