"""What becomes of a reader's numbers when nobody writes any more, or when the table cannot be reached or was lost."""

import asyncio
import logging
import math
from datetime import timedelta

import pytest
from fleet_writing import Clock, Shaky, Writer, description, loop_time, table_of

import ccstats
from ccstats.fleet.clock import SharedClock
from ccstats.fleet.follower import REFILL
from ccstats.fleet.rows import Row
from ccstats.fleet.shown import SLACK, Shown
from ccstats.model import Family, Realtime, Snapshot, Status
from ccstats.monitor import SourceState

pytestmark = pytest.mark.looptime(noop_cycles=0)
PERIOD = 10.0
"""Seconds between two real-time readings, as the rows say."""
KEY = "us:queue:q1"


@pytest.fixture
async def table() -> Shaky:
    return Shaky(Clock())


@pytest.fixture
async def us(table: Shaky) -> Writer:
    return Writer(table)


def now_of(reader: ccstats.Reader, key: str = KEY) -> Realtime:
    found = reader.get(key)
    assert found is not None
    assert found.realtime is not None
    return found.realtime


async def until_stale(reader: ccstats.Reader, key: str = KEY) -> float:
    """The loop's time when it becomes stale."""
    while now_of(reader, key).status is not Status.STALE:  # noqa: ASYNC110 - followers are looked at elsewhere
        await asyncio.sleep(0.1)
    return loop_time()


async def states(reader: ccstats.Reader, seen: list[tuple[str, int | None, str]]) -> None:
    async with reader.subscribe() as changes:
        async for one in changes:
            assert one.realtime is not None
            seen.append((one.target.id, one.realtime.waiting, one.realtime.status.value))


async def test_rows_that_nobody_writes_become_stale_once_with_their_last_values(table: Shaky, us: Writer) -> None:
    await us.put("q1", waiting=3, window=True)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        seen: list[tuple[str, int | None, str]] = []
        task = asyncio.create_task(states(reader, seen))
        began = loop_time()
        assert now_of(reader).status is Status.FRESH
        assert 3 * PERIOD <= await until_stale(reader) - began + 0.1 <= 3 * PERIOD + 1.2
        found = reader.get(KEY)
        assert found is not None
        assert found.windows["30m"].status is Status.FRESH  # its period is six times as long
        await asyncio.sleep(200)
        found = reader.get(KEY)
        assert found is not None
        assert (found.windows["30m"].status, found.windows["30m"].offered) == (Status.STALE, 3)
        assert seen == [("q1", 3, "stale"), ("q1", 3, "stale")]  # real time, and later the window
        await us.put("q1", waiting=3, window=True)
        await asyncio.sleep(0.5)
        assert now_of(reader).status is Status.FRESH
        assert seen[2:] == [("q1", 3, "fresh")]
    await task


async def test_a_row_that_was_read_long_ago_is_stale_from_the_start(table: Shaky, us: Writer) -> None:
    await us.put("q1", good=31.0)
    row = us.row("q2")
    await us.write({us.key("q2"): Row(row.snapshot, {}, row.periods).encoded()})  # nobody says since when
    await us.write({us.key("q3"): Row(us.row("q3").snapshot, row.good, {Family.WINDOW: 60.0}).encoded()})
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        await asyncio.sleep(0.1)
        assert [now_of(reader, us.key(name)).status for name in ("q1", "q2", "q3")] == [Status.STALE] * 3


async def test_rows_that_are_written_in_time_never_become_stale(table: Shaky, us: Writer) -> None:
    await us.put("q1")
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        seen: list[tuple[str, int | None, str]] = []
        task = asyncio.create_task(states(reader, seen))
        for _ in range(30):
            await asyncio.sleep(PERIOD)
            await us.put("q1")
        assert seen == []
    await task


@pytest.mark.parametrize("shift", [3600.0, -3600.0])
async def test_no_wall_clock_changes_an_age(
    table: Shaky, us: Writer, shift: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the reader's host's, nor the coordinator's own once a row was read."""
    await us.put("q1")
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        monkeypatch.setattr("time.time", lambda: 0.0)
        monkeypatch.setattr("ccstats.fleet.clock.wall_clock", None)
        await asyncio.sleep(5)
        table.clock.shift = shift
        await us.put("q2")  # so that the reader hears of the new time
        await asyncio.sleep(5)
        assert reader.now().timestamp() == pytest.approx(table.clock(), abs=1.5)
        assert reader.age(KEY) == pytest.approx(timedelta(seconds=10), abs=timedelta(seconds=0.5))
        assert reader.age(us.key("q2")) == pytest.approx(timedelta(seconds=5), abs=timedelta(seconds=0.5))
        assert await until_stale(reader) == pytest.approx(3 * PERIOD, abs=1.5)
        assert now_of(reader, us.key("q2")).status is Status.FRESH


async def test_a_reading_of_the_future_is_not_younger_than_none(table: Shaky, us: Writer) -> None:
    await us.put("q1", good=-5.0)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        assert reader.age(KEY) == timedelta(0)


async def test_an_outage_is_seen_in_the_stats_and_said_once(
    table: Shaky, us: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    await us.put("q1", waiting=3)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        await asyncio.sleep(5)
        with caplog.at_level(logging.INFO):
            table.away = True
            await asyncio.sleep(300)
            (source,) = reader.stats().sources
            assert (source.source, source.vendor, source.state) == ("us", "acme", SourceState.FAILING)
            assert source.error == "the shared table cannot be reached since 2026-01-01 00:00:05 UTC: nobody is there"
            assert (now_of(reader).status, now_of(reader).waiting) == (Status.STALE, 3)
            assert not [one for one in table.asked if one.startswith("table")][1:]
            assert await reader.wait_until_ready(timeout=0)
            asked = len(table.asked)
            await asyncio.sleep(100)
            assert 85 <= len(table.asked) - asked <= 115  # once a second
            table.away = False
            await us.put("q1", waiting=4)
            await asyncio.sleep(1.5)
        assert (now_of(reader).status, now_of(reader).waiting) == (Status.FRESH, 4)
        assert reader.stats().sources[0].state is SourceState.OK
        lost, found = [one.message for one in caplog.records if one.name.startswith("ccstats")]
        assert lost == "reader: the shared table is out of reach: nobody is there"
        assert found.startswith("reader: the shared table is in reach again, after 40")


async def test_a_reader_can_begin_before_there_is_anything_to_reach(table: Shaky, us: Writer) -> None:
    table.away = True
    async with ccstats.attach(table) as reader:
        assert not await reader.wait_until_ready(timeout=10)
        (nothing,) = reader.stats().sources
        assert (nothing.source, nothing.state) == ("shared-table", SourceState.FAILING)
        assert "cannot be reached since" in (nothing.error or "")
        assert reader.latest() == {}
        table.away = False
        await us.put("q1")
        assert await reader.wait_until_ready(timeout=2)
        assert now_of(reader).waiting == 1


async def test_what_was_missed_while_away_is_read_afterwards(us: Writer) -> None:
    table = Shaky(Clock(), remembered=3)
    us = Writer(table)
    names = [f"q{number}" for number in range(10)]
    await us.put(*names)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        seen: list[tuple[str, int | None, str]] = []
        task = asyncio.create_task(states(reader, seen))
        await asyncio.sleep(0.1)
        table.away = True
        for name in names[:5]:
            await us.put(name, waiting=2)
            await us.take("q9")
        await asyncio.sleep(3)
        table.away = False
        await asyncio.sleep(3)
        assert {key: one.realtime and one.realtime.waiting for key, one in reader.latest().items()} == {
            us.key(name): 2 if name in names[:5] else 1 for name in names[:9]
        }
        assert sorted(seen) == sorted([("q9", 1, "gone"), *((name, 2, "fresh") for name in names[:5])])
    await task


async def test_a_source_that_nobody_polls_says_since_when(table: Shaky, us: Writer) -> None:
    await us.put("q1")
    emea = Writer(table, "emea")
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        for _ in range(8):
            await emea.say()
            await asyncio.sleep(5)
        other, left = reader.stats().sources
        assert (other.source, other.state) == ("emea", SourceState.OK)
        assert (left.state, left.error) == (
            SourceState.FAILING,
            "nobody polls this source since 2026-01-01 00:00:00 UTC",
        )
        await us.say()
        await asyncio.sleep(1.5)
        assert reader.stats().sources[1].state is SourceState.OK


async def test_a_table_that_was_lost_takes_nothing_away_that_is_written_again(table: Shaky, us: Writer) -> None:
    """Redis was restarted without its data: workers need a moment, and nothing is gone meanwhile."""
    await us.put("q1", "q2", waiting=3)
    await table.describe(description("sales"))
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        seen: list[tuple[str, int | None, str]] = []
        task = asyncio.create_task(states(reader, seen))
        await asyncio.sleep(0.1)
        table.empty()
        await asyncio.sleep(2)
        assert {one.target.id for one in reader.latest().values()} == {"q1", "q2"}
        assert [one.source for one in reader.stats().sources] == ["us"]
        assert list(reader.config.groups) == ["sales"]
        assert seen == []
        await us.put("q1", waiting=3)
        await asyncio.sleep(1)
        assert seen == []
        await asyncio.sleep(REFILL)  # and what nobody writes again is gone after all
        assert seen == [("q2", 3, "gone")]
        assert {one.target.id for one in reader.latest().values()} == {"q1"}
        assert (await table_of(table)).keys() == reader.latest().keys()
    await task


@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize("after", [0.1 * step for step in range(1, 30)])
async def test_a_table_that_is_lost_while_it_is_read_takes_nothing_away_either(cut: bool, after: float) -> None:
    """Whichever answer comes out of which life of the table: of everything (`cut`), or of what has changed."""
    table = Shaky(Clock(), remembered=1 if cut else 1000)
    us = Writer(table)
    await us.put("q1", "q2", waiting=3)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        seen: list[tuple[str, int | None, str]] = []
        task = asyncio.create_task(states(reader, seen))
        await asyncio.sleep(0.1)
        table.takes = 0.5
        await us.say()
        await us.put("q1", "q2", waiting=3)
        await asyncio.sleep(after)
        table.empty()
        await asyncio.sleep(6)
        await us.put("q1", "q2", waiting=3)
        await asyncio.sleep(REFILL + 5)
        assert seen == []
        assert {one.target.id for one in reader.latest().values()} == {"q1", "q2"}
    await task


async def test_a_quiet_table_is_asked_once_a_second(table: Shaky, us: Writer) -> None:
    await us.put("q1")
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        await us.put("q1", waiting=2)
        await asyncio.sleep(2)
        table.asked.clear()
        await asyncio.sleep(20)
        assert set(table.asked) == {"changes", "changed"}
        assert table.asked.count("changes") <= 20


async def test_a_source_that_a_lost_table_had_leaves_in_the_end(table: Shaky, us: Writer) -> None:
    await us.put("q1")
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        table.empty()
        await asyncio.sleep(REFILL + 3)
        assert reader.latest() == {}
        assert [one.source for one in reader.stats().sources] == ["shared-table"]


def test_the_line_of_what_becomes_stale_stays_as_long_as_the_table() -> None:
    told: list[Snapshot] = []
    shown = Shown(told.append, lambda _: True)
    row = Row(Snapshot.model_validate(SNAPSHOT), {"realtime": 0.0}, {Family.REALTIME: 1e6})
    for number in range(5 * SLACK):
        good = {"realtime": float(-number)}  # each becomes stale before the one before it
        shown.put("us", KEY, Row(row.snapshot, good, row.periods).encoded(), SharedClock(), 0.0)
    shown.expire(1.0)
    assert len(shown._line) == 1
    shown.expire(math.inf)
    assert [one.realtime and one.realtime.status for one in told] == [Status.FRESH, Status.STALE]


SNAPSHOT = {
    "target": {"source": "us", "vendor": "acme", "kind": "queue", "id": "q1"},
    "realtime": {"waiting": 1},
}
