"""Somebody sets the machine's clock: only timestamps move."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from monitor_fake import BOTH, FakeAdapter, WallClock, config, loop_time, poll

from ccstats.model import Family, Status
from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)
HOUR = 3600.0
JUMPS = (HOUR, -HOUR, HOUR + 4.3, -HOUR - 4.3)


def _on_slots(starts: Sequence[float], period: float) -> bool:
    return all(abs(at - starts[0] - period * slot) <= period / 100 for slot, at in enumerate(starts))


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_jump_is_no_burst_and_no_stall(vendor: FakeAdapter, wall: WallClock, jump: float) -> None:
    """Every batch stays on its slots through a jump of an hour, also when its plan is made again afterwards."""
    script = vendor["a"].many(12)
    every = poll(realtime_every=10, window_every=30, discovery_every=300)

    async with Monitor(config("a", every=every, families=BOTH), clock=wall) as monitor:
        await asyncio.sleep(123)
        wall.shift = jump
        await asyncio.sleep(777)
        stats = monitor.stats().sources[0]

    for family, period in ((Family.REALTIME, 10.0), (Family.WINDOW, 30.0)):
        for ident, starts in script.by_target(family).items():
            assert len(starts) == int((900 - starts[0]) // period) + 1, (family, ident)
            assert _on_slots(starts, period), (family, ident)
    assert (stats.skipped, stats.failed_polls) == (0, 0)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_only_timestamps_move(vendor: FakeAdapter, wall: WallClock, jump: float) -> None:
    """Nothing becomes stale by a jump, and after one period every timestamp is of the new time: no age is negative."""
    vendor["a"].many(5)

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        await asyncio.sleep(60)
        wall.shift = jump
        states = {one.realtime.status for one in monitor.latest().values() if one.realtime is not None}
        for _ in range(10):
            await asyncio.sleep(1)
            states |= {one.realtime.status for one in monitor.latest().values() if one.realtime is not None}
        seen = [one.realtime.observed_at for one in monitor.latest().values() if one.realtime is not None]
        now = wall()

    assert states == {Status.FRESH}
    assert len(seen) == 5
    ages = [now - at for at in seen if at is not None]
    assert len(ages) == 5
    assert all(timedelta(0) <= age <= timedelta(seconds=10) for age in ages)


async def test_a_clock_that_is_set_again_and_again(vendor: FakeAdapter, wall: WallClock) -> None:
    """Time steps every few seconds and a discovery every half minute cost no slot and add none."""
    script = vendor["a"].many(4)

    async with Monitor(config("a", every=poll(realtime_every=10, discovery_every=30)), clock=wall):
        while loop_time() < 600:
            await asyncio.sleep(7)
            wall.shift = -2.9 if wall.shift > 0 else 3.1

    for starts in script.by_target().values():
        assert _on_slots(starts, 10.0)
        assert 59 <= len(starts) <= 61
