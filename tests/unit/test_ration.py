"""Several limits at once: nothing is held while waiting, so every limit keeps its own law, and all get through."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccstats.budget import Budget, InFlight, Limit, Pace, Slots

millis = st.integers(0, 3000).map(lambda n: n / 1000)
SLOW, SLOWER, QUICK = Limit(60, 60), Limit(30, 60), Limit(3000, 60)


@dataclass(frozen=True)
class Job:
    """A request: how long after the one before, which limits it spends, how long it takes, when it is cancelled."""

    pause: float
    spends: tuple[int, ...]
    takes: float
    patience: float | None


@dataclass
class Run:
    granted: list[list[float]]
    done: int = 0
    flying: int = 0
    most: int = 0
    free: int | None = None
    lost: list[int] = field(default_factory=list)


jobs = st.lists(
    st.builds(
        Job,
        st.just(0.0) | millis,
        st.sampled_from([(0,), (1,), (0, 2), (1, 2), (0, 1, 2), ()]),
        st.just(0.0) | millis,
        st.none() | st.none() | millis,
    ),
    min_size=1,
    max_size=40,
)
pauses = st.lists(st.tuples(millis, st.sampled_from([(0, 2), (1, 2), (2,)]), st.integers(1, 60)), max_size=3)


async def _fly(budgets: Sequence[Budget], slots: Slots | None, jobs: Sequence[Job], pauses: Any) -> Run:
    loop, run, tasks = asyncio.get_running_loop(), Run([[] for _ in budgets]), []

    async def one(job: Job) -> None:
        async with InFlight([budgets[i] for i in job.spends], slots):
            for i in job.spends:
                run.granted[i].append(loop.time())
            run.flying += 1
            run.most = max(run.most, run.flying)
            try:
                await asyncio.sleep(job.takes)
            finally:
                run.flying -= 1
        run.done += 1

    for start, which, length in pauses:
        for i in which:
            loop.call_at(start, budgets[i].pause, length)
    for job in jobs:
        await asyncio.sleep(job.pause)
        tasks.append(asyncio.create_task(one(job)))
        if job.patience is not None:
            loop.call_later(job.patience, tasks[-1].cancel)
        await asyncio.sleep(0)
    await asyncio.wait(tasks, timeout=10_000)
    run.lost = [i for i, task in enumerate(tasks) if not task.done()]
    run.free = await _free(slots) if slots is not None else None
    return run


async def _free(slots: Slots) -> int:
    """How many can be taken without waiting; takes them."""
    free = 0
    with contextlib.suppress(TimeoutError):
        while True:
            async with asyncio.timeout(1):
                await slots.acquire()
            free += 1
    return free


def _within(times: Sequence[float], pace: Pace) -> bool:
    ends = [(i - pace.rate * time, i) for i, time in enumerate(times)]
    return all(last - first + 1 <= pace.burst + 1e-4 for i, (first, _) in enumerate(ends) for last, _ in ends[i:])


@settings(max_examples=120, deadline=None)
@given(jobs, pauses, st.tuples(*[st.sampled_from([SLOW, SLOWER, QUICK])] * 3), st.none() | st.integers(1, 4))
def test_every_limit_keeps_its_law_and_everybody_gets_through(
    virtual: Any, jobs: list[Job], pauses: Any, limits: Sequence[Limit], total: int | None
) -> None:
    budgets = [Budget(str(i), limit, factor=1.0) for i, limit in enumerate(limits)]
    slots = Slots("s", total) if total is not None else None
    run = virtual(lambda: _fly(budgets, slots, jobs, pauses))
    assert run.lost == []
    assert run.done >= sum(job.patience is None for job in jobs)
    assert run.most <= (total or len(jobs))
    assert all(_within(times, budget.pace) for times, budget in zip(run.granted, budgets, strict=True))
    for start, which, length in pauses:
        for i in which:
            assert [time for time in run.granted[i] if start < time < start + length - 1e-6] == []
    assert [budget.waiting for budget in budgets] == [0, 0, 0]
    assert run.free == total, "every slot came back"


@pytest.mark.parametrize("limit", [SLOW, SLOWER])
@pytest.mark.parametrize("slots", [None, 2])
def test_a_pause_of_two_limits_with_waiters_at_both_ends_for_somebody(
    virtual: Any, limit: Limit, slots: int | None
) -> None:
    # The cap is paused, so the first ten wait for it; then a 429 pauses both, so the next ten wait for the first limit.
    # When both pauses end in one instant, those who get the one find others waiting for the other.
    async def main() -> int:
        first, cap = Budget("first", limit, factor=1.0), Budget("cap", limit, factor=1.0)
        held = Slots("s", slots) if slots is not None else None
        done = 0

        async def one() -> None:
            nonlocal done
            async with InFlight([first, cap], held):
                done += 1

        cap.pause(5)
        tasks = [asyncio.create_task(one()) for _ in range(10)]
        await asyncio.sleep(1)
        first.pause(5)
        cap.pause(5)
        tasks += [asyncio.create_task(one()) for _ in range(10)]
        await asyncio.gather(*tasks)
        return done

    assert virtual(main) == 20


def test_a_long_block_of_one_limit_lets_nobody_save_up_grants_of_another(virtual: Any) -> None:
    async def main() -> list[float]:
        quick, blocked = Budget("quick", QUICK, factor=1.0), Budget("blocked", QUICK, factor=1.0)
        blocked.pause(120)
        granted = []

        async def one() -> None:
            async with InFlight([quick, blocked], None):
                granted.append(asyncio.get_running_loop().time())

        await asyncio.gather(*(one() for _ in range(400)))
        return granted

    granted = virtual(main)
    assert min(granted) >= 120
    assert _within(granted, QUICK.pace())


def test_who_has_a_grant_and_waits_for_a_slot_leaves_after_a_pause_that_comes_meanwhile(virtual: Any) -> None:
    # A 429 comes to the one who holds the slot; the slot it frees must not send the next one into the pause.
    async def main() -> list[float]:
        loop, budget, slots, left = asyncio.get_running_loop(), Budget("b", QUICK, factor=1.0), Slots("s", 1), []

        async def one(number: int) -> None:
            async with InFlight([budget], slots):
                left.append(loop.time())
                await asyncio.sleep(0.1)
                if number == 0:
                    budget.pause(5)

        await asyncio.gather(*(one(number) for number in range(5)))
        return left

    first, *others = virtual(main)
    assert first == 0
    assert min(others) >= 5.1 - 1e-6


@pytest.mark.parametrize("start", [0.923, 0.1, 0.7, 1.1])
def test_a_pause_that_ends_a_rounding_error_later_is_not_waited_for_for_ever(virtual: Any, start: float) -> None:
    async def main() -> float:
        budgets = [Budget(key, QUICK, factor=1.0) for key in "ab"]
        await asyncio.sleep(start)
        for budget in budgets:
            budget.pause(25)
        async with InFlight(budgets, Slots("s", 1)):
            return asyncio.get_running_loop().time()

    assert virtual(main) == pytest.approx(start + 25)


@pytest.mark.parametrize("paused", [True, False], ids=["paused", "slow"])
@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("b", "a")])
def test_while_one_limit_blocks_some_the_other_limits_serve_the_rest(
    virtual: Any, one: str, other: str, paused: bool
) -> None:
    async def main() -> float:
        shared, blocked = Budget(one, SLOW, factor=1.0), Budget(other, Limit(1, 600), factor=1.0)
        if paused:
            blocked.pause(300)

        async def send(*budgets: Budget) -> float:
            async with InFlight(budgets, None):
                return asyncio.get_running_loop().time()

        stuck = [asyncio.create_task(send(blocked, shared)) for _ in range(20)]
        stuck += [asyncio.create_task(send(shared, blocked)) for _ in range(20)]
        await asyncio.sleep(1)
        last = max(await asyncio.gather(*(send(shared) for _ in range(10))))
        for task in stuck:
            task.cancel()
        await asyncio.wait(stuck)
        return last

    assert virtual(main) < 15


@pytest.mark.parametrize("several", [False, True])
def test_under_steady_load_nobody_is_overtaken_for_long(virtual: Any, several: bool) -> None:
    async def main() -> dict[int, tuple[float, float]]:
        loop, times, tasks = asyncio.get_running_loop(), {}, []
        budgets = [Budget("a", SLOW, factor=1.0), *([Budget("b", SLOW, factor=1.0)] if several else [])]

        async def one(number: int) -> None:
            came = loop.time()
            async with InFlight(budgets, None):
                times[number] = (came, loop.time())

        for number in range(30):
            tasks.append(asyncio.create_task(one(number)))
        for number in range(30, 300):
            await asyncio.sleep(0.9)
            tasks.append(asyncio.create_task(one(number)))
        await asyncio.gather(*tasks)
        return times

    times = virtual(main)
    assert len(times) == 300
    overtaken = [sum(left < times[i][1] for came, left in times.values() if came > times[i][0]) for i in times]
    assert max(overtaken) <= 5


@pytest.mark.looptime
async def test_a_slot_comes_back_whatever_happens_InFlight() -> None:
    slots = Slots("s", 1)
    for failure in (ValueError("x"), asyncio.CancelledError()):
        with pytest.raises(type(failure)):
            async with InFlight([], slots):
                raise failure
    assert await _free(slots) == 1


@pytest.mark.looptime
async def test_a_grant_is_spent_also_when_the_request_fails() -> None:
    budget = Budget("b", Limit(1, 10), factor=1.0)
    with pytest.raises(ValueError, match="broken"):
        async with InFlight([budget], None):
            raise ValueError("broken")
    assert not budget.try_acquire()


@pytest.mark.looptime
async def test_who_gives_up_waiting_for_a_slot_has_spent_nothing() -> None:
    slots, budget = Slots("s", 1), Budget("b", Limit(1, 10), factor=1.0)
    await slots.acquire()

    async def one() -> None:
        async with InFlight([budget], slots):
            pass

    task = asyncio.create_task(one())
    await asyncio.sleep(1)
    assert budget.level() == 1
    task.cancel()
    await asyncio.wait([task])
    assert budget.try_acquire()
    slots.release()
    assert await _free(slots) == 1


@pytest.mark.looptime
async def test_slots_serve_in_order_of_arrival() -> None:
    slots, served = Slots("s", 1), []

    async def one(number: int) -> None:
        async with InFlight([], slots):
            served.append(number)
            await asyncio.sleep(1)

    await asyncio.gather(*(one(number) for number in range(5)))
    assert served == [0, 1, 2, 3, 4]
    assert repr(slots) == "<Slots s: 1>"
