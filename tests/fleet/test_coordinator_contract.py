"""What every coordinator promises, in this process and on a real Redis server alike."""

import asyncio

import pytest
from fleet_shared import Shared

from ccstats.coordination import Claim, Coordinator, Heritage, Lease, Mark

LEASE = 3.0


async def everything(coordinator: Coordinator, source: str) -> dict[str, bytes]:
    """A whole table."""
    found: dict[str, bytes] = {}
    async for part in coordinator.table(source):
        found.update(part)
    return found


async def granted(coordinator: Coordinator, worker: str, shard: str = "s") -> Claim:
    """A claim on a shard that nobody holds."""
    grant = await coordinator.acquire(worker, shard, lease=LEASE)
    assert grant is not None
    return Claim(grant.fence)


# Who polls what


async def test_a_shard_is_granted_to_one_worker_at_a_time(shared: Shared) -> None:
    grants = await asyncio.gather(
        *(client.acquire(f"w{turn}", "s", lease=LEASE) for turn in range(5) for client in (shared.one, shared.other))
    )

    assert len([grant for grant in grants if grant is not None]) == 1


async def test_a_shard_is_free_when_its_lease_has_ended(shared: Shared) -> None:
    first = await granted(shared.one, "a")
    shared.pass_time(LEASE - 0.5)
    assert await shared.other.acquire("b", "s", lease=LEASE) is None

    shared.pass_time(0.5)
    second = await granted(shared.other, "b")

    assert second.fence > first.fence


async def test_a_beat_renews_what_is_claimed_and_tells_who_holds_what(shared: Shared) -> None:
    claim = await granted(shared.one, "a")
    shared.pass_time(2.0)
    state = await shared.one.beat("a", {"s": Claim(claim.fence, weight=7)}, ["s", "free"], lease=LEASE)
    shared.pass_time(2.0)

    assert state.kept == {"s"}
    assert state.leases["s"] == Lease("a", pytest.approx(state.at + LEASE, abs=1e-3), 7)
    assert state.leases["free"] == Lease()
    assert await shared.other.acquire("b", "s", lease=LEASE) is None


async def test_a_claim_that_ran_out_is_renewed_where_nobody_was_granted_the_shard(shared: Shared) -> None:
    claim = await granted(shared.one, "a")
    shared.pass_time(3600)

    state = await shared.one.beat("a", {"s": claim}, [], lease=LEASE)

    assert state.kept == {"s"}
    assert state.leases["s"].worker == "a"


async def test_a_claim_is_lost_where_somebody_else_was_granted_the_shard(shared: Shared) -> None:
    old = await granted(shared.one, "a")
    shared.pass_time(LEASE)
    new = await granted(shared.other, "b")

    assert (await shared.one.beat("a", {"s": old}, [], lease=LEASE)).kept == frozenset()
    shared.pass_time(3600)
    assert (await shared.one.beat("a", {"s": old}, [], lease=LEASE)).kept == frozenset()
    assert (await shared.other.beat("b", {"s": new}, [], lease=LEASE)).kept == {"s"}


async def test_a_lease_that_has_ended_is_nobodys_and_keeps_its_weight(shared: Shared) -> None:
    claim = await granted(shared.one, "a")
    await shared.one.beat("a", {"s": Claim(claim.fence, weight=9)}, [], lease=LEASE)
    shared.pass_time(LEASE)

    state = await shared.other.beat("b", {}, ["s"], lease=LEASE)

    assert state.leases["s"] == Lease(None, 0.0, 9)


async def test_a_shard_that_was_given_back_is_free_at_once_and_its_debts_are_inherited(shared: Shared) -> None:
    claim = await granted(shared.one, "a")
    await shared.one.release("a", "s", Claim(claim.fence, debts=b"owed"))

    grant = await shared.other.acquire("b", "s", lease=LEASE)

    assert grant is not None
    assert grant.heritage is not None
    assert grant.heritage.debts == b"owed"
    assert grant.heritage.clean
    assert grant.heritage.until == grant.heritage.at <= grant.at


async def test_what_a_dead_worker_told_last_is_inherited_with_the_end_of_its_lease(shared: Shared) -> None:
    claim = await granted(shared.one, "a")
    await shared.one.beat("a", {"s": Claim(claim.fence, debts=b"\x00owed\xff")}, [], lease=LEASE)
    shared.pass_time(10.0)

    grant = await shared.other.acquire("b", "s", lease=LEASE)

    assert grant is not None
    left = grant.heritage
    assert left is not None
    assert left == Heritage(b"\x00owed\xff", left.at, pytest.approx(left.at + LEASE, abs=1e-3), clean=False)
    assert grant.at - left.at == pytest.approx(10.0, abs=1.0)


async def test_debts_survive_a_heir_that_dies_before_its_first_beat(shared: Shared) -> None:
    claim = await granted(shared.one, "a")
    await shared.one.release("a", "s", Claim(claim.fence, debts=b"owed"))
    await granted(shared.one, "b")
    shared.pass_time(LEASE)

    grant = await shared.other.acquire("c", "s", lease=LEASE)

    assert grant is not None
    assert grant.heritage is not None
    assert grant.heritage.debts == b"owed"
    assert not grant.heritage.clean


async def test_nothing_is_inherited_of_a_shard_that_nobody_held(shared: Shared) -> None:
    assert await shared.one.write("s", 5, "us", {"a": b"1"}, [], None)

    grant = await shared.one.acquire("a", "s", lease=LEASE)

    assert grant is not None
    assert grant.heritage is None


async def test_only_the_holder_gives_a_shard_back(shared: Shared) -> None:
    old = await granted(shared.one, "a")
    shared.pass_time(LEASE)
    await granted(shared.other, "b")

    await shared.one.release("a", "s", old)
    await shared.one.release("b", "s", old)

    assert (await shared.one.beat("a", {}, ["s"], lease=LEASE)).leases["s"].worker == "b"


async def test_what_was_given_back_is_not_renewed(shared: Shared) -> None:
    claim = await granted(shared.one, "a")
    await shared.one.release("a", "s", claim)

    assert (await shared.one.beat("a", {"s": claim}, [], lease=LEASE)).kept == frozenset()


async def test_workers_are_known_until_they_leave_or_are_silent(shared: Shared) -> None:
    await shared.one.beat("b", {}, [], lease=LEASE)
    assert (await shared.other.beat("a", {}, [], lease=LEASE)).workers == ("a", "b")

    shared.pass_time(2.0)
    await shared.other.beat("a", {}, [], lease=LEASE)
    shared.pass_time(2.0)
    assert (await shared.other.beat("c", {}, [], lease=LEASE)).workers == ("a", "c")

    await shared.other.leave("a")
    assert (await shared.other.beat("c", {}, [], lease=LEASE)).workers == ("c",)


async def test_a_worker_that_leaves_keeps_its_claims_and_is_none_to_share_with(shared: Shared) -> None:
    claim = await granted(shared.one, "a")
    await shared.one.beat("a", {"s": claim}, [], lease=LEASE)

    state = await shared.one.beat("a", {"s": claim}, [], lease=LEASE, leaving=True)

    assert state.workers == ()
    assert state.kept == {"s"}
    assert state.leases["s"].worker == "a"


# Everything lost


async def test_an_emptied_coordinator_is_told_again_who_holds_what(shared: Shared) -> None:
    claim = await granted(shared.one, "a")
    before = await shared.one.beat("a", {"s": claim}, [], lease=LEASE)
    shared.empty()

    after = await shared.one.beat("a", {"s": claim}, [], lease=LEASE)

    assert after.kept == {"s"}
    assert after.epoch != before.epoch
    assert after.since == pytest.approx(after.at, abs=1.0)
    assert await shared.other.acquire("b", "s", lease=LEASE) is None
    assert await shared.one.write("s", claim.fence, "us", {"a": b"1"}, [], None)


async def test_a_holder_that_writes_before_it_beats_again_keeps_its_shard(shared: Shared) -> None:
    claim = await granted(shared.one, "a")
    shared.empty()

    assert await shared.one.write("s", claim.fence, "us", {"a": b"1"}, [], None)
    assert (await shared.one.beat("a", {"s": claim}, [], lease=LEASE)).kept == {"s"}


async def test_whoever_is_granted_a_shard_first_after_everything_was_lost_holds_it(shared: Shared) -> None:
    old = await granted(shared.one, "a")
    shared.empty()
    shared.pass_time(0.001)
    new = await granted(shared.other, "b")

    assert new.fence > old.fence
    assert (await shared.one.beat("a", {"s": old}, [], lease=LEASE)).kept == frozenset()
    assert not await shared.one.write("s", old.fence, "us", {"a": b"old"}, [], None)
    assert (await shared.other.beat("b", {"s": new}, [], lease=LEASE)).kept == {"s"}


async def test_an_epoch_lasts_until_everything_is_lost(shared: Shared) -> None:
    first = await shared.one.beat("a", {}, [], lease=LEASE)
    shared.pass_time(3600)
    await shared.other.write("s", 1, "us", {}, [], b"said")
    second = await shared.other.beat("b", {}, [], lease=LEASE)

    assert (first.epoch, first.since) == (second.epoch, second.since)
    assert (await shared.one.mark()).epoch == first.epoch


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
