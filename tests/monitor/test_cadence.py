"""How often what is read: per family, per source, per target; and only what is wanted."""

import asyncio
from itertools import pairwise

import pytest
from monitor_fake import BOTH, FakeAdapter, WallClock, config, loop_time, poll, source_poll

from ccstats.config import Http, Select
from ccstats.errors import UnavailableError
from ccstats.model import Family
from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)


def _period(starts: list[float]) -> float:
    """The one period between all starts."""
    gaps = {round(later - earlier, 2) for earlier, later in pairwise(starts)}
    assert len(gaps) == 1, gaps
    return gaps.pop()


async def test_each_family_has_its_cadence(vendor: FakeAdapter, wall: WallClock) -> None:
    """Real time every 5 s, windows every 45 s."""
    script = vendor["a"].many(3)
    every = poll(realtime_every=5, window_every=45)

    async with Monitor(config("a", every=every, families=BOTH), clock=wall):
        await asyncio.sleep(300)

    assert {_period(starts) for starts in script.by_target(Family.REALTIME).values()} == {5.0}
    assert {_period(starts) for starts in script.by_target(Family.WINDOW).values()} == {45.0}


async def test_a_source_may_have_its_own(vendor: FakeAdapter, wall: WallClock) -> None:
    """What a source does not set follows the whole configuration, discovery included."""
    own = {"b": {"poll": source_poll(realtime_every=20, discovery_every=70)}}
    every = poll(realtime_every=10, window_every=30, discovery_every=100)

    async with Monitor(config("a", "b", every=every, own=own, families=BOTH), clock=wall):
        await asyncio.sleep(290)

    assert _period(vendor["a"].by_target()["q0"]) == 10
    assert _period(vendor["b"].by_target()["q0"]) == 20
    assert _period(vendor["b"].by_target(Family.WINDOW)["q0"]) == 30
    assert [round(at) for at in vendor["a"].discoveries] == [0, 100, 200]
    assert [round(at) for at in vendor["b"].discoveries] == [0, 70, 140, 210, 280]


async def test_globs_set_the_cadence_of_targets(vendor: FakeAdapter, wall: WallClock) -> None:
    """On name or id, per family, and the last match wins; targets of one cadence share batches."""
    vendor["a"].targets = ["vip1", "vip2", "night1", "vip-night", "other"]
    globs = {
        "vip*": {"realtime_every": 5.0, "window_every": 15.0},
        "Queue *night*": {"realtime_every": 30.0},
    }
    own = {"poll": source_poll(match=globs)}
    every = poll(realtime_every=10, window_every=60)

    async with Monitor(config("a", every=every, families=BOTH, batch=50, **own), clock=wall):
        await asyncio.sleep(600)

    batches = {
        (read.batch.family, tuple(sorted(target.id for target in read.batch.targets))) for read in vendor["a"].reads
    }
    now = {
        targets: _period(vendor["a"].by_target()[_first(vendor, targets)])
        for family, targets in batches
        if family is Family.REALTIME
    }
    windows = vendor["a"].by_target(Family.WINDOW)
    assert now == {("vip1", "vip2"): 5, ("night1",): 30, ("vip-night",): 30, ("other",): 10}
    assert {ident: _period(starts) for ident, starts in windows.items()} == {
        "vip1": 15,
        "vip-night": 15,
        "night1": 60,
        "other": 60,
    }


def _first(vendor: FakeAdapter, idents: tuple[str, ...]) -> str:
    return next(ident for ident in vendor["a"].targets if ident in idents)


async def test_only_the_wanted_are_read(vendor: FakeAdapter, wall: WallClock) -> None:
    """`only` restricts what the configuration selects; the rest has no snapshot either."""
    vendor["a"].targets = ["in1", "in2", "out1", "other"]
    selected = Select(match=("*1", "in*"))

    async with Monitor(config("a", select=selected), only=lambda target: target.id != "in2", clock=wall) as monitor:
        await asyncio.sleep(120)
        keys = sorted(monitor.latest())
        targets = monitor.stats().sources[0].targets

    assert sorted(vendor["a"].by_target()) == ["in1", "out1"]
    assert keys == ["a:queue:in1", "a:queue:out1"]
    assert targets == 2


async def test_get_is_one_of_latest(vendor: FakeAdapter, wall: WallClock) -> None:
    """By key, over all sources; None where there is none."""
    vendor["a"].many(2)
    vendor["b"].many(1)

    async with Monitor(config("a", "b"), clock=wall) as monitor:
        await asyncio.sleep(61)

        assert sorted(monitor.latest()) == ["a:queue:q0", "a:queue:q1", "b:queue:q0"]
        assert {key: monitor.get(key) for key in monitor.latest()} == monitor.latest()
        assert monitor.get("b:queue:q1") is None


async def test_ready_when_everything_was_tried(vendor: FakeAdapter, wall: WallClock) -> None:
    """True once each batch was read or has failed, not before; the last slot of the first period decides."""
    script = vendor["a"].many(6)
    script.takes = lambda _: 3.0
    script.fails = lambda batch: UnavailableError("away") if batch.targets[0].id == "q2" else None
    vendor["b"].discovery_takes = 2.0

    async with Monitor(config("a", "b", every=poll(realtime_every=30)), clock=wall) as monitor:
        early = await monitor.wait_until_ready(timeout=1.0)
        early_at = loop_time()
        ready = await monitor.wait_until_ready()
        ready_at = loop_time()
        again = await monitor.wait_until_ready(timeout=0.0)

    tried = max(read.ended for name in ("a", "b") for read in vendor[name].reads)
    assert (early, early_at) == (False, pytest.approx(1.0, abs=0.01))
    assert (ready, again) == (True, True)
    assert ready_at == pytest.approx(tried, abs=0.01)
    assert len({read.batch.key for read in script.reads if read.ended <= ready_at}) == 6


async def test_ready_waits_for_reads_under_way(vendor: FakeAdapter, wall: WallClock) -> None:
    """A plan made anew in the first round does not count what is being read as tried."""
    script = vendor["a"].many(2)
    script.takes = lambda batch: 40.0 if batch.targets[0].id == "q1" else 1.0
    settings = config("a", every=poll(realtime_every=10), http=Http(timeout=60))

    async with Monitor(settings, clock=wall) as monitor:
        await asyncio.sleep(25)
        script.learned = 1  # the same batches, planned again
        ready = await monitor.wait_until_ready(timeout=300)
        ready_at = loop_time()
        await asyncio.sleep(60)

    slow = next(read for read in script.reads if read.batch.targets[0].id == "q1")
    assert ready
    assert ready_at >= slow.ended


async def test_ready_with_nothing_to_read(vendor: FakeAdapter, wall: WallClock) -> None:
    """A source without targets, or whose discovery failed, has been tried."""
    vendor["a"].many(0)
    vendor["b"].on_discover = lambda: UnavailableError("away")

    async with Monitor(config("a", "b"), clock=wall) as monitor:
        assert await monitor.wait_until_ready(timeout=5)
