"""A budget in single steps: free when idle, fair when full, and never loosened."""

import asyncio
from typing import Any

import pytest

from ccstats.budget import LONGEST_PAUSE, Budget, Limit, RateHint

pytestmark = pytest.mark.looptime
A_SECOND_EACH = Limit(1, 1 / 1.01)
"""Burst 1, one grant a second."""


def one_a_second() -> Budget:
    return Budget("b", A_SECOND_EACH, factor=1.0)


def now() -> float:
    return asyncio.get_running_loop().time()


def timers() -> list[Any]:
    return [handle for handle in asyncio.get_running_loop()._scheduled if not handle.cancelled()]


async def _spend(budget: Budget) -> float:
    await budget.acquire()
    budget.commit()
    return now()


def _spent(budget: Budget) -> bool:
    granted = budget.try_acquire()
    if granted:
        budget.commit()
    return granted


async def test_a_free_grant_costs_no_time_and_no_timer() -> None:
    assert await _spend(Budget("b", Limit(100, 10))) == 0
    assert timers() == []


async def test_an_idle_budget_keeps_neither_timers_nor_tasks() -> None:
    budget = one_a_second()
    await asyncio.gather(*(_spend(budget) for _ in range(5)))
    assert (timers(), len(asyncio.all_tasks()), budget.waiting) == ([], 1, 0)


async def test_a_thousand_waiters_need_one_timer() -> None:
    budget = one_a_second()
    tasks = [asyncio.create_task(_spend(budget)) for _ in range(1000)]
    await asyncio.sleep(0)
    assert (len(timers()), budget.waiting) == (1, 999)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert (timers(), budget.waiting) == ([], 0)


async def test_waiters_are_served_evenly_and_in_order() -> None:
    budget = one_a_second()
    assert await asyncio.gather(*(_spend(budget) for _ in range(5))) == pytest.approx([0, 1, 2, 3, 4], abs=1e-5)


async def test_nobody_overtakes_who_waits() -> None:
    budget = one_a_second()
    await _spend(budget)
    waiter = asyncio.create_task(_spend(budget))
    await asyncio.sleep(0.5)
    assert not budget.try_acquire()
    await asyncio.sleep(0.49)
    assert not budget.try_acquire()
    assert await waiter == pytest.approx(1, abs=1e-5)


async def test_a_cancelled_waiter_spends_nothing_and_delays_nobody() -> None:
    budget = one_a_second()
    await _spend(budget)
    waiters = [asyncio.create_task(_spend(budget)) for _ in range(10)]
    await asyncio.sleep(0.5)
    for waiter in waiters[:9]:
        waiter.cancel()
    assert await waiters[9] == pytest.approx(1, abs=1e-5)


async def test_who_is_granted_and_cancelled_in_one_instant_gives_the_grant_back() -> None:
    budget = one_a_second()
    assert budget.try_acquire()
    waiter = asyncio.create_task(budget.acquire())
    await asyncio.sleep(0)
    budget.release()
    for _ in range(2):
        await asyncio.sleep(0)
    assert (budget.waiting, waiter.done()) == (0, False), "granted, and not yet aware of it"
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert _spent(budget)
    assert not _spent(budget)


async def test_a_released_grant_goes_to_the_next_at_once() -> None:
    budget = one_a_second()
    assert budget.try_acquire()
    waiter = asyncio.create_task(_spend(budget))
    await asyncio.sleep(0.25)
    budget.release()
    assert await waiter == pytest.approx(0.25, abs=1e-5)


async def test_what_is_released_never_makes_more_than_full() -> None:
    budget = Budget("b", Limit(100, 10), factor=1.0)
    for _ in range(20):
        assert budget.try_acquire()
        budget.release()
    assert [_spent(budget) for _ in range(10)].count(True) == budget.pace.burst


async def test_a_grant_that_is_held_counts_as_if_it_left_now() -> None:
    budget = Budget("b", Limit(100, 10), factor=1.0)
    burst, rate = budget.pace.burst, budget.pace.rate
    held = [budget.try_acquire() for _ in range(burst)]
    assert held == [True] * burst
    await asyncio.sleep(60)
    assert not budget.try_acquire()
    waiter = asyncio.create_task(_spend(budget))
    await asyncio.sleep(1)
    for _ in range(burst):
        budget.commit()
    assert await waiter == pytest.approx(61 + 1 / rate, abs=1e-4), "a minute of holding has saved up nothing"


async def test_what_is_free_is_what_can_be_taken() -> None:
    budget = Budget("b", Limit(100, 10), factor=1.0)
    for wait in (0, 0.05, 0.11, 0.3, 5):
        await asyncio.sleep(wait)
        free = budget.free()
        assert [_spent(budget) for _ in range(10)].count(True) == free
        assert budget.free() == 0
    budget.pause(5)
    await asyncio.sleep(4.9)
    assert budget.free() == 0


async def test_a_pause_holds_everybody_and_a_shorter_one_does_not_shorten_it() -> None:
    budget = Budget("b", Limit(600, 60))
    tasks = [asyncio.create_task(_spend(budget)) for _ in range(3)]
    budget.pause(20)
    budget.pause(5)
    assert (budget.paused_for(), budget.level()) == (20, 0)
    assert min(await asyncio.gather(*tasks)) == pytest.approx(20, abs=1e-5)


async def test_a_longer_pause_moves_those_who_wait_already() -> None:
    budget = Budget("b", Limit(600, 60))
    budget.pause(5)
    waiter = asyncio.create_task(_spend(budget))
    await asyncio.sleep(4)
    budget.pause(6)
    assert await waiter == pytest.approx(10, abs=1e-5)


@pytest.mark.parametrize(
    ("seconds", "paused"),
    [(-1, 0), (0, 0), (1e9, LONGEST_PAUSE), (float("inf"), LONGEST_PAUSE), (float("nan"), 0), (-float("inf"), 0)],
)
async def test_an_absurd_pause_is_bounded(seconds: float, paused: float) -> None:
    budget = one_a_second()
    budget.pause(seconds)
    assert budget.paused_for() == paused


async def test_a_stricter_limit_of_the_vendor_is_followed() -> None:
    budget = Budget("b", Limit(600, 60), factor=1.0)
    budget.observe(RateHint(limit=Limit(60, 60)), "GET /a")
    assert budget.pace == Limit(60, 60).pace()


async def test_a_looser_limit_of_the_vendor_changes_nothing() -> None:
    budget = Budget("b", Limit(60, 60), factor=1.0)
    budget.observe(RateHint(limit=Limit(6000, 60)), "GET /a")
    assert budget.pace == Limit(60, 60).pace()


async def test_the_strictest_endpoint_holds_until_it_says_otherwise() -> None:
    budget = Budget("b", Limit(600, 60), factor=1.0)
    budget.observe(RateHint(limit=Limit(60, 60)), "GET /a")
    budget.observe(RateHint(limit=Limit(300, 60)), "GET /b")
    assert budget.pace == Limit(60, 60).pace()
    budget.observe(RateHint(limit=Limit(200, 60)), "GET /a")
    assert budget.pace == Limit(200, 60).pace()
    budget.observe(RateHint(), "GET /a")
    assert budget.pace == Limit(200, 60).pace()


async def test_the_margin_holds_for_told_limits_too() -> None:
    budget = Budget("b", Limit(600, 60), factor=0.5)
    budget.observe(RateHint(limit=Limit(100, 60)), "GET /a")
    assert budget.pace == Limit(50, 60).pace()


async def test_a_limit_of_less_than_one_request_is_no_limit_anybody_means() -> None:
    budget = Budget("b", Limit(60, 60), factor=1.0)
    budget.observe(RateHint(limit=Limit(0, 60)), "GET /a")
    assert budget.pace == Limit(60, 60).pace()


async def test_with_nothing_remaining_the_reset_is_awaited() -> None:
    budget = Budget("b", Limit(600, 60))
    budget.observe(RateHint(remaining=1, reset=30), "GET /a")
    assert budget.paused_for() == 0
    budget.observe(RateHint(remaining=0), "GET /a")
    assert budget.paused_for() == 0
    budget.observe(RateHint(remaining=0, reset=30), "GET /a")
    assert budget.paused_for() == 30


async def test_those_who_wait_follow_a_new_pace_at_once() -> None:
    budget = one_a_second()
    await _spend(budget)
    tasks = [asyncio.create_task(_spend(budget)) for _ in range(2)]
    await asyncio.sleep(0.5)
    budget.restrict(Limit(1, 10 / 1.01), 1.0)
    first, second = await asyncio.gather(*tasks)
    assert second - first == pytest.approx(10, abs=1e-5)


async def test_a_second_user_can_tighten_a_budget_and_never_loosen_it() -> None:
    budget = Budget("b", Limit(60, 60), factor=0.5)
    budget.restrict(Limit(600, 60), 1.0)
    assert budget.pace == Limit(30, 60).pace()
    budget.restrict(Limit(60, 60), 0.25)
    assert budget.pace == Limit(15, 60).pace()
    budget.restrict(Limit(40, 60), 0.25)
    assert budget.pace == Limit(10, 60).pace()


async def test_the_level_sinks_with_each_grant_and_recovers_with_time() -> None:
    budget = Budget("b", Limit(100, 10), factor=1.0)
    assert budget.level() == 1
    for _ in range(budget.pace.burst):
        await _spend(budget)
    assert budget.level() == pytest.approx(0)
    await asyncio.sleep(budget.pace.burst / budget.pace.rate / 2)
    assert budget.level() == pytest.approx(0.5, abs=1e-3)


async def test_the_expected_wait_is_what_the_next_one_waits() -> None:
    budget = one_a_second()
    assert budget.wait_expected() == 0
    tasks = [asyncio.create_task(_spend(budget)) for _ in range(4)]
    await asyncio.sleep(0.25)
    expected = budget.wait_expected()
    came = now()
    assert await _spend(budget) - came == pytest.approx(expected, abs=1e-5)
    await asyncio.gather(*tasks)


async def test_a_budget_says_its_key_pace_and_queue() -> None:
    assert repr(one_a_second()) == "<Budget b: 1/s, burst 1, 0 waiting>"
