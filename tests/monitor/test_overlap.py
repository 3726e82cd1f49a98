"""Reads that are slow or never end: a deadline, one in flight per batch, skips counted, nobody else late."""

import asyncio
import math

import pytest
from monitor_fake import FakeAdapter, WallClock, config, poll

from ccstats.adapter import Batch
from ccstats.config import Http
from ccstats.model import Status
from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)
DEADLINE = 4.0


async def test_a_read_that_hangs_ends_at_its_deadline(vendor: FakeAdapter, wall: WallClock) -> None:
    """Its targets have failed with the reason, in time; every other batch stays on its slots."""
    script = vendor["a"].many(10)
    script.takes = lambda batch: math.inf if batch.targets[0].id == "q3" else 0.2
    settings = config("a", every=poll(realtime_every=10), http=Http(timeout=DEADLINE))

    async with Monitor(settings, clock=wall) as monitor:
        await asyncio.sleep(300)
        latest, stats = monitor.latest(), monitor.stats().sources[0]

    hung = [read.ended - read.at for read in script.reads if read.batch.targets[0].id == "q3"]
    assert len(hung) == 30
    assert all(DEADLINE - 0.001 <= took <= DEADLINE + 0.2 for took in hung[:-1]), "the last was cut off by the end"
    failed = latest["a:queue:q3"].realtime
    assert failed is not None
    assert failed.error is not None
    assert (failed.status, failed.waiting, failed.error.type) == (Status.FAILED, None, "UnavailableError")
    assert "4 s" in failed.error.message
    assert stats.failed_polls in (29, 30)
    for ident, starts in script.by_target().items():
        assert len(starts) == 30, ident
        assert max(abs(at - starts[0] - 10 * slot) for slot, at in enumerate(starts)) <= 0.1


async def test_a_source_that_hangs_as_a_whole_delays_no_other(vendor: FakeAdapter, wall: WallClock) -> None:
    """Fifty batches that never answer cost another source not one slot."""
    vendor["hung"].many(50).takes = lambda _: math.inf
    vendor["well"].many(10)

    async with Monitor(config("hung", "well", every=poll(realtime_every=10)), clock=wall) as monitor:
        await asyncio.sleep(300)
        hung, well = monitor.stats().sources

    assert (well.polls, well.failed_polls, well.skipped) == (300, 0, 0)
    assert well.lateness_max <= 0.1
    assert hung.polls == hung.failed_polls > 0


async def test_late_slots_are_skipped_and_counted_never_queued(vendor: FakeAdapter, wall: WallClock) -> None:
    """A batch of 25 s on slots of 10 s is started at every third slot, alone, and two of three are counted."""
    script = vendor["a"].many(5)
    script.takes = lambda batch: 25.0 if batch.targets[0].id == "q2" else 0.5
    settings = config("a", every=poll(realtime_every=10), http=Http(timeout=60))

    async with Monitor(settings, clock=wall) as monitor:
        await asyncio.sleep(599)
        skipped = monitor.stats().sources[0].skipped

    slow = script.by_target()["q2"]
    assert [round(at - slow[0], 1) for at in slow] == [30.0 * turn for turn in range(len(slow))]
    assert len(slow) in (19, 20)
    assert len(slow) + skipped == int((599 - slow[0]) // 10) + 1
    assert script.most_running == 1
    for ident, starts in script.by_target().items():
        assert ident == "q2" or len(starts) == int((599 - starts[0]) // 10) + 1


async def test_a_slot_that_comes_while_its_batch_waits_is_counted_too(vendor: FakeAdapter, wall: WallClock) -> None:
    """With room for one read at a time, what cannot start by its next slot is skipped: slots = starts + skips."""
    script = vendor["a"].many(4)
    script.takes = lambda _: 4.0
    settings = config("a", every=poll(realtime_every=10), limits={"concurrency": 1})

    async with Monitor(settings, clock=wall) as monitor:
        await asyncio.sleep(600)
        stats = monitor.stats().sources[0]

    in_flight = [sum(read.at <= at < read.ended for read in script.reads) for at in script.starts()]
    assert max(in_flight) == 1
    assert len(script.reads) == pytest.approx(150, abs=2)
    assert len(script.reads) + stats.skipped + stats.waiting == 4 * 60
    assert {len(starts) for starts in script.by_target().values()} <= {36, 37, 38, 39}


async def test_a_deadline_grows_with_the_requests_of_a_batch(vendor: FakeAdapter, wall: WallClock) -> None:
    """A batch that takes five requests has five times as long."""
    script = vendor["a"]
    script.takes = lambda _: math.inf
    settings = config("a", every=poll(realtime_every=100), http=Http(timeout=DEADLINE), requests=5)

    async with Monitor(settings, clock=wall):
        await asyncio.sleep(200)

    assert script.reads[0].ended - script.reads[0].at == pytest.approx(5 * DEADLINE, abs=0.2)


async def test_a_timeout_of_the_adapter_is_not_called_the_deadline(vendor: FakeAdapter, wall: WallClock) -> None:
    """A plugin's own TimeoutError fails its batch at once, under its own name and not after "10 s"."""
    vendor["a"].fails = _raise_timeout

    async with Monitor(config("a"), clock=wall) as monitor:
        await asyncio.sleep(61)
        failed = monitor.latest()["a:queue:q0"].realtime

    assert failed is not None
    assert failed.error is not None
    assert "10 s" not in failed.error.message


def _raise_timeout(_: Batch) -> BaseException:
    return TimeoutError()
