"""A day of a thousand queues with a vendor that fails in every way: counts add up, nothing grows."""

import asyncio
import gc
import logging
from pathlib import Path

import pytest
from faults_acme import SIZE, AcmeAdapter, AcmeOptions, acme, mixed, wall
from faults_outages import loop_time, open_files, stats

from ccstats.config import Config, Poll
from ccstats.model import Status
from ccstats.monitor import Monitor

pytestmark = [pytest.mark.looptime, pytest.mark.timeout(240)]
HOUR = 3600.0
QUEUES = 1000
HOURS = 24
SLOPE = 1.0
"""MiB an hour."""


def resident() -> float:
    """MiB of this process in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


async def test_a_day_of_a_thousand_queues(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Faults at random all the time, and once in six hours an outage of twenty minutes."""
    caplog.set_level(logging.WARNING, "ccstats")  # a day of debug lines would be what grows
    monkeypatch.setattr("ccstats.registry.load_adapter", {"acme": AcmeAdapter()}.__getitem__)
    random = mixed(3, s429=0.01, s503=0.01, s500=0.005, drop=0.01, hang=0.003, html=0.005)

    def judge(now: float) -> int | str:
        return 503 if now % (6 * HOUR) > 6 * HOUR - 1200 else random(now)

    every = Poll(realtime_every="120s", window_every="600s", discovery_every="60m")
    memory, files, tasks = [], [], []
    async with acme(QUEUES, judge) as server:
        source = AcmeOptions(adapter="acme", base_url=server.url, queues=QUEUES)
        async with Monitor(Config(poll=every, sources={"a": source}), clock=wall) as monitor:
            begun = loop_time()
            for _ in range(HOURS):
                await asyncio.sleep(HOUR)
                memory.append(resident())
                files.append(open_files())
                tasks.append(len(asyncio.all_tasks()))
            polled, ended = monitor.stats().sources[0], loop_time()
            await monitor.drain()
            measured = stats(monitor)["a"]
            fresh = [one.realtime.status for one in monitor.latest().values() if one.realtime is not None]

    batches = QUEUES // SIZE
    slots = sum(batches * (ended - begun) / period for period in (120.0, 600.0))
    assert polled.polls + polled.skipped == pytest.approx(slots, abs=2 * batches)
    assert measured.requests == sum(server.fates.values())
    assert measured.rate_limited == server.fates[429] > 20
    assert polled.skipped <= 0.02 * slots
    assert 0 < measured.failed_polls < 0.15 * measured.polls
    assert len(fresh) == QUEUES
    assert set(fresh) <= {Status.FRESH, Status.STALE}
    growth = (memory[-1] - memory[3]) / (HOURS - 4)
    assert growth <= SLOPE, memory
    assert max(files) - min(files) <= 2 * 2 * source.limits.concurrency
    assert max(tasks) - min(tasks) <= 4 * source.limits.concurrency
