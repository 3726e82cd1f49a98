"""What every coordinator promises of leases and workers, in this process and on a real Redis server alike."""

import asyncio

import pytest
from fleet_shared import LEASE, Shared, granted

from ccstats.coordination import Claim, Heritage, Lease

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
