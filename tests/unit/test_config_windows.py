"""Periods and windows: which time a name stands for, also on the days when the clocks change."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ccstats.config import Poll, WindowSpec
from ccstats.config.period import parse_period

MINUTE = timedelta(minutes=1)
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",  # clocks go back at 01:00: midnight comes twice
    "America/Santiago",  # clocks go forward at 00:00: midnight never comes
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
]
moments = st.datetimes(datetime(2001, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("5m", 300), ("2h", 7200), ("1d", 86400), ("250ms", 0.25), ("1.5h", 5400), (10, 10), (0.5, 0.5)],
)
def test_a_period_is_a_number_and_a_unit_or_seconds(text: Any, seconds: float) -> None:
    assert parse_period(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    ["", "s", "10", "10 s", "10S", "-1s", "1m30s", "10s\n", "1e3s", "0s", 0, -1, True, None, [], float("nan")],
)
def test_what_is_no_period_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="period"):
        parse_period(value)


@pytest.mark.parametrize("value", [float("inf"), 1e300, "99999999999d", "9" * 400 + "s", -1e300])
def test_a_period_beyond_the_calendar_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="period"):
        parse_period(value)


@given(st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
def test_a_timedelta_is_a_period_already(period: timedelta) -> None:
    assert parse_period(period) == period


@pytest.mark.parametrize(
    "name",
    [
        "",
        "soon",
        "90s",
        "31d",
        "0m",
        "-30m",
        "30",
        "todayish",
        "today@",
        "today Europe/Berlin",
        "today@Mars/Base",
        "today@../../etc/passwd",
        "today@Europe",
        "today@/etc/localtime",
        "yesterday",
        "2026-01-01T00:00Z",
        "2026-01-01T00:00Z/",
        "2026-01-01T00:00/2026-01-02T00:00",
        "2026-01-01T00:00Z/2026-01-02T00:00",
        "2026-01-02T00:00Z/2026-01-01T00:00Z",
        "2026-01-01T00:00Z/2026-01-01T00:00Z",
        "0001-01-01T00:00+14:00/2026-01-01T00:00Z",
        "2026-01-01T00:00:30Z/2026-01-02T00:00Z",
        "2026-01-01T00:00Z/2026-01-02T00:00:00.5Z",
        "a/b",
        "99999999999999d",
        30,
        None,
        ["30m"],
    ],
)
def test_what_is_no_window_is_refused(name: Any) -> None:
    with pytest.raises(ValueError, match=r"window|period"):
        WindowSpec.parse(name)


@given(st.integers(1, 30 * 24 * 60), moments, st.integers(-14 * 60, 14 * 60))
def test_a_rolling_window_ends_on_the_last_whole_minute(minutes: int, now: datetime, offset: int) -> None:
    window = WindowSpec.parse(f"{minutes}m")
    start, end = window.bounds(now)
    assert end - start == timedelta(minutes=minutes)
    assert timedelta(0) <= now - end < MINUTE
    assert (end.second, end.microsecond) == (0, 0)
    elsewhere = now.astimezone(timezone(timedelta(minutes=offset)))
    assert window.bounds(elsewhere) == (start, end)
    assert start.utcoffset() == end.utcoffset() == timedelta(0)


@given(moments, moments, moments, st.integers(-14 * 60, 14 * 60))
def test_a_fixed_window_is_the_same_whenever_it_is_asked(first: datetime, second: datetime, now, offset: int) -> None:
    first, second = (moment.replace(second=0, microsecond=0) for moment in (first, second))
    if first == second:
        second += MINUTE
    start, end = sorted([first, second])
    zone = timezone(timedelta(minutes=offset))
    window = WindowSpec.parse(f"{start.astimezone(zone).isoformat()}/{end.isoformat()}")
    assert window.bounds(now) == (start, end)


@pytest.mark.parametrize(
    ("zone", "now", "start", "hours"),
    [
        ("Europe/Berlin", "2026-03-29T00:30:00+00:00", "2026-03-28T23:00:00+00:00", 1.5),
        ("Europe/Berlin", "2026-03-29T01:30:00+00:00", "2026-03-28T23:00:00+00:00", 2.5),
        ("Europe/Berlin", "2026-03-29T21:59:00+00:00", "2026-03-28T23:00:00+00:00", 22 + 59 / 60),
        ("Europe/Berlin", "2026-10-25T00:30:00+00:00", "2026-10-24T22:00:00+00:00", 2.5),
        ("Europe/Berlin", "2026-10-25T01:30:00+00:00", "2026-10-24T22:00:00+00:00", 3.5),
        ("Europe/Berlin", "2026-10-25T22:59:00+00:00", "2026-10-24T22:00:00+00:00", 24 + 59 / 60),
        ("America/Havana", "2026-11-01T04:30:00+00:00", "2026-11-01T04:00:00+00:00", 0.5),
        ("America/Havana", "2026-11-01T05:30:00+00:00", "2026-11-01T04:00:00+00:00", 1.5),
        ("America/Havana", "2026-11-01T17:00:00+00:00", "2026-11-01T04:00:00+00:00", 13),
    ],
)
def test_today_is_as_long_as_the_day_has_been_when_clocks_change(zone: str, now: str, start: str, hours: float) -> None:
    begun, ended = WindowSpec.parse(f"today@{zone}").bounds(at(now))
    assert begun == at(start)
    assert (ended - begun) == timedelta(hours=hours)


@given(st.sampled_from(ZONES), moments)
@example("America/Havana", at("2026-11-01T05:30:00+00:00"))
@example("Europe/Berlin", at("2026-10-25T01:30:00+00:00"))
def test_today_starts_with_the_first_moment_of_the_local_date(zone: str, now: datetime) -> None:
    start, end = WindowSpec.parse(f"today@{zone}").bounds(now)
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    assert start.astimezone(local).date() == today
    assert (start - timedelta(seconds=1)).astimezone(local).date() < today
    assert end == max(now.replace(second=0, microsecond=0), start + MINUTE)


def test_today_without_a_zone_is_the_day_in_utc() -> None:
    start, end = WindowSpec.parse("today").bounds(at("2026-06-01T12:34:56+02:00"))
    assert (start, end) == (at("2026-06-01T00:00:00+00:00"), at("2026-06-01T10:34:00+00:00"))


def test_in_the_first_minute_of_a_day_the_window_is_that_minute() -> None:
    start, end = WindowSpec.parse("today").bounds(at("2026-06-01T00:00:30+00:00"))
    assert end - start == MINUTE


@pytest.mark.parametrize("name", ["30m", "1.5h", "today", "today@Europe/Berlin", "2026-11-20T08:00Z/2026-11-20T16:00Z"])
def test_a_window_keeps_the_name_it_was_given(name: str) -> None:
    poll = Poll.model_validate({"windows": [name]})
    assert poll.windows[0].name == name
    assert poll.model_dump(mode="json")["windows"] == [name]
    assert WindowSpec.parse(poll.windows[0]) is poll.windows[0]
