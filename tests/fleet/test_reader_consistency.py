"""However the table is written, cut, lost, slow or away: in the end a reader has exactly what the table has."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fleet_writing import Clock, Shaky, Writer, table_of
from hypothesis import given, settings
from hypothesis import strategies as st

import ccstats
from ccstats.fleet.follower import REFILL
from ccstats.fleet.rows import decoded
from ccstats.model import Snapshot, Status
from ccstats.monitor.stream import Changes
from ccstats.testing.virtual import VirtualLoop

SOURCES = st.sampled_from(["us", "emea"])
NAMES = st.lists(st.sampled_from([f"q{number}" for number in range(8)]), min_size=1, max_size=5, unique=True)
ACTIONS = st.one_of(
    st.tuples(st.just("put"), SOURCES, NAMES, st.integers(0, 3)),
    st.tuples(st.just("put"), SOURCES, NAMES, st.integers(0, 3)),
    st.tuples(st.just("take"), SOURCES, NAMES),
    st.tuples(st.just("break"), SOURCES, NAMES),
    st.tuples(st.just("forget"), st.sampled_from([1.0, 5.0])),
    st.tuples(st.just("empty")),
    st.tuples(st.just("away"), st.booleans()),
    st.tuples(st.just("takes"), st.sampled_from([0.0, 0.3, 3.0])),
    st.tuples(st.just("clock"), st.sampled_from([-3600.0, 0.0, 3600.0])),
    st.tuples(st.just("sleep"), st.sampled_from([0.0, 0.05, 1.0, 7.0])),
)


async def do(table: Shaky, action: tuple[Any, ...]) -> None:
    match action:
        case ("put", str(source), names, int(waiting)):
            await Writer(table, source).put(*names, waiting=waiting)
        case ("take", str(source), names):
            await Writer(table, source).take(*names)
        case ("break", str(source), names):
            writer = Writer(table, source)
            await writer.write({writer.key(name): b"of another version" for name in names})
        case ("forget", float(older)):
            await table.forget(older)
        case ("empty",):
            table.empty()
        case ("away", bool(away)):
            table.away = away
        case ("takes", float(seconds)):
            table.takes = seconds
        case ("clock", float(shift)):
            table.clock.shift = shift
        case ("sleep", float(seconds)):
            await asyncio.sleep(seconds)


def readable(rows: dict[str, bytes]) -> Iterator[tuple[str, Snapshot]]:
    for key, row in rows.items():
        try:
            yield key, decoded(row).snapshot
        except ccstats.CoordinatorError:
            continue


def timeless(one: Snapshot) -> Snapshot:
    """Without what a reader decides by its own clock."""
    assert one.realtime is not None
    return one.but(realtime=one.realtime.but(status=Status.FRESH))


async def follow(changes: Changes, known: dict[str, Snapshot]) -> None:
    """What somebody knows who only listens."""
    async for one in changes:
        assert one.realtime is not None
        if one.realtime.status is Status.GONE:
            known.pop(one.target.key)
        else:
            known[one.target.key] = one


async def play(remembered: int, actions: list[tuple[Any, ...]]) -> None:
    table = Shaky(Clock(), remembered=remembered)
    known: dict[str, Snapshot] = {}
    async with ccstats.attach(table) as reader, reader.subscribe() as changes:
        task = asyncio.create_task(follow(changes, known))
        for action in actions:
            await do(table, action)
        table.away, table.takes = False, 0.0
        await asyncio.sleep(2 * REFILL)
        rows = await table_of(table)
        expected = dict(readable(rows))
        latest = reader.latest()
        # A row that cannot be read any more leaves what could be.
        assert expected.keys() <= latest.keys() <= rows.keys()
        assert {key: timeless(latest[key]) for key in expected} == {key: timeless(one) for key, one in expected.items()}
        assert {one.source for one in reader.stats().sources} == (set(await table.sources()) or {"shared-table"})
        # Who only listens knows the same, but for times of reading.
        assert known.keys() == latest.keys()
        for key, one in known.items():
            assert one.realtime is not None
            assert latest[key].realtime == one.realtime.but(observed_at=latest[key].realtime.observed_at)  # type: ignore[union-attr]  # as above
    await task


@settings(max_examples=150)
@given(remembered=st.sampled_from([2, 5, 100]), actions=st.lists(ACTIONS, max_size=25))
def test_in_the_end_no_key_differs(remembered: int, actions: list[tuple[Any, ...]]) -> None:
    VirtualLoop().run(play(remembered, actions))


@pytest.mark.parametrize("remembered", [2, 100])
def test_a_reader_that_stands_still_between_looks_misses_nothing(remembered: int) -> None:
    writes = [("put", "us", [f"q{number % 8}"], number % 4) for number in range(40)]
    VirtualLoop().run(play(remembered, [("takes", 3.0), ("sleep", 7.0), *writes, ("take", "us", ["q3"]), *writes[:3]]))
