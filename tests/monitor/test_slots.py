"""When batches are read: on a fixed grid, evenly spread, for hours, after suspensions and restarts."""

import asyncio

import pytest
from monitor_fake import FakeAdapter, WallClock, config, loop_time, most_in_any, poll, suspend

from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)
HOUR = 3600.0


async def test_one_hour_of_500_targets_is_counted_exactly(vendor: FakeAdapter, wall: WallClock) -> None:
    """Every slot is one request, 60 of each target, whatever discovery does in between."""
    vendor["a"].many(500)
    every = poll(realtime_every=60, discovery_every=600)

    async with Monitor(config("a", every=every), clock=wall) as monitor:
        await asyncio.sleep(HOUR - 0.001)
        stats = monitor.stats().sources[0]

    assert {len(starts) for starts in vendor["a"].by_target().values()} == {60}
    assert (stats.targets, stats.polls, stats.requests, stats.skipped) == (500, 30_000, 30_000, 0)


async def test_1000_targets_do_not_come_at_once(vendor: FakeAdapter, wall: WallClock) -> None:
    """The busiest second of 1,000 batches a minute, start included, is at most twice the mean."""
    vendor["a"].many(1000)

    async with Monitor(config("a"), clock=wall):
        await asyncio.sleep(120)

    starts = vendor["a"].starts()
    assert len(starts) == 2000
    assert most_in_any(starts, 1.0) <= 2 * 1000 / 60


async def test_offsets_are_the_same_after_a_restart(vendor: FakeAdapter, wall: WallClock) -> None:
    """A target is read at the same second of every minute, whenever the monitor was started."""
    offsets = []
    for run in range(2):
        wall.shift = run * 7.7  # another process has another monotonic clock
        vendor["a"].many(1000).reads.clear()
        async with Monitor(config("a"), clock=wall):
            await asyncio.sleep(61)
        now = {ident: (starts[0] + wall.shift) % 60 for ident, starts in vendor["a"].by_target().items()}
        offsets.append(now)
        await asyncio.sleep(1234.567)

    assert len(offsets[0]) == 1000
    assert offsets[1] == pytest.approx(offsets[0], abs=0.001)


async def test_the_schedule_does_not_drift(vendor: FakeAdapter, wall: WallClock) -> None:
    """After an hour, with reads of odd lengths, every start is within period/100 of its ideal slot."""
    script = vendor["a"].many(8)
    script.takes = lambda batch: 0.137 * (1 + int(batch.targets[0].id[1:]))

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall):
        await asyncio.sleep(HOUR)

    for index, starts in enumerate(script.by_target().values()):
        assert len(starts) == 360, index
        assert max(abs(at - starts[0] - 10 * slot) for slot, at in enumerate(starts)) <= 0.1


async def test_discovery_does_not_move_the_slots(vendor: FakeAdapter, wall: WallClock) -> None:
    """Plans made again every few seconds, while a wall clock runs 0.5 in 1,000 fast, leave the grid where it was."""
    script = vendor["a"].many(7)
    script.discovery_takes = 0.4

    async def run_fast() -> None:
        while True:
            await asyncio.sleep(1)
            wall.shift += 0.0005

    drift = asyncio.create_task(run_fast())
    async with Monitor(config("a", every=poll(realtime_every=10, discovery_every=33)), clock=wall) as monitor:
        await asyncio.sleep(HOUR)
        skipped = monitor.stats().sources[0].skipped
    drift.cancel()

    off = [abs(at - starts[0] - 10 * slot) for starts in script.by_target().values() for slot, at in enumerate(starts)]
    assert max(off) <= 0.1
    assert skipped == 0


async def test_what_reads_teach_costs_no_slot(vendor: FakeAdapter, wall: WallClock) -> None:
    """A plan that is made again because of what was learned, with the same batches, loses and adds no read."""
    script = vendor["a"].many(5)

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        for lesson in range(57):
            await asyncio.sleep(10.3)
            script.learned = (1, lesson)
        skipped = monitor.stats().sources[0].skipped

    for starts in script.by_target().values():
        assert [round(at - starts[0], 1) for at in starts] == [10.0 * slot for slot in range(len(starts))]
        assert len(starts) == int((57 * 10.3 - starts[0]) // 10) + 1
    assert skipped == 0


async def test_a_suspension_is_made_up_for_once(vendor: FakeAdapter, wall: WallClock) -> None:
    """After ten minutes without running, each batch is read once at once, then on its old slots."""
    script = vendor["a"].many(6)
    period = 10.0

    async with Monitor(config("a", every=poll(realtime_every=period)), clock=wall) as monitor:
        await asyncio.sleep(65)
        asleep, before = loop_time(), {ident: list(starts) for ident, starts in script.by_target().items()}
        suspend(600)
        woken = loop_time()
        await asyncio.sleep(0.5)
        caught_up = [read.batch.targets[0].id for read in script.reads if read.at >= woken]
        await asyncio.sleep(60)
        skipped = monitor.stats().sources[0].skipped
        asked = len(script.reads)

    assert woken - asleep == pytest.approx(600, abs=0.01)
    assert sorted(set(caught_up)) == sorted(before)
    for ident, starts in script.by_target().items():
        first, after = starts[0], [at for at in starts if at > woken + 0.5]
        assert [at for at in starts if asleep < at < woken] == []
        assert all(min((at - first) % period, (first - at) % period) <= 0.1 for at in after), ident
        assert len(starts) - len(before[ident]) - len(after) == 1, "exactly one catch-up"
    slots = sum(int((loop_time() - starts[0]) // period) + 1 for starts in script.by_target().values())
    assert asked + skipped == slots
