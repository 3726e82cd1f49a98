"""A credential whose limit is too small for what is wanted: never exceeded, well used, fairly shared."""

import asyncio

import pytest
from monitor_fake import BOTH, FakeAdapter, WallClock, config, most_in_any, poll, source_poll, suspend

from ccstats.model import Family
from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)
HOUR = 3600.0


def _gaps(times: list[float], until: float) -> list[float]:
    return [later - earlier for earlier, later in zip(times, [*times[1:], until], strict=True)]


async def test_no_window_is_over_the_limit(vendor: FakeAdapter, wall: WallClock) -> None:
    """Three sources want twice what their credential may send: no period of a minute sees more than its 60."""
    names = ("a", "b", "c")
    for name in names:
        vendor[name].many(20).takes = lambda _: 0.3
    settings = config(*names, every=poll(realtime_every=30), credential="shared", limit=60)

    async with Monitor(settings, clock=wall) as monitor:
        await asyncio.sleep(HOUR)
        stats = monitor.stats().sources

    sent = [at for name in names for at in vendor[name].sent()]
    assert most_in_any(sent, 60.0) <= 60
    assert len(sent) >= 0.85 * 60 * 60
    assert [source.failed_polls for source in stats] == [0, 0, 0]
    ideal = 60 / (52 / 60)  # 60 batches at the pace that keeps every minute inside the limit
    for name in names:
        for ident, starts in vendor[name].by_target().items():
            assert max(_gaps(starts, HOUR)) <= 2 * ideal, (name, ident)


async def test_a_burst_after_a_suspension_stays_inside_the_limit(vendor: FakeAdapter, wall: WallClock) -> None:
    """Everything is due at once when the process wakes; the vendor sees its limit kept."""
    vendor["a"].many(50)
    settings = config("a", every=poll(realtime_every=60), credential="one", limit=60)

    async with Monitor(settings, clock=wall):
        await asyncio.sleep(120)
        suspend(600)
        await asyncio.sleep(300)

    assert most_in_any(vendor["a"].sent(), 60.0) <= 60
    assert len([at for at in vendor["a"].sent() if at > 720]) >= 200


async def test_waiting_for_the_own_budget_is_not_a_failure(vendor: FakeAdapter, wall: WallClock) -> None:
    """Eight sources of one credential that wake together wait for their turn; the vendor is well, nothing fails."""
    names = [f"s{number}" for number in range(8)]
    for name in names:
        vendor[name].many(5)
    settings = config(*names, every=poll(realtime_every=60), credential="shared", limit=60)

    async with Monitor(settings, clock=wall) as monitor:
        await asyncio.sleep(120)
        suspend(600)
        await asyncio.sleep(300)
        failed = {source.source: source.failed_polls for source in monitor.stats().sources}

    assert failed == dict.fromkeys(names, 0)


async def test_each_family_keeps_a_fifth_and_nobody_starves(vendor: FakeAdapter, wall: WallClock) -> None:
    """60 queues every 10 s and their windows every 60 s under half the budget: one of five starts is a window."""
    script = vendor["a"].many(60)
    settings = config("a", every=poll(realtime_every=10), families=BOTH, credential="one", limit=233)

    async with Monitor(settings, clock=wall):
        await asyncio.sleep(1200)

    families = [read.batch.family for read in script.reads]
    assert len(families) == pytest.approx(1200 * 3.5, rel=0.1)
    for first in range(60, len(families) - 100):
        for family in BOTH:
            assert families[first : first + 100].count(family) >= 20
    ideal = {Family.REALTIME: 60 / (0.8 * 3.3), Family.WINDOW: 60 / (0.2 * 3.3)}
    for family in BOTH:
        gaps = [gap for starts in script.by_target(family).values() for gap in _gaps(starts[1:], 1200)]
        assert len(script.by_target(family)) == 60
        assert max(gaps) <= 2 * ideal[family]


async def test_all_cadences_stretch_alike(vendor: FakeAdapter, wall: WallClock) -> None:
    """The most overdue first: with half the budget, ten targets every 10 s and sixty every 60 s come half as often."""
    script = vendor["a"].many(70)
    fast = source_poll(realtime_every=60, match={"q?": {"realtime_every": 10}})
    settings = config("a", poll=fast, credential="one", limit=66.7)

    async with Monitor(settings, clock=wall):
        await asyncio.sleep(HOUR)

    for ident, starts in script.by_target().items():
        cadence = 10 if len(ident) == 2 else 60
        gaps = _gaps(starts[1:], HOUR)
        assert 1.4 <= sum(gaps) / len(gaps) / cadence <= 2.8, ident
        assert max(gaps) / cadence <= 5, ident
    assert len(script.by_target()) == 70
