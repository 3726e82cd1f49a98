"""What becomes of the last good numbers when reads fail, and when they come back."""

import asyncio
import math

import pytest
from monitor_fake import BOTH, FakeAdapter, WallClock, config, loop_time, poll

from ccstats.config import Http
from ccstats.errors import AuthError, NotFoundError, UnavailableError
from ccstats.model import GapReason, Realtime, Snapshot, Status, Window
from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)
KEY = "a:queue:q0"
PERIOD = 10.0


def now_of(monitor: Monitor, key: str = KEY) -> Realtime:
    snapshot = monitor.get(key)
    assert snapshot is not None
    assert snapshot.realtime is not None
    return snapshot.realtime


def window_of(monitor: Monitor) -> Window:
    snapshot = monitor.get(KEY)
    assert snapshot is not None
    return snapshot.windows["30m"]


async def _until(monitor: Monitor, status: Status, key: str = KEY, most: float = 200.0) -> float:
    """The virtual time at which the family has this status, or infinity."""
    end = loop_time() + most
    while loop_time() < end:
        if now_of(monitor, key).status is status:
            return loop_time()
        await asyncio.sleep(0.05)
    return math.inf


@pytest.mark.parametrize("how", ["raises", "hangs"])
async def test_three_missed_periods_make_it_stale(vendor: FakeAdapter, wall: WallClock, how: str) -> None:
    """Within a period after the third missed one; the last good values stay, with their time and the error."""
    script = vendor["a"]
    script.answer = lambda _, number: Realtime(waiting=number)
    script.takes = lambda _: 2.0

    async with Monitor(config("a", every=poll(realtime_every=PERIOD), http=Http(timeout=5)), clock=wall) as monitor:
        await monitor.wait_until_ready()
        await asyncio.sleep(3 * PERIOD + 1)
        good = now_of(monitor)
        last = script.reads[-1].ended
        if how == "raises":
            script.fails = lambda _: UnavailableError("the vendor is away")
        else:
            script.takes = lambda _: math.inf
        await asyncio.sleep(last + PERIOD + 5.0 - loop_time())
        after_one = now_of(monitor)
        stale_at = await _until(monitor, Status.STALE)
        await asyncio.sleep(600)
        much_later = now_of(monitor)

    assert (good.status, good.error) == (Status.FRESH, None)
    assert good.waiting is not None
    assert after_one.status is Status.FRESH
    assert after_one.error is not None, "the failed read is on the family at once"
    assert 3 * PERIOD <= stale_at - last <= 4 * PERIOD + 0.1, "a batch looks at its age at each of its slots"
    assert (much_later.status, much_later.waiting, much_later.observed_at) == (
        Status.STALE,
        good.waiting,
        good.observed_at,
    )
    assert much_later.error is not None
    assert much_later.error.type == "UnavailableError"


async def test_a_good_read_makes_it_fresh_again(vendor: FakeAdapter, wall: WallClock) -> None:
    """Recovery clears status and error with the first good reading."""
    script = vendor["a"]

    async with Monitor(config("a", every=poll(realtime_every=PERIOD)), clock=wall) as monitor:
        await asyncio.sleep(25)
        script.fails = lambda _: UnavailableError("away")
        await asyncio.sleep(100)
        before = now_of(monitor)
        script.fails = lambda _: None
        healed = loop_time()
        fresh_at = await _until(monitor, Status.FRESH)
        after = now_of(monitor)

    assert before.status is Status.STALE
    assert fresh_at - healed <= PERIOD + 0.1
    assert after.error is None
    assert after.waiting != before.waiting


async def test_without_a_good_value_it_has_failed(vendor: FakeAdapter, wall: WallClock) -> None:
    """No numbers, no zeros: failed, with the error, and a gap that says so."""
    vendor["a"].fails = lambda _: UnavailableError("away")

    async with Monitor(config("a", every=poll(realtime_every=PERIOD)), clock=wall) as monitor:
        await asyncio.sleep(100)
        failed, snapshot = now_of(monitor), monitor.get(KEY)

    assert (failed.status, failed.waiting, failed.observed_at is not None) == (Status.FAILED, None, True)
    assert failed.error is not None
    assert failed.error.message == "away"
    assert isinstance(snapshot, Snapshot)
    gap = snapshot.gap("realtime.waiting")
    assert gap is not None
    assert gap.reason is GapReason.FAILED


async def test_each_family_is_stale_on_its_own(vendor: FakeAdapter, wall: WallClock) -> None:
    """Windows that fail leave real time fresh, and are stale after three of their own periods."""
    script = vendor["a"]
    script.fails = lambda batch: UnavailableError("away") if batch.window and loop_time() > 70 else None
    every = poll(realtime_every=PERIOD, window_every=30)

    async with Monitor(config("a", every=every, families=BOTH), clock=wall) as monitor:
        await asyncio.sleep(120)
        early = window_of(monitor)
        await asyncio.sleep(80)
        late, now = window_of(monitor), now_of(monitor)

    assert (early.status, late.status) == (Status.FRESH, Status.STALE)
    assert late.offered == early.offered is not None
    assert late.error is not None
    assert (now.status, now.error) == (Status.FRESH, None)


async def test_one_bad_target_of_a_good_batch_becomes_stale(vendor: FakeAdapter, wall: WallClock) -> None:
    """A batch whose other targets answer does not keep the failing one fresh."""
    script = vendor["a"].many(3)
    script.answer = lambda target, number: (
        UnavailableError("this one is away") if target.id == "q1" and number > 3 else Realtime(waiting=number)
    )

    async with Monitor(config("a", every=poll(realtime_every=PERIOD), batch=3), clock=wall) as monitor:
        await asyncio.sleep(100)
        bad, good = now_of(monitor, "a:queue:q1"), now_of(monitor, "a:queue:q2")

    assert bad.error is not None
    assert (bad.waiting, bad.status) == (3, Status.STALE)
    assert (good.status, good.error) == (Status.FRESH, None)


async def test_what_is_no_longer_read_becomes_stale_too(vendor: FakeAdapter, wall: WallClock) -> None:
    """Batches that were cut anew and never got to read, the credential being refused, do not stay fresh."""
    script = vendor["a"].many(4)

    async with Monitor(config("a", every=poll(realtime_every=PERIOD), batch=4), clock=wall) as monitor:
        await asyncio.sleep(25)
        script.fails = lambda _: AuthError("refused")
        script.learned = 1
        await asyncio.sleep(400)
        states = {key: snapshot.realtime.status for key, snapshot in monitor.latest().items() if snapshot.realtime}

    assert states == {f"a:queue:q{number}": Status.STALE for number in range(4)}


async def test_a_target_that_the_vendor_no_longer_knows_is_gone(vendor: FakeAdapter, wall: WallClock) -> None:
    """A read that answers "not found" says gone and keeps the last values; found again, it is fresh."""
    script = vendor["a"]

    async with Monitor(config("a", every=poll(realtime_every=PERIOD)), clock=wall) as monitor:
        await asyncio.sleep(25)
        good = now_of(monitor)
        script.fails = lambda _: NotFoundError("no such queue")
        await asyncio.sleep(PERIOD)
        gone = now_of(monitor)
        script.fails = lambda _: None
        await asyncio.sleep(PERIOD)
        back = now_of(monitor)

    assert (gone.status, gone.waiting) == (Status.GONE, good.waiting)
    assert gone.error is not None
    assert (back.status, back.error) == (Status.FRESH, None)


async def test_values_survive_two_failures_after_gone(vendor: FakeAdapter, wall: WallClock) -> None:
    """The last good values are not lost because the vendor says "not found" more than once."""
    script = vendor["a"]

    async with Monitor(config("a", every=poll(realtime_every=PERIOD)), clock=wall) as monitor:
        await asyncio.sleep(25)
        good = now_of(monitor)
        script.fails = lambda _: NotFoundError("no such queue")
        await asyncio.sleep(3 * PERIOD)
        gone = now_of(monitor)

    assert good.waiting is not None
    assert (gone.status, gone.waiting) == (Status.GONE, good.waiting)
