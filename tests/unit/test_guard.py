"""The guard of one credential: few repetitions, a circuit with probes, a parked secret."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccstats.errors import (
    AuthError,
    NotFoundError,
    Origin,
    RateLimitedError,
    UnavailableError,
    VendorError,
)
from ccstats.http.guard import RETRIES, Guard

pytestmark = pytest.mark.looptime
AWAY = UnavailableError("connection refused")
WRONG = AuthError("invalid client")


async def ask(guard: Guard, error: VendorError | None = None) -> str:
    """One request as a client makes it; what became of it."""
    try:
        probe = await guard.enter() if guard.shut else False
    except VendorError as refusal:
        return type(refusal).__name__
    if error is None:
        guard.answered()
    else:
        guard.failed(error, probe=probe)
    return "sent"


async def count(guard: Guard, seconds: int, error: VendorError | None) -> list[int]:
    """One request a second, for so long; in which seconds one was sent."""
    sent = []
    for second in range(seconds):
        if await ask(guard, error) == "sent":
            sent.append(second)
        await asyncio.sleep(1)
    return sent


@given(st.lists(st.booleans(), max_size=400))
async def test_repetitions_stay_below_ten_and_a_tenth_of_the_answers(fates: list[bool]) -> None:
    """Whatever fails in whatever order, every failed request asking for two more tries."""
    guard, repeated = Guard(), 0
    for good in fates:
        if good:
            guard.answered()
        else:
            repeated += guard.retries() + guard.retries()
    assert repeated <= RETRIES + 0.1 * sum(fates) + 1e-6


async def test_after_an_outage_the_quota_comes_back_with_the_answers() -> None:
    guard = Guard()
    while guard.retries():
        pass
    for _ in range(9):
        guard.answered()
    assert not guard.retries()
    guard.answered()
    guard.answered()
    assert guard.retries()


async def test_five_failures_shut_it_and_probes_come_ever_more_seldom() -> None:
    guard = Guard()
    assert await count(guard, 300, AWAY) == [0, 1, 2, 3, 4, 14, 34, 74, 134, 194, 254]


async def test_the_first_good_probe_opens_it_and_the_next_outage_begins_anew() -> None:
    guard = Guard()
    await count(guard, 120, AWAY)
    assert await count(guard, 20, None) == [14, 15, 16, 17, 18, 19]
    assert await count(guard, 30, AWAY) == [0, 1, 2, 3, 4, 14]


async def test_half_of_the_requests_must_fail() -> None:
    guard = Guard()
    for _ in range(50):
        assert [await ask(guard, None), await ask(guard, None), await ask(guard, AWAY)] == ["sent"] * 3
        await asyncio.sleep(1)


async def test_four_failures_in_half_a_minute_are_too_few() -> None:
    guard = Guard()
    for _ in range(60):
        assert await ask(guard, AWAY) == "sent"
        await asyncio.sleep(10)


@pytest.mark.parametrize(
    "error",
    [
        RateLimitedError("slow down"),
        NotFoundError("no such queue"),
        UnavailableError("broken", origin=Origin(status=500)),
        AuthError("not from this address", renewable=False),
    ],
    ids=lambda error: f"{type(error).__name__} {error.origin.status}",
)
async def test_what_is_no_fault_of_the_vendor_as_a_whole_does_not_shut_it(error: VendorError) -> None:
    assert await count(Guard(), 100, error) == list(range(100))


async def test_while_the_probe_is_out_the_others_wait_for_what_it_finds() -> None:
    guard = Guard()
    await count(guard, 14, AWAY)
    await asyncio.sleep(1)
    assert await guard.enter() is True
    others = [asyncio.create_task(ask(guard)) for _ in range(20)]
    await asyncio.sleep(3)
    assert not any(other.done() for other in others)
    guard.answered()
    assert await asyncio.gather(*others) == ["sent"] * 20


async def test_when_the_probe_fails_those_who_waited_are_told_at_once() -> None:
    guard = Guard()
    await count(guard, 14, AWAY)
    probe = await guard.enter()
    others = [asyncio.create_task(ask(guard)) for _ in range(20)]
    await asyncio.sleep(3)
    guard.failed(AWAY, probe=probe)
    assert await asyncio.gather(*others) == ["UnavailableError"] * 20


async def test_a_cancelled_probe_or_waiter_leaves_the_way_to_the_next() -> None:
    guard = Guard()
    await count(guard, 14, AWAY)
    probe = await guard.enter()
    waiter = asyncio.create_task(guard.enter())
    other = asyncio.create_task(guard.enter())
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.sleep(0)
    guard.given_up(0.5, probe=probe)
    assert await other is True


async def test_a_request_given_up_for_its_slowness_counts_as_failed() -> None:
    guard = Guard()
    for _ in range(20):
        guard.given_up(1.0)
    assert not guard.shut
    for _ in range(20):
        guard.given_up(10.0)
    assert guard.shut


async def test_a_refused_secret_is_tried_after_one_minute_then_ever_more_seldom() -> None:
    guard = Guard()
    sent = await count(guard, 5000, WRONG)
    assert sent == [0, 60, 180, 420, 900, 1800, 2700, 3600, 4500]


async def test_many_refusals_under_way_at_once_are_one() -> None:
    guard = Guard()
    waits = []
    for _ in range(10):
        error = AuthError("invalid client")
        guard.failed(error)
        waits.append(error.retry_after)
        await asyncio.sleep(1)
    assert waits == [60.0 - second for second in range(10)]


async def test_a_refusal_names_its_cause_in_the_same_words_every_time() -> None:
    guard = Guard("twilio|AC1")
    guard.failed(WRONG)
    said = set()
    for _ in range(10):
        with pytest.raises(AuthError) as caught:
            await guard.enter()
        said.add(str(caught.value))
        await asyncio.sleep(1)
    assert said == {"not sent: invalid client"}
    assert repr(guard) == "<Guard twilio|AC1: shut, 10.0 retries left>"


async def test_a_new_configuration_is_a_reason_to_try_at_once() -> None:
    guard = Guard()
    guard.failed(WRONG)
    guard.forgive()
    assert await ask(guard) == "sent"
    assert not guard.shut


async def test_counting_forgets_what_is_older_than_half_a_minute() -> None:
    guard = Guard()
    for _ in range(4):
        await ask(guard, AWAY)
    await asyncio.sleep(30.0)
    await ask(guard, AWAY)
    assert not guard.shut
