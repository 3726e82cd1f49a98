"""What the monitor says of itself is what the vendor saw."""

import asyncio

import pytest
from monitor_fake import FakeAdapter, WallClock, config, loop_time, poll, suspend

from ccstats.config import Http
from ccstats.errors import NotFoundError, UnavailableError
from ccstats.model import Realtime
from ccstats.monitor import Monitor, SourceState
from ccstats.monitor.stats import Lateness

pytestmark = pytest.mark.looptime(noop_cycles=0)


async def test_polls_failures_and_requests(vendor: FakeAdapter, wall: WallClock) -> None:
    """Each ended read is a poll; one that failed as a whole is a failed one; requests are the adapter's own count."""
    script = vendor["a"].many(9)
    script.takes = lambda batch: 4.0 if batch.targets[0].id == "q3" else 0.5
    script.fails = lambda batch: UnavailableError("away") if batch.targets[0].id == "q3" and loop_time() > 60 else None
    script.answer = lambda target, number: (
        NotFoundError("gone") if target.id == "q7" and number % 2 else Realtime(waiting=number)
    )
    settings = config("a", every=poll(realtime_every=10), batch=3, requests=2, http=Http(timeout=30))

    async with Monitor(settings, clock=wall) as monitor:
        await asyncio.sleep(301)
        stats, now = monitor.stats().sources[0], loop_time()

    ended = [read for read in script.reads if read.ended < now]
    failed = [read for read in ended if read.batch.targets[0].id == "q3" and read.ended > 60]
    assert stats.polls == len(ended)
    assert stats.failed_polls == len(failed) > 0, "one bad target of a good batch is no failed poll"
    assert stats.requests == 2 * len(script.reads)
    assert (stats.source, stats.vendor, stats.targets) == ("a", "fake", 9)


async def test_what_came_twice_is_counted_by_the_source(vendor: FakeAdapter, wall: WallClock) -> None:
    vendor["a"].many(1)
    async with Monitor(config("a"), clock=wall) as monitor:
        await monitor.wait_until_ready()
        monitor._runners[0]._source.traffic.repeated += 3
        assert monitor.stats().sources[0].repeated == 3


async def test_lateness(vendor: FakeAdapter, wall: WallClock) -> None:
    """Two batches at 5 s distance, one at a time, 5.5 s each: every start is half a second later than the last."""
    script = vendor["a"].many(2)
    script.takes = lambda _: 5.5
    settings = config("a", every=poll(realtime_every=10), limits={"concurrency": 1})

    async with Monitor(settings, clock=wall) as monitor:
        await asyncio.sleep(60)
        stats = monitor.stats().sources[0]

    starts = script.starts()
    late = [at - starts[0] - 5 * turn for turn, at in enumerate(starts)]
    assert late == pytest.approx([0.5 * turn for turn in range(len(starts))], abs=0.01)
    assert stats.lateness_max == stats.lateness_p99 == pytest.approx(late[-1], abs=0.01)
    assert len(starts) >= 10


async def test_skips(vendor: FakeAdapter, wall: WallClock) -> None:
    """Every slot is a start, a skip, or still waiting."""
    script = vendor["a"].many(4)
    script.takes = lambda _: 4.0
    settings = config("a", every=poll(realtime_every=10), limits={"concurrency": 1})

    async with Monitor(settings, clock=wall) as monitor:
        await asyncio.sleep(600)
        stats = monitor.stats().sources[0]

    assert stats.skipped > 0
    assert len(script.reads) + stats.skipped + stats.waiting == 4 * 60


async def test_lateness_after_a_suspension(vendor: FakeAdapter, wall: WallClock) -> None:
    """The catch-up is as late as its own slot was missed by; the slots before it are skips."""
    vendor["a"].many(1)

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        await asyncio.sleep(65)
        suspend(600)
        woken = loop_time()
        await asyncio.sleep(1)
        stats = monitor.stats().sources[0]

    starts = vendor["a"].starts()
    catch_up = next(at for at in starts if at >= woken)
    slot = starts[0] + (catch_up - starts[0]) // 10 * 10
    assert stats.lateness_max == pytest.approx(catch_up - slot, abs=0.01)
    assert len(starts) + stats.skipped == (catch_up - starts[0]) // 10 + 1


async def test_budget_level_and_queue(vendor: FakeAdapter, wall: WallClock) -> None:
    """A budget that is overdrawn shows as spent, with batches waiting; one that is idle as full."""
    vendor["busy"].many(60)
    vendor["idle"].many(1)
    own = {
        "busy": {"credential": "small", "limit": 60},
        "idle": {"credential": "large", "limit": 6000},
    }

    async with Monitor(config("busy", "idle", every=poll(realtime_every=30), own=own), clock=wall) as monitor:
        await asyncio.sleep(300.2)
        busy, idle = monitor.stats().sources

    assert busy.budget < 0.5
    assert 10 < busy.waiting <= 60
    assert busy.skipped > 0
    assert (idle.budget, idle.waiting, idle.skipped) == (1.0, 0, 0)


async def test_states(vendor: FakeAdapter, wall: WallClock) -> None:
    """Starting until something is known, then as it is; the error goes when it is well."""
    script = vendor["a"]
    script.discovery_takes = 5.0

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        await asyncio.sleep(1)
        starting = monitor.stats().sources[0]
        await asyncio.sleep(30)
        well = monitor.stats().sources[0]
        script.fails = lambda _: UnavailableError("away")
        await asyncio.sleep(30)
        failing = monitor.stats().sources[0]

    assert (starting.state, starting.error, starting.polls) == (SourceState.STARTING, None, 0)
    assert (well.state, well.error) == (SourceState.OK, None)
    assert failing.state is SourceState.FAILING
    assert failing.error == "UnavailableError: away (source=a)"


def test_p99_is_over_the_last_thousand() -> None:
    """Old lateness is forgotten by the percentile, not by the maximum."""
    lateness = Lateness()
    assert lateness.p99() == 0.0
    lateness.add(60.0)
    for number in range(1000):
        lateness.add(number / 1000)

    assert lateness.p99() == 0.99
    assert lateness.maximum == 60.0
