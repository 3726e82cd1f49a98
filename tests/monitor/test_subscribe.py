"""Readers of changes: however slow, they hold nobody back, and know what they missed."""

import asyncio
import gc
import sys

import pytest
from monitor_fake import FakeAdapter, WallClock, config, poll

from ccstats.model import Kind, Realtime, Snapshot, Target
from ccstats.monitor import Changes, Monitor
from ccstats.monitor.stream import Matches, Streams

pytestmark = pytest.mark.looptime(noop_cycles=0)
EVERY = poll(realtime_every=10)


async def _collect(changes: Changes, into: list[Snapshot], pause: float = 0.0) -> None:
    async for snapshot in changes:
        into.append(snapshot)
        await asyncio.sleep(pause)


def _waiting(snapshot: Snapshot) -> int | None:
    return snapshot.realtime.waiting if snapshot.realtime is not None else None


async def test_a_slow_reader_delays_nobody(vendor: FakeAdapter, wall: WallClock) -> None:
    """One reader takes 37 s for a change and one never reads: every slot is kept, a quick reader sees everything."""
    script = vendor["a"].many(5)
    script.answer = lambda _, number: Realtime(waiting=number)
    quick: list[Snapshot] = []
    slow: list[Snapshot] = []

    async with (
        Monitor(config("a", every=EVERY), clock=wall) as monitor,
        monitor.subscribe() as all_of_it,
        monitor.subscribe() as some_of_it,
        monitor.subscribe() as asleep,
    ):
        readers = [
            asyncio.create_task(_collect(all_of_it, quick)),
            asyncio.create_task(_collect(some_of_it, slow, 37.0)),
        ]
        await asyncio.sleep(600)
        stats = monitor.stats()
        counts = (all_of_it.missed, some_of_it.missed, asleep.missed)
        readers[1].cancel()
    await readers[0]

    assert (stats.sources[0].polls, stats.sources[0].skipped) == (300, 0)
    assert stats.sources[0].lateness_max <= 0.1
    assert len(quick) == 5 + 300, "each target, and each change of it"
    assert counts[0] == 0
    assert counts[2] == 305 - 5, "of each target the latest is waiting, the others were missed"
    assert len(slow) + counts[1] + len(some_of_it._waiting) == 305
    assert stats.missed == sum(counts)
    assert stats.readers == 3


async def test_a_slow_reader_sees_the_latest(vendor: FakeAdapter, wall: WallClock) -> None:
    """What it reads is what is true, not what was when it fell behind, and never older than what it saw before."""
    script = vendor["a"].many(3)
    script.answer = lambda _, number: Realtime(waiting=number)

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor, monitor.subscribe() as changes:
        await asyncio.sleep(300)
        seen = [await anext(changes) for _ in range(3)]
        latest = monitor.latest()
        await asyncio.sleep(100)
        later = [await anext(changes) for _ in range(3)]

    assert {one.target.key: one for one in seen} == latest
    assert {one.target.id: _waiting(one) for one in later} == dict.fromkeys(("q0", "q1", "q2"), 40)


async def test_memory_is_bounded_by_the_targets(canary: str) -> None:
    """10,000 updates of 20 targets leave 20 snapshots waiting, and 9,980 counted as missed."""
    streams = Streams()
    changes = streams.open(None)
    targets = [Target(source="a", vendor="fake", kind=Kind.QUEUE, id=f"q{index}", name=canary) for index in range(20)]
    made = [Snapshot(target=target) for target in targets]
    streams.publish(made[0])
    gc.collect()
    before = sys.getallocatedblocks()

    for number in range(1, 10_000):
        streams.publish(made[number % 20])
    gc.collect()

    assert changes.missed == 10_000 - 20
    assert sys.getallocatedblocks() - before < 1000
    streams.close_all()
    assert len([one async for one in changes]) == 20


async def test_leaving_the_context_ends_the_stream(vendor: FakeAdapter, wall: WallClock) -> None:
    """A closed reader gets nothing more, counts nothing more, and is forgotten."""
    vendor["a"].answer = lambda _, number: Realtime(waiting=number)

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        async with monitor.subscribe() as changes:
            await asyncio.sleep(15)
            inside = monitor.stats().readers
        await asyncio.sleep(100)
        left = [one async for one in changes]
        outside = monitor.stats()

    assert inside == 1
    assert (outside.readers, outside.missed) == (0, 0)
    assert len(left) == 1, "what was waiting can still be read, then the stream ends"


async def test_leaving_by_an_exception_closes_too(vendor: FakeAdapter, wall: WallClock) -> None:
    """The reader's own exception comes out as it is, and the reader is forgotten."""
    vendor["a"].many(1)
    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        with pytest.raises(KeyError, match="own"):
            async with monitor.subscribe():
                raise KeyError("own")

        assert monitor.stats().readers == 0


async def test_the_end_of_the_monitor_ends_every_stream(vendor: FakeAdapter, wall: WallClock) -> None:
    """A reader in a task of its own comes to its end when the monitor is left."""
    vendor["a"].many(2)
    seen: list[Snapshot] = []

    async def read(monitor: Monitor) -> None:
        async with monitor.subscribe() as changes:
            await _collect(changes, seen)

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        reader = asyncio.create_task(read(monitor))
        await asyncio.sleep(15)
    async with asyncio.timeout(1):
        await reader

    assert len(seen) >= 4


async def test_subscribing_after_the_end_ends_at_once(vendor: FakeAdapter, wall: WallClock) -> None:
    """A monitor that has been left has no changes to wait for."""
    vendor["a"].many(1)
    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        await asyncio.sleep(15)

    async with monitor.subscribe() as changes, asyncio.timeout(1):
        assert [one async for one in changes] == []


@pytest.mark.parametrize("readers", [0, 1, 200])
async def test_readers_cost_no_request(vendor: FakeAdapter, wall: WallClock, readers: int) -> None:
    """The vendor is asked once per slot, however many look."""
    script = vendor["a"].many(3)
    script.answer = lambda _, number: Realtime(waiting=number)
    counts = []

    async def read(monitor: Monitor) -> None:
        async with monitor.subscribe() as changes:
            got: list[Snapshot] = []
            await _collect(changes, got)
            counts.append(len(got))

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        tasks = [asyncio.create_task(read(monitor)) for _ in range(readers)]
        await asyncio.sleep(100)
        monitor.latest()
        requests = monitor.stats().sources[0].requests
    await asyncio.gather(*tasks)

    assert (requests, len(script.reads)) == (30, 30)
    assert counts == [33] * readers


@pytest.mark.parametrize(
    ("match", "keys"),
    [
        ("a:*", {"a:queue:q0", "a:queue:q1"}),
        ("Queue q1", {"a:queue:q1", "b:queue:q1"}),
        ("*:q0", {"a:queue:q0", "b:queue:q0"}),
        (lambda target: target.source == "b" and target.id == "q0", {"b:queue:q0"}),
        ("nothing", set()),
        (None, {"a:queue:q0", "a:queue:q1", "b:queue:q0", "b:queue:q1"}),
    ],
    ids=["key", "name", "any-source", "predicate", "none", "all"],
)
async def test_a_reader_sees_what_it_asked_for(
    vendor: FakeAdapter, wall: WallClock, match: str | Matches | None, keys: set[str]
) -> None:
    """A glob on key or name, or a predicate."""
    vendor["a"].many(2)
    vendor["b"].many(2)
    seen: list[Snapshot] = []
    settings = config("a", "b", every=EVERY)
    async with Monitor(settings, clock=wall) as monitor, monitor.subscribe(match=match) as changes:
        reader = asyncio.create_task(_collect(changes, seen))
        await asyncio.sleep(25)
    await reader

    assert {one.target.key for one in seen} == keys
