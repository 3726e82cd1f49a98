"""Targets that come, go and change their names while they are polled."""

import asyncio
from itertools import pairwise

import pytest
from monitor_fake import FakeAdapter, WallClock, config, loop_time, poll

from ccstats.errors import UnavailableError
from ccstats.model import Snapshot, Status
from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)
EVERY = poll(realtime_every=10, discovery_every=60)


def _status(snapshot: Snapshot | None) -> Status | None:
    return snapshot.realtime.status if snapshot is not None and snapshot.realtime is not None else None


async def test_a_vanished_target_is_gone_and_later_dropped(vendor: FakeAdapter, wall: WallClock) -> None:
    """Gone at the next discovery, with its last values, told to readers, no longer read; dropped at the one after."""
    script = vendor["a"].many(3)

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor, monitor.subscribe(match="*:q1") as changes:
        await asyncio.sleep(55)
        before = monitor.get("a:queue:q1")
        script.targets.remove("q1")
        await asyncio.sleep(6)
        gone = monitor.get("a:queue:q1")
        told = [await anext(changes)]
        asked = len(script.by_target()["q1"])
        await asyncio.sleep(60)
        dropped = "a:queue:q1" not in monitor.latest()
        left = sorted(monitor.latest())

    assert _status(before) is Status.FRESH
    assert before is not None
    assert before.realtime is not None
    assert gone is not None
    assert gone.realtime is not None
    assert (gone.realtime.status, gone.realtime.waiting) == (Status.GONE, before.realtime.waiting)
    assert _status(told[-1]) is Status.GONE
    assert len(script.by_target()["q1"]) == asked
    assert dropped
    assert left == ["a:queue:q0", "a:queue:q2"]


async def test_a_read_under_way_does_not_bring_a_vanished_target_back(vendor: FakeAdapter, wall: WallClock) -> None:
    """What was asked before it vanished and answered after is not the latest of a living target."""
    script = vendor["a"].many(1)
    script.takes = lambda _: 8.0

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        await asyncio.sleep(50)
        script.targets.clear()
        last = script.starts()[-1]
        script.discovery_takes = last + 10 + 4 - 60  # discovery ends in the middle of the next read
        await asyncio.sleep(last + 10 + 4.1 - loop_time())
        in_the_middle = _status(monitor.get("a:queue:q0"))
        await asyncio.sleep(6)
        after = _status(monitor.get("a:queue:q0"))

    assert in_the_middle is Status.GONE
    assert after is Status.GONE


async def test_a_new_target_is_read_within_a_period(vendor: FakeAdapter, wall: WallClock) -> None:
    """Known at the next discovery, read at most one period later; the others keep their slots' count."""
    script = vendor["a"].many(3)

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor, monitor.subscribe(match="*:new") as changes:
        await asyncio.sleep(30)
        script.targets.append("new")
        first = await anext(changes)
        known_at = loop_time()
        await asyncio.sleep(10.1)
        read = monitor.get("a:queue:new")

    assert known_at == pytest.approx(60, abs=0.1)
    assert first.realtime is None, "nothing is known of it yet, and nothing is made up"
    assert script.by_target()["new"][0] - known_at <= 10
    assert _status(read) is Status.FRESH
    for starts in script.by_target().values():
        assert max((later - earlier for earlier, later in pairwise(starts)), default=0) < 20


async def test_a_target_that_comes_back_is_fresh(vendor: FakeAdapter, wall: WallClock) -> None:
    """Gone is not for ever."""
    script = vendor["a"].many(2)

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        await asyncio.sleep(55)
        script.targets.remove("q1")
        await asyncio.sleep(10)
        script.targets.append("q1")
        gone = _status(monitor.get("a:queue:q1"))
        await asyncio.sleep(66)
        back = _status(monitor.get("a:queue:q1"))

    assert (gone, back) == (Status.GONE, Status.FRESH)


async def test_a_discovery_that_fails_loses_nothing(vendor: FakeAdapter, wall: WallClock) -> None:
    """The targets of the last good discovery are read on."""
    script = vendor["a"].many(3)

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        await asyncio.sleep(30)
        script.on_discover = lambda: UnavailableError("away")
        script.targets = []
        await asyncio.sleep(300)
        states = {key: _status(snapshot) for key, snapshot in monitor.latest().items()}
        stats = monitor.stats().sources[0]

    assert states == {f"a:queue:q{number}": Status.FRESH for number in range(3)}
    assert stats.targets == 3
    assert len(script.reads) == pytest.approx(99, abs=1)
