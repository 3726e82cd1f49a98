"""Self-measurement and reality: what the monitor says it sent is what came."""

import asyncio
from collections import Counter

import pytest
from faults_chaos import Way
from faults_outages import loop_time, outage, stats

pytestmark = pytest.mark.looptime


async def test_without_transport_faults_the_vendors_own_counts_are_the_monitors() -> None:
    """Half an hour with answers of every bad kind: requests, 429s and bytes agree to the last one."""
    async with outage() as both:
        for vendor in (both.twilio, both.genesys):
            vendor.fault("Statistics", share=0.1, status=429, headers={"Retry-After": "3"})
            vendor.fault("query", share=0.1, status=429, headers={"Retry-After": "3"})
            vendor.fault(share=0.05, status=503)
            vendor.fault(share=0.02, status=500)
            vendor.fault(share=0.02, body=b"<html>busy</html>")
            vendor.fault(share=0.05, delay_s=1.5)
        async with both.monitor() as monitor:
            await asyncio.sleep(1800)
            await monitor.drain()
            measured = stats(monitor)

    for name, vendor in (("twilio", both.twilio), ("genesys", both.genesys)):
        statuses = Counter(record.status for record in vendor.world.requests)
        assert measured[name].requests == vendor.world.requests.total == vendor.proxy.heads > 500
        assert measured[name].rate_limited == statuses[429] > 10
        assert measured[name].retries > 10
        assert 0 < measured[name].failed_polls < measured[name].polls


@pytest.mark.parametrize("way", [Way.FIN, Way.RST, Way.CUT, Way.HOLE, Way.DRIP])
async def test_with_transport_faults_the_heads_that_the_proxy_saw_are_the_monitors_requests(way: Way) -> None:
    async with outage() as both, both.monitor() as monitor:
        for _ in range(5):
            both.twilio.proxy.way = both.genesys.proxy.way = Way.PASS
            await asyncio.sleep(120)
            both.twilio.proxy.way = both.genesys.proxy.way = way
            await asyncio.sleep(45)
        await monitor.drain()
        measured = stats(monitor)

    assert loop_time() >= 800
    for name, vendor in (("twilio", both.twilio), ("genesys", both.genesys)):
        assert measured[name].requests == vendor.proxy.heads > 100
        assert 0 < measured[name].failed_polls < measured[name].polls
