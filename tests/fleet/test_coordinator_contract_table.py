"""What every coordinator promises of the table and of limits, in this process and on a real Redis server alike."""

import asyncio

import pytest
from fleet_shared import LEASE, Shared, everything, granted

from ccstats.coordination import Mark

# The table


async def test_what_is_written_is_read(shared: Shared) -> None:
    rows = {f"us:queue:{number} é/\"'\n": bytes([number % 256]) * 10 for number in range(1200)}
    await shared.one.write("s", 1, "us", rows, [], b"about us")
    await shared.one.write("s", 1, "emea", {"e": b"\x00\xff"}, [], b"about emea")
    await shared.one.describe(b"the whole")

    assert await everything(shared.other, "us") == rows
    assert await everything(shared.other, "nobody's") == {}
    assert await shared.other.sources() == {"us": b"about us", "emea": b"about emea"}
    assert await shared.other.description() == b"the whole"
    names = [*rows][:700]
    assert await shared.other.rows("us", [*names, "unknown"]) == {name: rows[name] for name in names}
    assert await shared.other.rows("us", []) == {}


async def test_nothing_is_known_of_an_empty_table(shared: Shared) -> None:
    assert await shared.one.sources() == {}
    assert await shared.one.description() == b""
    assert await everything(shared.one, "us") == {}
    mark = await shared.one.mark()
    assert mark.number == 0
    assert (await shared.one.changes(mark, wait=0)).complete


async def test_whoever_only_looks_sees_who_lives_and_since_when(shared: Shared) -> None:
    before = await shared.one.life()
    await shared.one.beat("a", {}, ["s"], lease=LEASE)
    await shared.one.beat("b", {}, ["s"], lease=3 * LEASE)
    await shared.one.beat("c", {}, ["s"], lease=3 * LEASE, leaving=True)
    life = await shared.other.life()

    assert before.workers == ()
    assert life.workers == ("a", "b")
    assert life.epoch == (await shared.other.mark()).epoch
    assert life.age is not None
    assert 0 <= life.age < LEASE
    shared.pass_time(2 * LEASE)
    assert (await shared.other.life()).workers == ("b",)


async def test_rows_are_replaced_and_taken_away_in_one_step(shared: Shared) -> None:
    await shared.one.write("s", 1, "us", {"a": b"1", "b": b"2"}, [], None)
    mark = await shared.other.mark()
    await shared.one.write("s", 1, "us", {"a": b"3"}, ["b", "never there"], None)

    touched = await shared.other.changes(mark, wait=1)

    assert await everything(shared.other, "us") == {"a": b"3"}
    assert touched.rows == {"us": {"a", "b", "never there"}}
    assert touched.complete


async def test_an_older_grant_writes_nothing(shared: Shared) -> None:
    old = await granted(shared.one, "a")
    await shared.one.write("s", old.fence, "us", {"a": b"old"}, [], b"old")
    shared.pass_time(LEASE)
    new = await granted(shared.other, "b")
    mark = await shared.other.mark()

    assert not await shared.one.write("s", old.fence, "us", {"a": b"late"}, [], b"late")
    assert await everything(shared.other, "us") == {"a": b"old"}
    assert await shared.other.sources() == {"us": b"old"}
    assert (await shared.other.changes(mark, wait=0)).rows == {}
    assert await shared.other.write("s", new.fence, "us", {"a": b"new"}, [], None)


async def test_changes_after_a_mark_are_collected_by_source(shared: Shared) -> None:
    await shared.one.write("s", 1, "us", {"before": b"1"}, [], None)
    mark = await shared.one.mark()
    await shared.one.write("s", 1, "us", {"a": b"1"}, [], None)
    await shared.one.write("s", 1, "emea", {}, [], b"said")
    await shared.one.write("s", 1, "us", {"b": b"1"}, ["c"], None)
    await shared.one.describe(b"whole")

    touched = await shared.other.changes(mark, wait=1)
    rest = await shared.other.changes(touched.mark, wait=0)

    assert touched.rows == {"us": {"a", "b", "c"}, "emea": frozenset(), "": frozenset()}
    assert touched.complete
    assert touched.mark == await shared.one.mark()
    assert (rest.rows, rest.complete, rest.mark) == ({}, True, touched.mark)


async def test_whoever_waits_hears_of_the_next_change(shared: Shared) -> None:
    await shared.one.beat("a", {}, [], lease=LEASE)
    waiting = asyncio.create_task(shared.other.changes(await shared.other.mark(), wait=2.0))
    await asyncio.sleep(0)
    await shared.one.write("s", 1, "us", {"a": b"1"}, [], None)

    touched = await waiting

    assert (touched.rows, touched.complete) == ({"us": {"a"}}, True)


async def test_the_time_is_told_also_where_nothing_changes(shared: Shared) -> None:
    state = await shared.one.beat("a", {}, [], lease=LEASE)

    touched = await shared.one.changes(await shared.one.mark(), wait=0.01)

    assert (touched.rows, touched.complete) == ({}, True)
    assert touched.at == pytest.approx(state.at, abs=5.0)


async def test_what_is_said_of_the_whole_again_is_no_change(shared: Shared) -> None:
    await shared.one.describe(b"whole")
    mark = await shared.one.mark()
    await shared.other.describe(b"whole")

    assert await shared.one.mark() == mark


async def test_a_stream_that_was_cut_is_seen_without_another_change(shared: Shared) -> None:
    await shared.one.write("s", 1, "us", {"a": b"1"}, [], None)
    mark = await shared.one.mark()
    await shared.one.write("s", 1, "us", {"b": b"1"}, [], None)
    shared.cut()

    touched = await shared.other.changes(mark, wait=0)

    assert not touched.complete
    assert touched.mark == await shared.one.mark()
    assert (await shared.other.changes(touched.mark, wait=0)).complete


async def test_a_stream_that_was_cut_is_seen_at_the_next_change(shared: Shared) -> None:
    await shared.one.write("s", 1, "us", {"a": b"1"}, [], None)
    mark = await shared.one.mark()
    await shared.one.write("s", 1, "us", {"b": b"1"}, [], None)
    shared.cut()
    await shared.one.write("s", 1, "us", {"c": b"1"}, [], None)

    assert not (await shared.other.changes(mark, wait=1)).complete


async def test_a_cut_behind_a_reader_costs_it_nothing(shared: Shared) -> None:
    await shared.one.write("s", 1, "us", {"a": b"1"}, [], None)
    mark = await shared.one.mark()
    shared.cut()
    await shared.one.write("s", 1, "us", {"b": b"1"}, [], None)

    touched = await shared.other.changes(mark, wait=1)

    assert (touched.rows, touched.complete) == ({"us": {"b"}}, True)


@pytest.mark.parametrize("begun", [False, True], ids=["before anybody came back", "when others have written"])
async def test_a_reader_notices_that_everything_was_lost(shared: Shared, begun: bool) -> None:
    for number in range(3):
        await shared.one.write("s", 1, "us", {str(number): b"1"}, [], None)
    mark = await shared.one.mark()
    shared.empty()
    if begun:
        for number in range(5):
            await shared.one.write("s", 1, "us", {str(number): b"2"}, [], None)

    touched = await shared.other.changes(mark, wait=0.01)

    assert not touched.complete
    assert touched.mark == await shared.one.mark() != mark
    assert (await shared.other.changes(touched.mark, wait=0)).complete


async def test_everything_is_lost_while_a_reader_waits(shared: Shared) -> None:
    await shared.one.write("s", 1, "us", {"a": b"1"}, [], None)
    waiting = asyncio.create_task(shared.other.changes(await shared.other.mark(), wait=0.2))
    await asyncio.sleep(0)
    shared.empty()

    assert not (await waiting).complete


async def test_sources_that_nothing_was_said_of_for_long_are_forgotten_with_their_rows(shared: Shared) -> None:
    await shared.one.write("s", 1, "old", {"a": b"1", "é": b"2"}, [], b"said")
    await shared.one.write("s", 1, "bare", {}, [], b"said")
    shared.pass_time(600)
    await shared.one.write("s", 1, "new", {"c": b"1"}, [], b"said")
    mark = await shared.one.mark()

    await shared.one.forget(300)
    touched = await shared.other.changes(mark, wait=1)

    assert await shared.other.sources() == {"new": b"said"}
    assert await everything(shared.other, "old") == {}
    assert await everything(shared.other, "new") == {"c": b"1"}
    assert touched.rows == {"old": {"a", "é"}, "bare": frozenset()}


async def test_marks_of_another_life_are_incomplete_from_the_first(shared: Shared) -> None:
    await shared.one.beat("a", {}, [], lease=LEASE)

    assert not (await shared.one.changes(Mark("another", 0), wait=0)).complete


# Limits that others spend too


async def test_a_limit_grants_its_burst_and_then_one_request_at_a_time(shared: Shared) -> None:
    spent = [await client.spend("k", rate=0.1, burst=3, spender="a") for client in [shared.one, shared.other] * 2]

    assert [one.wait for one in spent[:3]] == [0.0, 0.0, 0.0]
    assert spent[3].wait == pytest.approx(10.0, abs=1.0)
    shared.pass_time(spent[3].wait)
    assert (await shared.one.spend("k", rate=0.1, burst=3, spender="a")).wait == 0.0
    assert (await shared.one.spend("k", rate=0.1, burst=3, spender="a")).wait > 0.0
    assert (await shared.one.spend("other", rate=0.1, burst=3, spender="a")).wait == 0.0


async def test_a_limit_that_rests_has_its_burst_again_and_no_more(shared: Shared) -> None:
    await shared.one.spend("k", rate=0.1, burst=3, spender="a")
    shared.pass_time(10_000)

    spent = [await shared.one.spend("k", rate=0.1, burst=3, spender="a") for _ in range(4)]

    assert [one.wait == 0.0 for one in spent] == [True, True, True, False]


async def test_whoever_asked_within_a_minute_counts_as_a_spender(shared: Shared) -> None:
    await shared.one.spend("k", rate=0.1, burst=1, spender="a")
    second = await shared.other.spend("k", rate=0.1, burst=1, spender="b")
    shared.pass_time(61)
    third = await shared.other.spend("k", rate=0.1, burst=1, spender="b")

    assert (second.spenders, third.spenders) == (2, 1)
    assert second.wait > 0


async def test_a_blocked_limit_grants_nothing_and_is_never_blocked_for_shorter(shared: Shared) -> None:
    await shared.one.block("k", 60)
    await shared.other.block("k", 5)

    assert (await shared.other.spend("k", rate=1, burst=5, spender="a")).wait == pytest.approx(60, abs=1.0)
    shared.pass_time(60)
    assert (await shared.other.spend("k", rate=1, burst=5, spender="a")).wait == 0.0
