"""The vendor's clock: learned from Date headers, within what they can prove."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ccstats.clock import VendorClock, wall_clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Local:
    """This machine's clock, set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


exchanges = st.lists(
    st.tuples(
        st.timedeltas(timedelta(0), timedelta(hours=1)),
        st.timedeltas(timedelta(0), timedelta(seconds=5)),
        st.timedeltas(timedelta(0), timedelta(seconds=5)),
    ),
    min_size=1,
    max_size=12,
)
"""Per answer: the pause before it, the way there, the way back."""


def _learn(
    truth: timedelta, answers: list[tuple[timedelta, timedelta, timedelta]]
) -> tuple[VendorClock, list[timedelta]]:
    local = Local()
    clock = VendorClock(local)
    offsets = []
    for pause, there, back in answers:
        sent = local.now + pause
        made = sent + there
        local.now = made + back
        clock.observe(format_datetime((made + truth).replace(microsecond=0), usegmt=True), sent, local.now)
        offsets.append(clock.offset)
    return clock, offsets


@given(st.timedeltas(timedelta(hours=-23), timedelta(hours=23)), exchanges)
def test_the_true_offset_is_never_contradicted(truth: timedelta, answers) -> None:
    clock, _ = _learn(truth, answers)
    quickest = min(there + back for _, there, back in answers)
    assert abs(clock.offset - truth) <= quickest + SECOND
    assert clock.now() == clock.local() + clock.offset


@given(exchanges)
def test_a_clock_that_agrees_is_not_corrected_at_all(answers) -> None:
    _, offsets = _learn(timedelta(0), answers)
    assert set(offsets) == {timedelta(0)}


@given(st.timedeltas(timedelta(hours=-23), timedelta(hours=23)), exchanges)
def test_every_further_answer_keeps_or_narrows_what_is_known(truth: timedelta, answers) -> None:
    _, offsets = _learn(truth, answers)
    errors = [abs(offset - truth) for offset in offsets]
    assert errors == sorted(errors, reverse=True)


def test_where_somebody_sets_the_clock_the_latest_answer_starts_anew() -> None:
    local = Local()
    clock = VendorClock(local)
    clock.observe("Sun, 01 Mar 2026 12:00:00 GMT", NOON, NOON)
    assert clock.offset == timedelta(0)
    local.now = NOON - timedelta(hours=1)
    clock.observe("Sun, 01 Mar 2026 12:00:05 GMT", local.now, local.now)
    assert clock.now() - (NOON + 5 * SECOND) <= SECOND
    assert clock.offset == timedelta(hours=1, seconds=5)


@given(st.integers(-400, 400).filter(lambda days: abs(days) > 1), exchanges)
def test_a_header_more_than_a_day_off_moves_nothing(days: int, answers) -> None:
    """Neither before anything is known nor after: a proxy with a wrong clock must not move every window."""
    clock, _ = _learn(timedelta(days=days), answers)
    assert clock.offset == timedelta(0)
    clock.observe(format_datetime(clock.local() + timedelta(minutes=5), usegmt=True), clock.local(), clock.local())
    known = clock.offset
    clock.observe(format_datetime(clock.local() + timedelta(days=days), usegmt=True), clock.local(), clock.local())
    assert clock.offset == known > timedelta(minutes=4)


@given(st.none() | st.text())
@example("Fri, 31 Dec 9999 23:59:59 GMT")
@example("Mon, 20 Nov 99999999999 10:00:00 GMT")
@example("Mon, 99999999999999999999 Nov 2026 10:00:00 GMT")
@example("Mon, 20 Nov 2026 10:00:00 +9999999999999999999")
@example("Sat, 01 Jan 0001 00:00:00 +1400")
@example("()")
def test_no_date_header_can_raise(date: str | None) -> None:
    local = Local()
    clock = VendorClock(local)
    clock.observe(date, local.now, local.now)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("date", [None, "", "yesterday", "2026-03-01T12:00:00Z", "-1", "NaN"])
def test_a_header_that_is_no_date_teaches_nothing(date: str | None) -> None:
    clock = VendorClock(Local())
    clock.observe(date, NOON, NOON)
    assert clock.offset == timedelta(0)


def test_the_wall_clock_is_aware_and_in_utc() -> None:
    assert wall_clock().utcoffset() == timedelta(0)
