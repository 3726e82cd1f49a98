"""A reader has what the table has, tells its followers what changes, and says what it cannot know."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from fleet_writing import Clock, Shaky, Writer, description, snapshot, stats

import ccstats
from ccstats.config import Board, Config, ReaderConfig, Serve
from ccstats.errors import ConfigError
from ccstats.fleet.about import ABOUT
from ccstats.fleet.follower import AT_ONCE
from ccstats.fleet.rows import DEFINITIONS, Row, decoded, meaning
from ccstats.model import Definitions, Kind, Snapshot, Status, definitions_of
from ccstats.model.definition import _KNOWN
from ccstats.monitor import SourceState
from ccstats.monitor.view import View

pytestmark = pytest.mark.looptime(noop_cycles=0)
SOON = 0.2
"""Seconds in which a change has come to a reader that is idle."""


@pytest.fixture
async def table() -> Shaky:
    return Shaky(Clock())


@pytest.fixture
async def us(table: Shaky) -> Writer:
    return Writer(table)


def waiting(reader: View, key: str) -> int | None:
    found = reader.get(key)
    return found.realtime.waiting if found is not None and found.realtime is not None else None


class Seen(list[Snapshot]):
    """Every change that a follower was told."""

    def states(self) -> list[tuple[str, int | None, str]]:
        return [(one.target.id, one.realtime.waiting, one.realtime.status.value) for one in self if one.realtime]


async def followed(reader: View, seen: Seen) -> None:
    async with reader.subscribe() as changes:
        async for snapshot in changes:
            seen.append(snapshot)


async def test_it_has_what_was_there_and_what_comes(table: Shaky, us: Writer) -> None:
    emea = Writer(table, "emea")
    await us.put("q1", waiting=3)
    async with ccstats.attach(table) as reader:
        assert await reader.wait_until_ready(timeout=1)
        assert waiting(reader, "us:queue:q1") == 3
        await us.put("q1", waiting=4)
        await emea.put("q2", waiting=5)
        await asyncio.sleep(SOON)
        assert waiting(reader, "us:queue:q1") == 4
        assert list(reader.latest()) == ["us:queue:q1", "emea:queue:q2"]
        assert reader.get("us:queue:q9") is None


async def test_a_snapshot_is_the_same_on_the_other_side(table: Shaky, us: Writer) -> None:
    row = us.row("q1", window=True)
    assert decoded(row.encoded()) == row
    await us.write({us.key("q1"): row.encoded()})
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        assert reader.get(us.key("q1")) == row.snapshot


async def test_only_values_that_differ_are_changes(table: Shaky, us: Writer) -> None:
    await us.put("q1", "q2", waiting=1)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        seen = Seen()
        task = asyncio.create_task(followed(reader, seen))
        for at, number in enumerate([1, 1, 2, 2, 3]):
            await asyncio.sleep(1)
            await us.put("q1", waiting=number)
            await asyncio.sleep(SOON)
            found = reader.get("us:queue:q1")
            assert found is not None
            assert found == snapshot("us", "q1", number).but(realtime=found.realtime), at
        assert seen.states() == [("q1", 2, "fresh"), ("q1", 3, "fresh")]
    await task


async def test_what_is_taken_away_is_gone_once(table: Shaky, us: Writer) -> None:
    await us.put("q1", "q2", waiting=7)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        seen = Seen()
        task = asyncio.create_task(followed(reader, seen))
        await asyncio.sleep(0)
        await us.take("q1", "q9")
        await asyncio.sleep(SOON)
        await us.take("q1")
        await asyncio.sleep(SOON)
        assert list(reader.latest()) == ["us:queue:q2"]
    await task
    assert seen.states() == [("q1", 7, "gone")]


async def test_what_its_worker_called_gone_is_not_told_again(table: Shaky, us: Writer) -> None:
    await us.put("q1")
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        seen = Seen()
        task = asyncio.create_task(followed(reader, seen))
        await asyncio.sleep(0)
        gone = snapshot("us", "q1")
        assert gone.realtime is not None
        row = Row(gone.but(realtime=gone.realtime.but(status=Status.GONE)), us.row("q1").good, us.row("q1").periods)
        await us.write({us.key("q1"): row.encoded()})
        await asyncio.sleep(SOON)
        await us.take("q1")
        await asyncio.sleep(SOON)
        assert reader.latest() == {}
    await task
    assert seen.states() == [("q1", 1, "gone")]


async def test_a_target_that_was_never_read_can_be_gone(table: Shaky, us: Writer) -> None:
    await us.put("q1", realtime=None)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        async with reader.subscribe() as changes:
            await us.take("q1")
            told = await anext(changes)
        assert told.realtime is not None
        assert told.realtime.status is Status.GONE


async def test_a_forgotten_source_leaves_with_all_that_it_had(table: Shaky, us: Writer) -> None:
    emea = Writer(table, "emea")
    await emea.put("q2")
    await asyncio.sleep(100)
    await us.put("q1")
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        assert [one.source for one in reader.stats().sources] == ["emea", "us"]
        await table.forget(60)
        await asyncio.sleep(1.5)
        assert list(reader.latest()) == ["us:queue:q1"]
        assert [one.source for one in reader.stats().sources] == ["us"]


async def test_many_rows_come_in_parts_and_what_was_written_often_is_read_once(table: Shaky, us: Writer) -> None:
    names = [f"q{number}" for number in range(AT_ONCE * 12)]
    await us.put(*names)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        assert len(reader.latest()) == len(names)
        table.asked.clear()
        table.takes = 0.2  # a slow answer: much is written meanwhile
        for number in range(2, 40):
            await us.put("q1", "q2", waiting=number)
            await asyncio.sleep(0.01)
        await asyncio.sleep(2)
        assert waiting(reader, "us:queue:q2") == 39
        assert table.asked.count("rows us") <= 3


async def test_a_reader_takes_over_what_the_workers_say_of_the_whole(table: Shaky, us: Writer) -> None:
    await us.put("sales1", waiting=2)
    await us.put("sales2", waiting=3)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        assert reader.groups() == {}
        await table.describe(description("sales", title="Sales floor"))
        await asyncio.sleep(SOON)
        assert reader.config.board.title == "Sales floor"
        found = reader.groups()["sales"].realtime
        assert found is not None
        assert found.waiting == 5
        assert reader.config.sources == {}


async def test_what_a_reader_says_itself_stands_in_its_place(table: Shaky, us: Writer) -> None:
    await us.put("sales1")
    await table.describe(description("sales", title="Sales floor"))
    own = ReaderConfig.model_validate({"groups": {"mine": {"match": ["us:*"]}}, "serve": {"listen": "127.0.0.1:1"}})
    async with ccstats.attach(table, config=own) as reader:
        await reader.wait_until_ready()
        assert (reader.config.board.title, list(reader.groups())) == ("Sales floor", ["mine"])
        assert reader.config.serve == Serve(listen="127.0.0.1:1")
        reader.prefer(Config(board=Board(title="Lobby")))
        assert (reader.config.board.title, list(reader.groups())) == ("Lobby", ["sales"])


async def test_kinds_globs_and_sources_choose_what_is_shown(table: Shaky, us: Writer) -> None:
    await us.put("billing", "sales")
    await Writer(table, "emea").put("billing")
    async with ccstats.attach(table, only=lambda target: target.id == "billing", sources=["us"]) as reader:
        await reader.wait_until_ready()
        assert list(reader.latest()) == ["us:queue:billing"]
        assert [one.source for one in reader.stats().sources] == ["us"]
        await us.put("sales", waiting=9)
        await Writer(table, "emea").put("billing", waiting=9)
        await asyncio.sleep(SOON)
        assert list(reader.latest()) == ["us:queue:billing"]


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"{}",
        b"\x00\xff",
        b"[" * 100_000,
        b'{"v":2,"good":{},"periods":{}}\n{}\n{}',
        b'{"v":1,"good":{"realtime":NaN},"periods":{}}\n{}\n{}',
        b'{"v":1,"good":{},"periods":{}}\n{"target":1}\n{}',
    ],
    ids=["empty", "one line", "bytes", "deep", "version", "number", "target"],
)
async def test_rows_of_another_version_are_kept_out_and_said_once(
    table: Shaky, us: Writer, bad: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    await us.put("q1", waiting=4)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        with caplog.at_level(logging.INFO):
            for _ in range(3):
                await us.write({us.key("q1"): bad, us.key("q2"): bad + b" "})
                await asyncio.sleep(1.5)
        (source,) = reader.stats().sources
        assert waiting(reader, us.key("q1")) == 4  # the last that could be read
        assert list(reader.latest()) == [us.key("q1")]
        assert (source.state, source.error) == (
            SourceState.FAILING,
            "2 of its rows cannot be read; are they written by another version?",
        )
        assert [one.message for one in caplog.records if one.name.startswith("ccstats")] == [
            "rows of the shared table cannot be read; are they written by another version?"
        ]
        await us.put("q1", waiting=5)
        await us.take("q2")
        await asyncio.sleep(1.5)
        assert waiting(reader, us.key("q1")) == 5
        assert reader.stats().sources[0].state is SourceState.OK


async def test_a_row_under_another_name_is_kept_out(table: Shaky, us: Writer) -> None:
    await us.put("q1")
    await us.write({us.key("q2"): us.row("q1", 9).encoded(), "us:queue:q3": Writer(table, "emea").row("q3").encoded()})
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        assert (list(reader.latest()), waiting(reader, "us:queue:q1")) == (["us:queue:q1"], 1)


async def test_a_source_of_another_version_says_so(table: Shaky, us: Writer) -> None:
    await table.write("us", 1, "us", {}, (), b"?")
    await table.describe(b"?")
    async with ccstats.attach(table) as reader:
        await asyncio.sleep(SOON)
        (source,) = reader.stats().sources
        assert (source.source, source.state) == ("us", SourceState.FAILING)
        assert "another version" in (source.error or "")
        assert reader.config.groups == {}


async def test_it_is_ready_when_everything_was_tried(table: Shaky, us: Writer) -> None:
    async with ccstats.attach(table) as reader:
        assert not await reader.wait_until_ready(timeout=5)
        (nothing,) = reader.stats().sources
        assert (nothing.source, nothing.state) == ("shared-table", SourceState.STARTING)
        assert "no worker has said anything" in (nothing.error or "")
        await us.say(ready=False)
        assert not await reader.wait_until_ready(timeout=5)
        await us.say()
        assert await reader.wait_until_ready(timeout=5)


async def test_stats_are_what_the_worker_says(table: Shaky, us: Writer) -> None:
    await us.say(requests=1234, state=SourceState.PARKED, error="AuthError: refused")
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        known = stats("us", requests=1234, state=SourceState.PARKED, error="AuthError: refused")
        assert reader.stats().sources == (known,)
        assert ABOUT.validate_json(us.about().encoded()) == us.about()


async def test_what_the_numbers_mean_comes_with_them(table: Shaky, us: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = Definitions.declare("acme", Kind.QUEUE, {})
    name, row = meaning(declared.id) or ("", b"")
    assert name == DEFINITIONS + declared.id
    assert meaning("acme:queue:unheard-of") is None
    monkeypatch.delitem(_KNOWN, declared.id)
    assert definitions_of(declared.id) is None
    await us.put("q1", definitions=declared.id)
    await us.write({name: row, DEFINITIONS + "other": row})
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        assert list(reader.latest()) == [us.key("q1")]
        assert definitions_of(declared.id) == declared
        assert "1 of its rows" in (reader.stats().sources[0].error or "")


async def test_ages_are_told_by_family(table: Shaky, us: Writer) -> None:
    await us.put("q1", good=4.0, window=True)
    async with ccstats.attach(table) as reader:
        await reader.wait_until_ready()
        await asyncio.sleep(2)
        for window in (None, "30m"):
            assert reader.age(us.key("q1"), window) == pytest.approx(timedelta(seconds=6), abs=timedelta(seconds=0.3))
        assert reader.age(us.key("q1"), "today") is None
        assert reader.age(us.key("q9")) is None


async def test_a_coordinator_stays_its_owners_to_close(table: Shaky, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Any] = []

    async def close(one: Any) -> None:
        closed.append(one)

    monkeypatch.setattr(Shaky, "aclose", close)
    async with ccstats.attach(table) as reader, reader.subscribe() as changes:
        pass
    assert closed == []
    assert [one async for one in changes] == []
    monkeypatch.setattr("ccstats.fleet.reader.connect", lambda _: table)
    async with ccstats.attach("redis://127.0.0.1:1/0"):
        pass
    assert closed == [table]


def test_a_url_that_is_none_is_a_mistake_in_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"redis\.url"):
        ccstats.attach("")
