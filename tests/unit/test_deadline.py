"""Deadlines: what takes too long ends, nothing else does, and one timer serves all of one length."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccstats.deadline import Deadlines

pytestmark = pytest.mark.looptime


@pytest.fixture
def deadlines() -> Iterator[Deadlines]:
    found = Deadlines()
    yield found
    found.close()


async def test_what_takes_too_long_ends_with_a_timeout(deadlines: Deadlines) -> None:
    with pytest.raises(TimeoutError), deadlines.within(10) as deadline:
        await asyncio.sleep(60)

    assert deadline.expired
    assert asyncio.get_running_loop().time() == pytest.approx(10)


async def test_what_ends_in_time_is_left_alone(deadlines: Deadlines) -> None:
    with deadlines.within(10) as deadline:
        await asyncio.sleep(9)
    await asyncio.sleep(60)

    assert not deadline.expired


async def test_a_timeout_of_the_body_itself_is_no_expiry(deadlines: Deadlines) -> None:
    with pytest.raises(TimeoutError, match="theirs"), deadlines.within(10) as deadline:
        raise TimeoutError("theirs")

    assert not deadline.expired


async def test_a_cancellation_from_outside_stays_one(deadlines: Deadlines) -> None:
    async def work() -> None:
        with deadlines.within(10):
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_in_the_moment_of_the_deadline_is_not_swallowed(deadlines: Deadlines) -> None:
    async def work() -> None:
        with deadlines.within(10):
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    asyncio.get_running_loop().call_at(10, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_inner_of_two_deadlines_ends_its_own_body_only(deadlines: Deadlines) -> None:
    with deadlines.within(10) as outer:
        with pytest.raises(TimeoutError), deadlines.within(3):
            await asyncio.sleep(60)
        await asyncio.sleep(5)

    assert not outer.expired


@pytest.mark.looptime(False)
@settings(max_examples=60, deadline=None)
@given(jobs=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.sampled_from([5, 10])), max_size=12))
def test_every_task_has_its_own_deadline_whoever_shares_its_timer(
    virtual: Callable[[Callable[[], Awaitable[Any]]], Any], jobs: list[tuple[int, int, int]]
) -> None:
    async def main() -> list[tuple[float, bool]]:
        deadlines, loop = Deadlines(), asyncio.get_running_loop()

        async def work(start: int, takes: int, limit: int) -> tuple[float, bool]:
            await asyncio.sleep(start)
            began = loop.time()
            with suppress(TimeoutError), deadlines.within(limit) as deadline:
                await asyncio.sleep(takes)
            return loop.time() - began, deadline.expired

        found = await asyncio.gather(*(work(*job) for job in jobs))
        deadlines.close()
        return found

    for (_, takes, limit), (took, expired) in zip(jobs, virtual(main), strict=True):
        if takes != limit:
            assert expired is (takes > limit)
        assert took == pytest.approx(min(takes, limit), abs=1e-6)


async def test_outside_of_a_task_no_deadline_can_be_set(deadlines: Deadlines) -> None:
    said: list[str] = []

    def call() -> None:
        try:
            deadlines.within(1).__enter__()
        except RuntimeError as error:
            said.append(str(error))

    asyncio.get_running_loop().call_soon(call)
    await asyncio.sleep(1)

    assert said == ["a deadline is set inside a task"]
