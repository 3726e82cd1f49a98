"""Two parts as one: what one of them does not know, both together do not know, and nothing is made up."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ccstats.model import ChannelRealtime, TimeStat
from ccstats.model.values import MAX_COUNT, MAX_TOTAL

SECOND = timedelta(seconds=1)
counts = st.none() | st.integers(0, 9)
waits = st.none() | st.integers(0, 900).map(lambda seconds: seconds * SECOND)
durations = st.lists(st.integers(0, 900).map(lambda seconds: seconds * SECOND), max_size=5)


def stat(found: list[timedelta]) -> TimeStat:
    return TimeStat(
        count=len(found), sum=sum(found, timedelta(0)), min=min(found, default=None), max=max(found, default=None)
    )


@given(durations, durations)
def test_joined_times_are_those_of_all_contacts(one: list[timedelta], other: list[timedelta]) -> None:
    joined = stat(one).joined(stat(other))

    assert joined == stat(one + other)
    assert joined is not None
    assert TimeStat.model_validate(joined.model_dump()) == joined


def test_a_time_without_a_count_joins_with_nothing() -> None:
    assert TimeStat(average=SECOND).joined(stat([SECOND])) is None
    assert stat([]).joined(TimeStat(average=SECOND)) is None


def test_a_joined_time_beyond_what_a_time_can_be_is_unknown() -> None:
    many = TimeStat(count=MAX_COUNT, sum=SECOND)
    long = TimeStat(count=1, sum=MAX_TOTAL)

    assert many.joined(TimeStat(count=1, sum=SECOND)) is None
    assert long.joined(TimeStat(count=1, sum=SECOND)) is None


@given(counts, waits, counts, waits)
def test_the_longest_wait_of_two_channels_is_known_where_those_of_all_who_wait_are(
    waiting: int | None, wait: timedelta | None, others: int | None, other_wait: timedelta | None
) -> None:
    one = ChannelRealtime(vendor_names=("a",), waiting=waiting, longest_wait=wait if waiting != 0 else None)
    other = ChannelRealtime(vendor_names=("b",), waiting=others, longest_wait=other_wait if others != 0 else None)
    joined = one.joined(other)

    known = [part.longest_wait for part in (one, other) if part.waiting != 0]
    assert joined.longest_wait == (
        None if not known or None in known else max(filter(lambda each: each is not None, known))
    )
    assert joined.waiting == (None if None in (waiting, others) else (waiting or 0) + (others or 0))
    assert joined.vendor_names == ("a", "b")
