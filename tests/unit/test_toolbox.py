"""The toolbox: what the vendor counts together is shared, and spent at most as the strictest user says."""

from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from ccstats.adapter import Toolbox
from ccstats.budget import Limit
from ccstats.config import Limits

VENDOR = Limit(600, 60)


def test_two_sources_on_one_credential_share_budget_slots_and_token() -> None:
    toolbox = Toolbox()
    assert toolbox.budget("genesys|c", VENDOR, Limits()) is toolbox.budget("genesys|c", VENDOR, Limits())
    assert toolbox.slots("genesys|c", 10) is toolbox.slots("genesys|c", 20)
    assert toolbox.token("genesys|c") is toolbox.token("genesys|c")
    assert toolbox.budget("genesys|d", VENDOR, Limits()) is not toolbox.budget("genesys|c", VENDOR, Limits())
    assert [budget.key for budget in toolbox.budgets] == ["genesys|c", "genesys|d"]


def test_a_tenth_of_every_vendors_limit_is_left_unspent() -> None:
    assert Toolbox().budget("k", VENDOR, Limits()).pace == VENDOR.scaled(0.9).pace()


def test_a_share_is_taken_of_what_may_be_spent() -> None:
    assert Toolbox().budget("k", VENDOR, Limits(share=0.5)).pace == VENDOR.scaled(0.45).pace()


@pytest.mark.parametrize("shares", [(1.0, 0.5), (0.5, 1.0)])
async def test_the_smaller_share_holds_for_all_who_spend_a_budget(shares: tuple[float, float]) -> None:
    toolbox = Toolbox()
    for share in shares:
        budget = toolbox.budget("k", VENDOR, Limits(share=share))
    assert budget.pace == VENDOR.scaled(0.45).pace()


async def test_a_cap_is_what_the_user_wrote_and_nothing_where_nothing_was_written() -> None:
    toolbox = Toolbox()
    assert toolbox.cap("k", Limits()) == ()
    (cap,) = toolbox.cap("k", Limits(requests_per_minute=150))
    assert cap.pace == Limit(150, 60).pace()
    assert toolbox.cap("k", Limits(requests_per_minute=150)) == (cap,)
    toolbox.cap("k", Limits(requests_per_minute=50))
    assert cap.pace == Limit(50, 60).pace()


@pytest.mark.parametrize("rate", [0.001, 1, 1e9])
def test_any_cap_that_a_file_may_hold_makes_a_working_budget(rate: float) -> None:
    (cap,) = Toolbox().cap("k", Limits(requests_per_minute=rate))
    assert cap.pace.rate > 0


def test_each_host_gets_a_clock_of_its_own_on_the_given_time() -> None:
    toolbox = Toolbox(clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    first, second = toolbox.clock(), toolbox.clock()
    sent = first.local()
    first.observe("Thu, 01 Jan 2026 01:00:00 GMT", sent, sent)
    assert first.now() == datetime(2026, 1, 1, 1, tzinfo=UTC)
    assert second.now() == sent


async def test_closing_a_toolbox_that_was_never_used_is_quiet() -> None:
    toolbox = Toolbox()
    toolbox.token("k")
    await toolbox.close()


async def test_what_a_source_was_configured_with_ends_with_it() -> None:
    """A reload opens it anew before the old one ends: then the new numbers hold, stricter or looser."""
    toolbox, limit = Toolbox(), Limit(6000, 60)
    with toolbox.lent() as old:
        budget = old.budget("b", limit, Limits(share=0.1))
        slots = old.slots("s", 2)
        tight = budget.pace.rate
        with toolbox.lent() as new:
            assert (new.budget("b", limit, Limits(share=0.5)), new.slots("s", 5)) == (budget, slots)
            assert (budget.pace.rate, slots.total) == (tight, 2)
    assert (budget.pace.rate, slots.total) == (pytest.approx(tight), 2)


async def test_what_the_last_one_asked_for_holds_until_somebody_else_comes() -> None:
    toolbox, limit = Toolbox(), Limit(6000, 60)
    with toolbox.lent() as old:
        budget, slots = old.budget("b", limit, Limits(share=0.1)), old.slots("s", 2)
        tight = budget.pace.rate
    assert (budget.pace.rate, slots.total) == (tight, 2)
    with toolbox.lent() as new:
        new.budget("b", limit, Limits(share=0.5))
        new.slots("s", 5)
        assert budget.pace.rate == pytest.approx(5 * tight, rel=0.01)
        assert slots.total == 5


async def test_the_new_numbers_hold_when_the_old_source_has_ended() -> None:
    toolbox, limit = Toolbox(), Limit(6000, 60)
    old, new = ExitStack(), ExitStack()
    one, other = old.enter_context(toolbox.lent()), new.enter_context(toolbox.lent())
    budget, slots = one.budget("b", limit, Limits(share=0.1)), one.slots("s", 2)
    tight = budget.pace.rate
    other.budget("b", limit, Limits(share=0.5))
    other.slots("s", 5)
    old.close()
    assert budget.pace.rate == pytest.approx(5 * tight, rel=0.01)
    assert slots.total == 5
    new.close()


async def test_slots_that_become_fewer_let_finish_what_is_in_flight() -> None:
    toolbox = Toolbox()
    with toolbox.lent() as one, toolbox.lent() as other:
        slots = one.slots("s", 4)
        for _ in range(4):
            await slots.acquire()
        other.slots("s", 2)
        for _ in range(2):
            slots.release()
            assert not slots.try_acquire()
        slots.release()
        assert slots.try_acquire()
        slots.release()
        slots.release()
    assert slots.total == 4
    assert [slots.try_acquire() for _ in range(5)] == [True, True, True, True, False]
