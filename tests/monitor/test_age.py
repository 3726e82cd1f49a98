"""How old a number is, whatever somebody does to the clocks."""

import asyncio
from datetime import timedelta

import pytest
from monitor_fake import FakeAdapter, WallClock, config, poll

from ccstats.errors import UnavailableError
from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
async def test_the_age_counts_from_the_last_good_reading_and_is_moved_by_no_wall_clock(
    vendor: FakeAdapter, wall: WallClock, jump: float
) -> None:
    script = vendor["a"]
    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        assert monitor.age("a:queue:q0") is None
        await monitor.wait_until_ready()
        script.fails = lambda _: UnavailableError("away")
        wall.shift += jump
        await asyncio.sleep(35)
        age = monitor.age("a:queue:q0")
    assert age == pytest.approx(timedelta(seconds=35), abs=timedelta(milliseconds=10))
    assert monitor.age("a:queue:nobody") is None
