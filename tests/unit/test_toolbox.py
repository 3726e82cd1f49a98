"""The toolbox: what the vendor counts together is shared, and spent at most as the strictest user says."""

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
