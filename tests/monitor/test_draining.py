"""Before leaving: nothing new is started, what is under way may end, and nothing hangs for ever."""

import asyncio
import math

import pytest
from monitor_fake import FakeAdapter, WallClock, config, loop_time, poll

from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)


async def test_what_is_under_way_ends_and_nothing_new_begins(vendor: FakeAdapter, wall: WallClock) -> None:
    vendor["a"].many(10).takes = lambda _: 3.0
    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        await asyncio.sleep(35)
        under_way = len([read for read in vendor["a"].reads if math.isnan(read.ended)])
        asked, told_at = len(vendor["a"].reads), loop_time()
        await monitor.drain()
        assert 0 < loop_time() - told_at <= 3.0
        assert len(vendor["a"].reads) == asked
        assert not any(math.isnan(read.ended) for read in vendor["a"].reads)
        assert under_way > 0
        assert len(monitor.latest()) == 10
        await asyncio.sleep(60)
        assert len(vendor["a"].reads) == asked


async def test_a_vendor_that_hangs_is_waited_for_five_seconds(vendor: FakeAdapter, wall: WallClock) -> None:
    vendor["a"].many(10).takes = lambda _: math.inf
    vendor["b"].discovery_takes = 200.0
    async with Monitor(config("a", "b", every=poll(realtime_every=10)), clock=wall) as monitor:
        await asyncio.sleep(15)
        told_at = loop_time()
        await monitor.drain()
        assert loop_time() - told_at == pytest.approx(5.0, abs=0.1)
        assert not any(math.isnan(read.ended) for read in vendor["a"].reads)
    assert loop_time() - told_at == pytest.approx(5.0, abs=0.1)
    assert len(asyncio.all_tasks()) == 1


async def test_streams_end_with_what_was_read_last(vendor: FakeAdapter, wall: WallClock) -> None:
    vendor["a"].many(3).takes = lambda _: 1.0
    settings = config("a", every=poll(realtime_every=10))
    async with Monitor(settings, clock=wall) as monitor, monitor.subscribe() as changes:
        await asyncio.sleep(35)
        await monitor.drain()
        seen = [snapshot.target.id async for snapshot in changes]
    assert sorted(seen) == ["q0", "q1", "q2"]
