"""Several programs spend one credential: together they keep its limit and use it, and each gets its part."""

import asyncio
import random
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from fleet_spending import BEGIN, SHARED, VENDOR, Meeting, Program, everything, greedy, now, over, program
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccstats import Monitor
from ccstats.adapter import Toolbox
from ccstats.budget import InFlight, Limit, Pace
from ccstats.config import Config, Limits, Poll
from ccstats.coordination import LocalCoordinator, Spent
from ccstats.testing import FakeAdapter, FakeOptions
from ccstats.testing.virtual import VirtualLoop


@pytest.mark.parametrize("limit", [VENDOR, Limit(60, 60), Limit(12, 60), Limit(50, 1)], ids=str)
@pytest.mark.parametrize("many", [1, 2, 5])
def test_all_programs_together_keep_the_limit_use_it_and_get_a_fair_part(many: int, limit: Limit) -> None:
    seconds = 12_000 / limit.requests * limit.window / 10

    async def main() -> list[Program]:
        meeting = Meeting()
        programs = [program(meeting, limit=limit, ahead=30.0 * (number == 0)) for number in range(many)]
        await greedy(programs, seconds)
        return programs

    programs = VirtualLoop().run(main())
    pace, sent = programs[0].budgets[0].pace, everything(programs)
    assert over(sent, pace) <= 1e-4
    assert len(sent) >= 0.9 * (pace.burst + pace.rate * seconds)
    assert min(len(one.sent) for one in programs) >= 0.8 * len(sent) / many


def test_requests_of_a_program_leave_in_the_order_in_which_they_came() -> None:
    async def main() -> list[int]:
        meeting, order = Meeting(lambda: 0.003), []
        one, other = program(meeting), program(meeting)

        async def send(number: int) -> None:
            await one.send()
            order.append(number)

        rival = asyncio.create_task(greedy([other], 60))
        await asyncio.sleep(5)
        await asyncio.gather(*(send(number) for number in range(60)))
        await rival
        await one.toolbox.close()
        return order

    assert VirtualLoop().run(main()) == list(range(60))


def test_nobody_waits_much_longer_than_the_others() -> None:
    """Of 5 programs that always want more than there is, each sends again within twice its turn."""

    async def main() -> list[Program]:
        meeting = Meeting()
        programs = [program(meeting, limit=Limit(60, 60)) for _ in range(5)]
        await greedy(programs, 1200)
        return programs

    programs = VirtualLoop().run(main())
    turn = 5 / programs[0].budgets[0].pace.rate
    for one in programs:
        assert max(later - at for at, later in pairwise(one.sent[3:])) <= 2.2 * turn


millis = st.integers(0, 3000).map(lambda n: n / 1000)
jobs = st.lists(st.tuples(st.integers(0, 2), st.just(0.0) | millis, st.none() | st.none() | millis), max_size=60)
outages = st.none() | st.tuples(millis, millis, st.booleans())


@settings(max_examples=200, deadline=None)
@given(
    jobs, st.sampled_from([Limit(60, 60), Limit(12, 60), VENDOR]), st.none() | st.integers(10, 200), outages, st.data()
)
def test_whoever_comes_goes_or_pauses_no_window_is_over_the_limit(
    jobs: Any, limit: Limit, cap: int | None, outage: Any, data: Any
) -> None:
    chance = random.Random(data.draw(st.integers(0, 9)))
    limits = Limits(shared=True, requests_per_minute=cap)

    async def main() -> tuple[list[Program], int]:
        loop, meeting, tasks = asyncio.get_running_loop(), Meeting(lambda: chance.choice([0.0, 0.001, 0.2])), []
        programs = [program(meeting, limit=limit, limits=limits) for _ in range(3)]
        if outage is not None:
            start, length, hangs = outage
            loop.call_at(start, setattr, meeting, "hangs" if hangs else "away", True)
            loop.call_at(start + length, lambda: vars(meeting).update(hangs=False, away=False))
        for which, pause, patience in jobs:
            await asyncio.sleep(pause)
            tasks.append(asyncio.create_task(programs[which].send()))
            if patience is not None:
                loop.call_later(patience, tasks[-1].cancel)
        done = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 3600)
        for one in programs:
            assert [budget.waiting for budget in one.budgets] == [0] * len(one.budgets)
            await one.toolbox.close()
        return programs, sum(isinstance(one, BaseException) for one in done)

    programs, cancelled = VirtualLoop().run(main())
    sent = everything(programs)
    assert len(sent) == len(jobs) - cancelled
    for budget in programs[0].budgets:
        # What one limit has granted waits for the answer about the other one.
        late = 0.4 * budget.pace.rate if cap is not None else 0.0
        assert over(sent, budget.pace) <= 1e-4 + late + (0 if outage is None else len(programs))


def test_what_is_cancelled_while_it_asks_gives_everything_back() -> None:
    async def main() -> list[float]:
        meeting = Meeting(lambda: 0.3)
        one = program(meeting, limit=Limit(12, 60))
        for _ in range(20):
            task = asyncio.create_task(one.send())
            await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.wait([task])
        await asyncio.wait_for(one.send(), 60)
        await one.toolbox.close()
        return one.sent

    assert VirtualLoop().run(main()) == [pytest.approx(2.3)]


def test_a_limit_that_is_not_shared_asks_nobody() -> None:
    async def main() -> int:
        meeting = Meeting()
        await greedy([program(meeting, limits=Limits())], 60)
        return meeting.asked

    assert VirtualLoop().run(main()) == 0


def test_a_limit_is_shared_as_long_as_one_of_its_users_says_so() -> None:
    toolbox = Toolbox(coordinator=LocalCoordinator())
    with toolbox.lent() as one:
        budget = one.budget("k", VENDOR, SHARED)
        with toolbox.lent() as other:
            assert other.budget("k", VENDOR, Limits()) is budget
            assert budget.others is not None
            with toolbox.lent() as last:
                last.budget("k", VENDOR, Limits())
        assert budget.others is not None
    with toolbox.lent() as later:
        later.budget("k", VENDOR, Limits())
        assert budget.others is None


def test_what_is_known_where_programs_meet_shows_no_account() -> None:
    names = set()

    class Listening(Meeting):
        async def spend(self, key: str, *, rate: float, burst: int, spender: str) -> Spent:
            names.add(key)
            return await super().spend(key, rate=rate, burst=burst, spender=spender)

    async def main() -> None:
        await greedy([program(Listening()), program(Listening())], 10)

    VirtualLoop().run(main())
    assert len(names) == 1
    assert "AC123" not in names.pop()


def _config(**limits: Any) -> Config:
    options = FakeOptions(adapter="fake", credential="one|AC123", limit=120, limits=Limits(shared=True, **limits))
    return Config(poll=Poll(realtime_every=20, discovery_every=86400), sources={"us": options})


def test_monitors_of_several_programs_share_a_credential_without_a_failed_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three want twice what the credential may send."""
    vendors = [FakeAdapter() for _ in range(3)]
    for vendor in vendors:
        vendor["us"].many(24).takes = lambda _: 0.3

    async def main() -> list[int]:
        meeting, failed = Meeting(lambda: 0.002), []
        async with AsyncExitStack() as stack:
            monitors = []
            for number, vendor in enumerate(vendors):
                monkeypatch.setattr("ccstats.registry.load_adapter", {"fake": vendor}.__getitem__)
                clock = lambda ahead=30.0 * (number == 0): BEGIN + timedelta(seconds=now() + ahead)  # noqa: E731 - bound
                monitors.append(await stack.enter_async_context(Monitor(_config(), clock=clock, coordinator=meeting)))
            await asyncio.sleep(1800)
            failed = [monitor.stats().sources[0].failed_polls for monitor in monitors]
        assert not meeting.closed, "who gives a coordinator closes it"
        return failed

    assert VirtualLoop().run(main()) == [0, 0, 0]
    sent = sorted(at for vendor in vendors for at in vendor["us"].sent())
    pace = Limit(120, 60).scaled(0.9).pace()
    assert over(sent, pace) <= 1e-4
    assert len(sent) >= 0.9 * pace.rate * 1800
    assert min(len(vendor["us"].sent()) for vendor in vendors) >= 0.8 * len(sent) / 3


wishes = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from([(0,), (1,), (0, 2), (1, 2), (0, 1, 2)]),
        st.just(0.0) | millis,
        st.none() | st.none() | millis,
    ),
    max_size=40,
)


ONE_A_SECOND = Limit(60, 60)
TWICE = [(0, (0,), 0.0, None), (0, (1, 2), 0.0, None), (0, (0, 2), 0.0, None), (1, (0, 2), 0.624, None)]


@settings(max_examples=300, deadline=None)
@example(TWICE, (ONE_A_SECOND, ONE_A_SECOND, ONE_A_SECOND), 1)
@given(wishes, st.tuples(*[st.sampled_from([Limit(60, 60), Limit(12, 60), VENDOR])] * 3), st.integers(1, 3))
def test_of_several_shared_limits_every_one_is_kept_and_everybody_gets_through(
    wishes: Any, limits: Any, total: int
) -> None:
    async def main() -> tuple[list[list[float]], list[Pace], list[int]]:
        loop, meeting, tasks = asyncio.get_running_loop(), Meeting(lambda: 0.01), []
        boxes = [Toolbox(coordinator=meeting) for _ in range(2)]
        budgets = [[box.budget(str(i), limit, SHARED) for i, limit in enumerate(limits)] for box in boxes]
        slots = [box.slots("s", total) for box in boxes]
        sent: list[list[float]] = [[], [], []]

        async def send(which: int, spends: tuple[int, ...]) -> None:
            async with InFlight([budgets[which][i] for i in spends], slots[which]):
                for i in spends:
                    sent[i].append(now())
                await asyncio.sleep(0.1)

        for which, spends, pause, patience in wishes:
            await asyncio.sleep(pause)
            tasks.append(asyncio.create_task(send(which, spends)))
            if patience is not None:
                loop.call_later(patience, tasks[-1].cancel)
        if tasks:
            _, lost = await asyncio.wait(tasks, timeout=10_000)
            assert not lost
        free = [sum(each.try_acquire() for _ in range(total + 1)) for each in slots]
        for box in boxes:
            await box.close()
        return sent, [each.pace for each in budgets[0]], free

    sent, paces, free = VirtualLoop().run(main())
    assert free == [total, total], "every slot came back"
    for times, pace in zip(sent, paces, strict=True):
        # What one limit has granted waits for the answers about the others, two at most.
        assert over(times, pace) <= 1e-4 + 0.02 * pace.rate
