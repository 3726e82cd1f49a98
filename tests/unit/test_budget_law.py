"""The law of a budget: in any W seconds at most burst + rate * W grants, whoever comes, goes, pauses or tells."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ccstats.budget import Budget, Limit, Pace, RateHint

SLACK = 1e-4
"""Of one request: what rounding may cost."""
SOME = settings(max_examples=60, deadline=None)

millis = st.integers(0, 4000).map(lambda n: n / 1000)
singles = st.lists(st.tuples(st.just(0.0) | millis, st.none() | millis), min_size=1, max_size=40)
floods = st.integers(1, 40).map(lambda n: [(0.0, None)] * n)
arrivals = singles | st.tuples(floods, singles, floods).map(lambda parts: [*parts[0], *parts[1], *parts[2]])
"""Per request: the pause before it, and after how long it is cancelled."""
limits = st.builds(Limit, st.integers(1, 400), st.sampled_from([1.0, 10.0, 60.0]))
factors = st.sampled_from([1.0, 0.9, 0.45, 0.01])


@dataclass
class Seen:
    """What became of the requests of one run."""

    came: list[float] = field(default_factory=list)
    granted: dict[int, float] = field(default_factory=dict)

    @property
    def times(self) -> list[float]:
        return sorted(self.granted.values())


async def _drive(budget: Budget, requests: Sequence[tuple[float, float | None]], *events: Callable[[], None]) -> Seen:
    loop, seen, tasks = asyncio.get_running_loop(), Seen(), []

    async def one(number: int) -> None:
        await budget.acquire()
        budget.commit()
        seen.granted[number] = loop.time()

    for number, (pause, patience) in enumerate(requests):
        await asyncio.sleep(pause)
        if events:
            events[number % len(events)]()
        seen.came.append(loop.time())
        tasks.append(asyncio.create_task(one(number)))
        if patience is not None:
            loop.call_later(patience, tasks[-1].cancel)
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert budget.waiting == 0
    return seen


def _within(times: Sequence[float], pace: Pace) -> bool:
    """Whether every window between two grants keeps the law; then every other window does."""
    worst = max(
        (
            last - first + 1 - pace.rate * (times[last] - times[first])
            for first in range(len(times))
            for last in range(first, len(times))
        ),
        default=0,
    )
    return worst <= pace.burst + SLACK


def _most_in(times: Sequence[float], window: float) -> int:
    return max(sum(start <= time < start + window for time in times) for start in times) if times else 0


@SOME
@given(arrivals, limits, factors)
def test_no_window_sees_more_grants_than_the_limit(virtual: Any, requests: Any, limit: Limit, factor: float) -> None:
    budget = Budget("b", limit, factor=factor)
    seen = virtual(lambda: _drive(budget, requests))
    assert _within(seen.times, budget.pace)
    assert _most_in(seen.times, limit.window) <= max(1, limit.requests * factor)


@SOME
@given(arrivals, limits)
def test_grants_come_as_early_as_the_law_allows_and_a_cancelled_wait_costs_nobody(
    virtual: Any, requests: Any, limit: Limit
) -> None:
    budget = Budget("b", limit)
    seen = virtual(lambda: _drive(budget, requests))
    full_at = float("-inf")
    for number, (came, (_, patience)) in enumerate(zip(seen.came, requests, strict=True)):
        due = max(came, full_at - (budget.pace.burst - 1) / budget.pace.rate)
        if patience is not None:
            assume(abs(came + patience - due) > 1e-3)
        if patience is not None and came + patience < due:
            assert number not in seen.granted
            continue
        assert seen.granted[number] == pytest.approx(due, abs=1e-5)
        full_at = max(full_at, due) + 1 / budget.pace.rate


@SOME
@given(arrivals, limits)
def test_who_comes_first_is_served_first(virtual: Any, requests: Any, limit: Limit) -> None:
    seen = virtual(lambda: _drive(Budget("b", limit), requests))
    in_order = [seen.granted[number] for number in sorted(seen.granted)]
    assert in_order == sorted(in_order)
    assert set(seen.granted) >= {number for number, (_, patience) in enumerate(requests) if patience is None}


@SOME
@given(arrivals, limits, st.lists(st.tuples(millis, st.integers(-5, 400)), max_size=3))
def test_nothing_is_granted_inside_a_pause(virtual: Any, requests: Any, limit: Limit, pauses: Any) -> None:
    async def main() -> Seen:
        loop = asyncio.get_running_loop()
        for start, length in pauses:
            loop.call_at(start, budget.pause, length)
        return await _drive(budget, requests)

    budget = Budget("b", limit)
    seen = virtual(main)
    assert _within(seen.times, budget.pace)
    for start, length in pauses:
        inside = [time for time in seen.times if start < time < start + min(length, 300) - 1e-6]
        assert inside == []


told = st.builds(RateHint, limit=st.none() | limits)


@SOME
@given(arrivals, limits, st.lists(st.tuples(told, st.sampled_from("ab")), min_size=1, max_size=4))
def test_whatever_a_vendor_tells_the_configured_limit_holds(
    virtual: Any, requests: Any, limit: Limit, hints: Any
) -> None:
    budget = Budget("b", limit, factor=1.0)
    own = budget.pace
    events = [lambda hint=hint, endpoint=endpoint: budget.observe(hint, endpoint) for hint, endpoint in hints]
    seen = virtual(lambda: _drive(budget, requests, *events))
    assert _within(seen.times, own)
    assert _most_in(seen.times, limit.window) <= limit.requests


@SOME
@given(arrivals, limits, limits, factors)
def test_of_two_users_of_a_budget_the_limits_of_both_hold(
    virtual: Any, requests: Any, limit: Limit, other: Limit, factor: float
) -> None:
    budget = Budget("b", limit)
    seen = virtual(lambda: _drive(budget, requests, lambda: budget.restrict(other, factor)))
    for each in (limit, other):
        assert _most_in(seen.times, each.window) <= max(1, each.requests * min(factor, 0.9))


SHORT, LONG = Limit(10, 1), Limit(400, 60)
"""The long one has the lower rate and the larger burst: neither contains the other."""
FLOOD = [(0.0, None)] * 60


@pytest.mark.parametrize(("own", "told"), [(SHORT, LONG), (LONG, SHORT)])
def test_a_told_limit_of_another_window_loosens_neither_rate_nor_burst(virtual: Any, own: Limit, told: Limit) -> None:
    budget = Budget("b", own, factor=1.0)
    times = virtual(lambda: _drive(budget, FLOOD, lambda: budget.observe(RateHint(limit=told), "GET /a"))).times
    assert [_most_in(times, limit.window) <= limit.requests for limit in (own, told)] == [True, True]


@pytest.mark.parametrize(("own", "other"), [(SHORT, LONG), (LONG, SHORT)])
def test_a_second_users_limit_of_another_window_loosens_nothing(virtual: Any, own: Limit, other: Limit) -> None:
    budget = Budget("b", own, factor=1.0)
    times = virtual(lambda: _drive(budget, FLOOD, lambda: budget.restrict(other, 1.0))).times
    assert [_most_in(times, limit.window) <= limit.requests for limit in (own, other)] == [True, True]


def test_what_is_spent_stays_spent_when_the_pace_changes(virtual: Any) -> None:
    async def main() -> Seen:
        asyncio.get_running_loop().call_at(0.01, budget.observe, RateHint(limit=Limit(100, 100)), "GET /a")
        return await _drive(budget, FLOOD)

    budget = Budget("b", Limit(100, 10), factor=1.0)
    own = budget.pace
    times = virtual(main).times
    assert _within(times, own)
    assert _within([time for time in times if time > 0.01], budget.pace)


@settings(max_examples=300, deadline=None)
@given(st.builds(Limit, st.floats(0.1, 1e6), st.floats(0.1, 1e5)), st.floats(0.001, 1))
def test_a_pace_spends_at_most_its_limit(limit: Limit, factor: float) -> None:
    pace = limit.scaled(factor).pace()
    assert pace.rate > 0
    assert pace.burst >= 1
    allowed = max(1.0, limit.requests * factor)
    # A window of the limit's length sees whole requests only.
    assert int(pace.burst + pace.rate * limit.window + 1e-9) <= allowed + 1e-6
