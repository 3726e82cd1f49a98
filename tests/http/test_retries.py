"""Sending again: as often as the policy says, when the vendor says, and only what does no harm."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from ccstats.budget import LONGEST_PAUSE, Budget, Limit, Slots
from ccstats.errors import RateLimitedError, RequestRefusedError, UnavailableError, VendorError
from ccstats.http import Allowance, Request, RetryPolicy

pytestmark = pytest.mark.looptime
QUICK = RetryPolicy(attempts=4, first=1.0, longest=4.0)
WIDE = Limit(6000, 60)


def now() -> float:
    return asyncio.get_running_loop().time()


class Vendor:
    """Answers with the given statuses, then with 200; remembers when it was asked."""

    def __init__(self, *statuses: int, after: str | None = None) -> None:
        self.statuses: Iterator[int] = iter(statuses)
        self.after = after
        self.asked: list[float] = []

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(now())
        status = next(self.statuses, 200)
        headers = {"Retry-After": self.after} if status != 200 and self.after is not None else {}
        return web.json_response({}, status=status, headers=headers)


def get(root: URL, *budgets: Budget, safe: bool = True) -> Request:
    return Request("GET", root, "GET /", budgets=budgets, safe=safe)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_passing_fault_is_retried_until_it_has_passed(serve: Any, connect: Any, status: int) -> None:
    vendor = Vendor(status, status)
    root = await serve(vendor)
    client = await connect(root, retry=QUICK)
    assert (await client.send(get(root))).status == 200
    assert (client.traffic.requests, client.traffic.retries, client.traffic.failures) == (3, 2, 2)
    assert client.traffic.rate_limited == (2 if status == 429 else 0)


@pytest.mark.parametrize("attempts", [1, 2, 5])
async def test_there_are_at_most_as_many_requests_as_attempts(serve: Any, connect: Any, attempts: int) -> None:
    vendor = Vendor(*[503] * 100)
    root = await serve(vendor)
    with pytest.raises(UnavailableError):
        await (await connect(root, retry=RetryPolicy(attempts=attempts))).send(get(root))
    assert len(vendor.asked) == attempts


async def test_a_dead_host_is_tried_as_often_as_a_failing_one(connect: Any, dead: URL) -> None:
    client = await connect(dead, retry=QUICK)
    with pytest.raises(UnavailableError):
        await client.send(get(dead))
    assert (client.traffic.requests, client.traffic.retries) == (4, 3)
    assert now() <= 1 + 2 + 4


@pytest.mark.parametrize("status", [400, 403, 404, 408, 410, 422, 500, 501])
async def test_what_will_not_pass_is_asked_once(serve: Any, connect: Any, status: int) -> None:
    vendor = Vendor(*[status] * 9)
    root = await serve(vendor)
    with pytest.raises(VendorError):
        await (await connect(root, retry=QUICK)).send(get(root))
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_what_may_do_harm_twice_is_sent_once(serve: Any, connect: Any, status: int) -> None:
    vendor = Vendor(*[status] * 9, after="1")
    root = await serve(vendor)
    with pytest.raises(VendorError):
        await (await connect(root, retry=QUICK)).send(get(root, safe=False))
    assert len(vendor.asked) == 1


async def test_a_retry_after_is_obeyed_to_the_second(serve: Any, connect: Any) -> None:
    vendor = Vendor(429, 503, after="7")
    root = await serve(vendor)
    await (await connect(root, retry=QUICK)).send(get(root, Budget("b", WIDE)))
    assert vendor.asked == pytest.approx([0, 7, 14], abs=0.1)


async def test_a_429_pauses_everybody_who_shares_the_budget(serve: Any, connect: Any) -> None:
    vendor = Vendor(429, after="10")
    root = await serve(vendor)
    shared, other = Budget("shared", WIDE), Budget("other", WIDE)
    one, two = await connect(root, retry=QUICK), await connect(root, retry=QUICK)
    first = asyncio.create_task(one.send(get(root, shared)))
    await asyncio.sleep(1)
    await asyncio.gather(first, *(two.send(get(root, shared)) for _ in range(10)))
    assert min(vendor.asked[1:]) >= 10
    await two.send(get(root, other))
    assert len(vendor.asked) == 13


async def test_during_a_storm_of_429s_nobody_asks_inside_a_pause(serve: Any, connect: Any) -> None:
    """Fifty who ask as often as they may: one request per Retry-After, and all of them again when it is over."""
    asked: list[float] = []

    async def handler(request: web.BaseRequest) -> web.Response:
        asked.append(now())
        await asyncio.sleep(0.1)
        return web.json_response({}, status=429 if 30 <= asked[-1] < 90 else 200, headers={"Retry-After": "5"})

    root = await serve(handler)
    budget, slots = Budget("b", Limit(600, 60)), Slots("s", 10)
    client = await connect(root, retry=RetryPolicy(), slots=slots)

    async def poll() -> None:
        while now() < 150:
            with suppress(RateLimitedError):
                await client.send(get(root, budget))

    await asyncio.gather(*(poll() for _ in range(50)))
    storm = [moment for moment in asked if 30.1 <= moment < 90]
    assert len(storm) <= 60 / 5 + 1, "one per Retry-After"
    assert all(later - earlier >= 5 for earlier, later in pairwise(storm))
    before, after = (len([at for at in asked if begin <= at < begin + 20]) for begin in (10, 100))
    assert after >= 0.95 * before > 100, "the full rate ten seconds after it has ended"


async def test_a_probe_whose_answer_nobody_tells_holds_the_others_up_for_five_seconds(serve: Any) -> None:
    """An adapter with a transport of its own may only know how to pause."""
    budget = Budget("b", WIDE)
    budget.pause(10, probe=True)
    granted = []

    async def take() -> None:
        await budget.acquire()
        budget.commit()
        granted.append(round(now(), 1))

    await asyncio.gather(*(take() for _ in range(4)))
    assert granted == [10.0, 15.0, 15.0, 15.0]


async def test_when_everything_fails_repetitions_are_a_tenth_at_most(connect: Any, dead: URL) -> None:
    """Of a thousand requests that would all be sent three times."""
    client = await connect(dead, retry=RetryPolicy(attempts=3, first=0.01))
    for _ in range(1000):
        with suppress(UnavailableError):
            await client.send(get(dead))
        await asyncio.sleep(10)
    assert client.traffic.requests <= 1100
    assert client.traffic.retries <= 10


async def test_with_the_circuit_open_nothing_is_sent_but_a_probe_a_minute(serve: Any, connect: Any) -> None:
    vendor = Vendor(*[503] * 10_000)
    root = await serve(vendor)
    client = await connect(root, retry=RetryPolicy(attempts=3))
    for _ in range(1000):
        with suppress(UnavailableError):
            await client.send(get(root))
        await asyncio.sleep(1)
    late = [at for at in vendor.asked if at > 200]
    assert min(later - earlier for earlier, later in pairwise(late)) >= 59.9
    assert len(vendor.asked) <= 5 + 10 + 20
    assert client.traffic.requests == len(vendor.asked)


async def test_a_request_that_its_caller_gives_up_is_held_against_a_silent_vendor(serve: Any, connect: Any) -> None:
    """The deadline of a poll comes before that of its request: without this a black hole would never be noticed."""
    asked = []

    async def handler(request: web.BaseRequest) -> web.Response:
        asked.append(now())
        await asyncio.sleep(3600)
        return web.Response()

    root = await serve(handler)
    client = await connect(root)

    async def poll() -> None:
        for _ in range(100):
            with suppress(TimeoutError, UnavailableError):
                await asyncio.wait_for(client.send(get(root)), 10)
            await asyncio.sleep(1)

    await asyncio.gather(*(poll() for _ in range(10)))
    assert len(asked) <= 10 + 15


@pytest.mark.parametrize(
    "after",
    [
        "-1",
        "abc",
        "1e9",
        "NaN",
        "inf",
        "",
        "Sun, 01 Mar 1998 12:00:00 GMT",
        "Fri, 01 Mar 2300 12:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 20 Nov 99999999999 10:00:00 GMT",
        "Mon, 20 Nov 2026 10:00:00 +9999999999999999999",
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_a_hostile_retry_after_is_bounded_and_raises_nothing_else(
    serve: Any, connect: Any, after: str, status: int
) -> None:
    vendor = Vendor(*[status] * 100, after=after)
    root = await serve(vendor)
    budget = Budget("b", WIDE)
    with pytest.raises(RateLimitedError if status == 429 else UnavailableError):
        await (await connect(root, retry=QUICK)).send(get(root, budget))
    assert 0 <= budget.paused_for() <= LONGEST_PAUSE
    assert len(vendor.asked) <= 4
    assert now() <= 1 + 2 + 4 + 4


async def test_a_wait_beyond_patience_is_reported_and_not_slept_through(serve: Any, connect: Any) -> None:
    vendor = Vendor(429, after="120")
    root = await serve(vendor)
    budget, client = Budget("b", WIDE), await connect(root, retry=QUICK)
    with pytest.raises(RateLimitedError) as caught:
        await client.send(get(root, budget))
    assert (caught.value.retry_after, caught.value.own, caught.value.origin.status) == (120, False, 429)
    with pytest.raises(RateLimitedError) as caught:
        await client.send(get(root, budget))
    assert caught.value.own
    assert caught.value.retry_after == pytest.approx(120, abs=0.1)
    assert (caught.value.origin.vendor, caught.value.origin.source, caught.value.origin.status) == ("acme", "us", None)
    assert (len(vendor.asked), now() < 1, client.traffic.rate_limited) == (1, True, 1)


async def test_every_attempt_is_spent_from_the_budget(serve: Any, connect: Any) -> None:
    vendor = Vendor(503, 503)
    root = await serve(vendor)
    budget = Budget("b", Limit(100, 60), factor=1.0)
    await (await connect(root, retry=RetryPolicy(first=0.001))).send(get(root, budget))
    assert budget.level() == pytest.approx(1 - 3 / budget.pace.burst, abs=0.05)


async def test_what_the_headers_say_of_the_limit_is_followed(serve: Any, connect: Any) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(headers={"X-Limit": "60", "X-Remaining": "0", "X-Reset": "20"})

    root = await serve(handler)
    budget, cap = Budget("b", WIDE, factor=1.0), Budget("cap", WIDE, factor=1.0)
    await (await connect(root)).send(get(root, budget, cap))
    assert budget.pace == Limit(60, 60).pace()
    assert budget.paused_for() == pytest.approx(20, abs=0.1)
    assert cap.pace == WIDE.pace(), "the vendor spoke of its own limit"


async def test_slots_bound_what_is_in_flight(serve: Any, connect: Any) -> None:
    flying = most = 0

    async def handler(request: web.BaseRequest) -> web.Response:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(1)
        flying -= 1
        return web.Response()

    root = await serve(handler)
    client = await connect(root, slots=Slots("s", 3))
    await asyncio.gather(*(client.send(get(root)) for _ in range(9)))
    assert most == 3


@pytest.mark.parametrize("statuses", [[], [503] * 50])
async def test_the_allowance_is_a_hard_end(serve: Any, connect: Any, statuses: list[int]) -> None:
    vendor = Vendor(*statuses)
    root = await serve(vendor)
    allowance = Allowance(7)
    client = await connect(root, allowance=allowance, retry=QUICK)
    found = await asyncio.gather(*(client.send(get(root)) for _ in range(20)), return_exceptions=True)
    assert len(vendor.asked) == 7
    assert (allowance.left, client.traffic.requests) == (0, 7)
    spent = [error for error in found if isinstance(error, RequestRefusedError)]
    assert spent
    assert all("the allowance is spent" in error.message for error in spent)
    assert all((error.origin.vendor, error.origin.source) == ("acme", "us") for error in spent)


async def test_a_cancelled_request_frees_its_slot_and_is_not_sent_again(serve: Any, connect: Any) -> None:
    vendor = Vendor(503, after="20")
    root = await serve(vendor)
    slots = Slots("s", 1)
    client = await connect(root, retry=QUICK, slots=slots)
    waiting = asyncio.create_task(client.send(get(root)))
    await asyncio.sleep(5)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert (await client.send(get(root))).status == 200
    assert len(vendor.asked) == 2
    assert now() < 6
