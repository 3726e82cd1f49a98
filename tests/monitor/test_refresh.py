"""Reading out of turn: exactly once, beside the schedule, within the budgets."""

import asyncio
import math
from datetime import timedelta

import pytest
from monitor_fake import FakeAdapter, WallClock, config, loop_time, most_in_any, poll

from ccstats.config import Http
from ccstats.errors import AuthError, UnavailableError
from ccstats.model import Realtime, Status
from ccstats.monitor import Monitor
from ccstats.monitor.stream import Matches

pytestmark = pytest.mark.looptime(noop_cycles=0)
EVERY = poll(realtime_every=60)
ONE = {"concurrency": 1}


async def _idle(monitor: Monitor) -> None:
    """Until the first round is over and nothing is due for a while."""
    await monitor.wait_until_ready()
    await asyncio.sleep(0.5)


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (None, {"a": ["q0", "q2", "q4"], "b": ["q0", "q2", "q4"]}),
        ("a:*", {"a": ["q0", "q2", "q4"], "b": []}),
        ("*:q3", {"a": ["q2"], "b": ["q2"]}),
        ("Queue q0", {"a": ["q0"], "b": ["q0"]}),
        (lambda target: target.source == "b" and target.id in ("q4", "q5"), {"a": [], "b": ["q4"]}),
        ("nothing", {"a": [], "b": []}),
    ],
    ids=["all", "source", "in-a-batch", "name", "predicate", "none"],
)
async def test_each_matching_batch_is_read_once(
    vendor: FakeAdapter, wall: WallClock, match: str | Matches | None, expected: dict[str, list[str]]
) -> None:
    """A batch is read where any of its targets matches; it has been read when the call returns."""
    for name in ("a", "b"):
        vendor[name].many(6).takes = lambda _: 0.2

    async with Monitor(config("a", "b", every=EVERY, batch=2), clock=wall) as monitor:
        await _idle(monitor)
        seen = {name: len(vendor[name].reads) for name in ("a", "b")}
        asked_at = loop_time()
        await monitor.refresh(match)
        took = loop_time() - asked_at
        new = {name: vendor[name].reads[seen[name] :] for name in ("a", "b")}

    assert {name: sorted(read.batch.targets[0].id for read in reads) for name, reads in new.items()} == expected
    assert all(read.ended <= asked_at + took for reads in new.values() for read in reads)
    assert took <= 3 * 0.2 + 0.1


async def test_the_latest_is_of_now_afterwards(vendor: FakeAdapter, wall: WallClock) -> None:
    """What the call has read is in `latest` when it returns, and was told to readers."""
    script = vendor["a"]
    script.answer = lambda _, number: Realtime(waiting=number)

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor, monitor.subscribe() as changes:
        await _idle(monitor)
        await monitor.refresh("*:q0")
        latest = monitor.latest()["a:queue:q0"]
        told = await anext(changes)

    assert latest.realtime is not None
    assert told == latest
    assert latest.realtime.observed_at == wall.start + timedelta(seconds=script.starts()[-1])
    assert latest.realtime.waiting == len(script.reads)


async def test_the_schedule_goes_on_and_nothing_is_read_twice_at_once(vendor: FakeAdapter, wall: WallClock) -> None:
    """Refreshing all the time, from three callers: one read of a batch in flight, and slots = starts + skips."""
    script = vendor["a"].many(6)
    script.takes = lambda _: 1.3

    async def keep_refreshing(monitor: Monitor) -> None:
        while True:
            await monitor.refresh()
            await asyncio.sleep(0.7)

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        await _idle(monitor)
        callers = [asyncio.create_task(keep_refreshing(monitor)) for _ in range(3)]
        await asyncio.sleep(300)
        for caller in callers:
            caller.cancel()
        await asyncio.sleep(60)
        failed = monitor.stats().sources[0].failed_polls

    assert script.most_running == 1
    assert failed == 0
    assert min(len(starts) for starts in script.by_target().values()) > 36


async def test_a_refresh_does_not_move_the_slots(vendor: FakeAdapter, wall: WallClock) -> None:
    """The next regular read comes at its slot, whenever the batch was read out of turn."""
    script = vendor["a"].many(3)

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        await _idle(monitor)
        before = {ident: starts[0] for ident, starts in script.by_target().items()}
        await monitor.refresh()
        await asyncio.sleep(125)

    for ident, starts in script.by_target().items():
        regular = [at for at in starts if abs((at - before[ident]) / 60 - round((at - before[ident]) / 60)) < 0.001]
        assert len(starts) - len(regular) == 1
        assert [round(at - before[ident]) for at in regular][:3] == [0, 60, 120]


async def test_it_returns_when_a_read_under_way_is_done(vendor: FakeAdapter, wall: WallClock) -> None:
    """Where the schedule is reading the batch already, its answer is waited for, not asked for twice."""
    script = vendor["a"]
    script.takes = lambda _: 5.0

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        await monitor.wait_until_ready()
        await asyncio.sleep(script.starts()[0] + 60 + 1 - loop_time())
        under_way = script.reads[-1]
        await monitor.refresh()
        returned = loop_time()

    assert len(script.reads) == 2
    assert returned >= under_way.at + 5.0


async def test_many_batches_are_refreshed_side_by_side(vendor: FakeAdapter, wall: WallClock) -> None:
    """Thirty batches of a second each do not take half a minute, nor do all go out together."""
    script = vendor["a"].many(30)
    script.takes = lambda _: 1.0

    async with Monitor(config("a", every=EVERY, limits={"concurrency": 10}), clock=wall) as monitor:
        await _idle(monitor)
        await asyncio.sleep(1)
        seen, asked_at = len(script.reads), loop_time()
        await monitor.refresh()
        took = loop_time() - asked_at

    new = script.reads[seen:]
    assert took <= 10
    assert max(sum(one.at <= at < one.ended for one in new) for at in (read.at for read in new)) <= 20


async def test_it_keeps_to_the_budget(vendor: FakeAdapter, wall: WallClock) -> None:
    """However often it is called, no minute sees more than the limit."""
    script = vendor["a"].many(20)
    settings = config("a", every=EVERY, credential="one", limit=30)

    async with Monitor(settings, clock=wall) as monitor:
        await _idle(monitor)
        for _ in range(5):
            await monitor.refresh()

    assert most_in_any(script.sent(), 60.0) <= 30
    assert len(script.sent()) >= 100


async def test_a_refresh_that_fails_says_so_on_the_target(vendor: FakeAdapter, wall: WallClock) -> None:
    """No exception: the last good values stay, with the error."""
    script = vendor["a"]

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        await _idle(monitor)
        script.fails = lambda _: UnavailableError("away")
        await monitor.refresh()
        snapshot = monitor.get("a:queue:q0")

    assert snapshot is not None
    assert snapshot.realtime is not None
    assert snapshot.realtime.error is not None
    assert (snapshot.realtime.status, snapshot.realtime.waiting) == (Status.FRESH, 1)


async def test_a_cancelled_refresh_leaves_the_batch_to_the_schedule(vendor: FakeAdapter, wall: WallClock) -> None:
    """Whoever gives up waiting does not leave the batch marked as being read."""
    script = vendor["a"]

    async with Monitor(config("a", every=EVERY), clock=wall) as monitor:
        await _idle(monitor)
        script.takes = lambda _: 5.0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await monitor.refresh()
        script.takes = lambda _: 0.0
        count = len(script.reads)
        await asyncio.sleep(120)
        skipped = monitor.stats().sources[0].skipped

    assert len(script.reads) - count == 2
    assert skipped == 0


async def test_a_refresh_of_what_vanishes_comes_back(vendor: FakeAdapter, wall: WallClock) -> None:
    """A batch that waits for its turn when its target goes is not waited for any longer."""
    script = vendor["a"].many(2)
    script.takes = lambda _: 20.0
    settings = config("a", every=poll(realtime_every=300, discovery_every=600), http=Http(timeout=60), limits=ONE)

    async with Monitor(settings, clock=wall) as monitor:
        await asyncio.sleep(590)
        script.targets.clear()
        asked_at = loop_time()
        async with asyncio.timeout(100):
            await monitor.refresh()
        took = loop_time() - asked_at

    assert took <= 2 * 20.0 + 1


@pytest.mark.parametrize("waits", ["for its turn", "for the vendor", "for the parking"])
async def test_a_refresh_ends_with_the_monitor(vendor: FakeAdapter, wall: WallClock, waits: str) -> None:
    """Whoever waits for a refresh in another task is not left waiting when the monitor is left."""
    script = vendor["a"].many(2)
    async with Monitor(config("a", every=EVERY, limits=ONE), clock=wall) as monitor:
        await _idle(monitor)
        if waits == "for the parking":
            script.fails = lambda _: AuthError("refused")
            await asyncio.sleep(61)
        script.takes = lambda _: math.inf
        wanted = "*:q1" if waits == "for its turn" else "*:q0"
        refreshing = [asyncio.create_task(monitor.refresh(match)) for match in ("*:q0", wanted)]
        await asyncio.sleep(0.1)
    left_at = loop_time()

    done, pending = await asyncio.wait(refreshing, timeout=100)
    for task in pending:
        task.cancel()
    assert not pending
    assert loop_time() == left_at
    assert len(done) == 2
