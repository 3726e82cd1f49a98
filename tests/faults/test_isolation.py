"""One vendor that is dead, slow or mad costs the other nothing, and no socket and no task for ever."""

import asyncio

import pytest
from faults_chaos import Way
from faults_outages import Outage, outage, stats

from ccstats.model import Status
from ccstats.monitor import SourceState, SourceStats

pytestmark = pytest.mark.looptime
SHORT = {"realtime_every": 2, "window_every": 10}


async def _twilio_beside(both: Outage, way: Way) -> SourceStats:
    """How Twilio did in ten minutes, with Genesys Cloud being this way."""
    both.genesys.proxy.way = way
    async with both.monitor() as monitor:
        await asyncio.sleep(600)
        return stats(monitor)["twilio"]


@pytest.mark.parametrize("way", [Way.HOLE, Way.DRIP, Way.RST, Way.CUT])
async def test_a_dead_vendor_slows_nobody_else(way: Way) -> None:
    """Against a run in which both are well: the same polls within one percent, started within a quarter second."""
    async with outage(**SHORT) as both:
        control = await _twilio_beside(both, Way.PASS)
    async with outage(**SHORT) as both:
        beside = await _twilio_beside(both, way)
        sockets = both.genesys.proxy.most_connections
        cap = 1 + 10  # the login host's, and limits.concurrency

    assert beside.polls == pytest.approx(control.polls, rel=0.01)
    assert beside.lateness_p99 <= 0.25
    assert (beside.failed_polls, beside.state) == (0, SourceState.OK)
    assert sockets <= cap


@pytest.mark.parametrize("way", [Way.HOLE, Way.DRIP, Way.FIN, Way.RST, Way.CUT])
async def test_everything_is_read_again_soon_after_the_network_is_back(way: Way) -> None:
    """One probe a minute at most, and an interval: then everything is fresh, and nothing was zero in between."""
    async with outage() as both, both.monitor() as monitor:
        await monitor.wait_until_ready()
        await asyncio.sleep(60)
        before = {key: one.realtime.waiting for key, one in monitor.latest().items() if one.realtime}
        both.genesys.proxy.way = way
        await asyncio.sleep(900)
        during = monitor.latest()
        both.genesys.proxy.way = Way.PASS
        await asyncio.sleep(60 + 10 + 2)
        after = monitor.latest()

    for key, snapshot in during.items():
        if key.startswith("genesys"):
            assert snapshot.realtime is not None
            assert (snapshot.realtime.status, snapshot.realtime.waiting) == (Status.STALE, before[key])
            assert snapshot.realtime.error is not None
            assert snapshot.realtime.error.type == "UnavailableError"
    assert {one.realtime.status for one in after.values() if one.realtime} == {Status.FRESH}
