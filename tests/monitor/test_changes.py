"""What counts as a change, and how the families of a target come together."""

import asyncio

import pytest
from monitor_fake import BOTH, FakeAdapter, WallClock, config, poll

from ccstats.adapter import Reading
from ccstats.config import Config, WindowSpec
from ccstats.errors import UnavailableError
from ccstats.model import Agents, Family, Realtime, Snapshot, Window
from ccstats.monitor import Changes, Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)


async def _collect(changes: Changes, into: list[Snapshot]) -> None:
    async for snapshot in changes:
        into.append(snapshot)


async def _seen(
    settings: Config, wall: WallClock, seconds: float, *, exact: bool = True
) -> tuple[list[Snapshot], Snapshot]:
    """Every change that a reader who keeps up was told, and the latest at the end."""
    seen: list[Snapshot] = []
    async with Monitor(settings, clock=wall) as monitor, monitor.subscribe() as changes:
        reader = asyncio.create_task(_collect(changes, seen))
        await asyncio.sleep(seconds)
        latest = monitor.latest()["a:queue:q0"]
    await reader
    assert changes.missed == 0 or not exact
    return seen, latest


async def test_another_time_of_reading_is_no_change(vendor: FakeAdapter, wall: WallClock) -> None:
    """Sixty readings that say the same are one change; the latest carries the last time all the same."""
    vendor["a"].answer = lambda _, number: Realtime(waiting=4, agents=Agents(total=2))

    seen, latest = await _seen(config("a", every=poll(realtime_every=10)), wall, 600)

    assert len(vendor["a"].reads) == 60
    assert [snapshot.realtime is not None for snapshot in seen] == [False, True], "the target, and its values"
    assert latest.realtime is not None
    assert latest.realtime.observed_at is not None
    assert (wall.start.timestamp() + 600) - latest.realtime.observed_at.timestamp() <= 10


@pytest.mark.parametrize("part", ["waiting", "agents", "priority"])
async def test_any_other_value_is_a_change(vendor: FakeAdapter, wall: WallClock, part: str) -> None:
    """Each reading that differs in one value, at whatever depth, is told once."""
    ways = {
        "waiting": lambda number: Realtime(waiting=number),
        "agents": lambda number: Realtime(agents=Agents(available=number)),
        "priority": lambda number: Realtime(waiting_by_priority={1: number}),
    }
    vendor["a"].answer = lambda _, number: ways[part](number // 3)

    seen, _ = await _seen(config("a", every=poll(realtime_every=10)), wall, 90)

    told = [snapshot.realtime for snapshot in seen if snapshot.realtime is not None]
    assert len(vendor["a"].reads) == 9
    assert [_without_time(one) for one in told] == [_without_time(ways[part](number)) for number in range(4)]


async def test_a_failure_is_a_change_once(vendor: FakeAdapter, wall: WallClock) -> None:
    """Failing, stale and well again: three changes, however many reads failed alike."""
    vendor["a"].answer = lambda _, number: UnavailableError("away") if 3 <= number < 20 else Realtime(waiting=1)

    seen, _ = await _seen(config("a", every=poll(realtime_every=10)), wall, 300)

    told = [(one.realtime.status.value, one.realtime.error is not None) for one in seen if one.realtime is not None]
    assert told == [("fresh", False), ("fresh", True), ("stale", True), ("fresh", False)]


async def test_families_come_together(vendor: FakeAdapter, wall: WallClock) -> None:
    """Real time and two windows of one target, read apart and at their own pace, are one snapshot."""
    windows = (WindowSpec.parse("30m"), WindowSpec.parse("8h"))
    vendor["a"].answer = lambda _, number: Realtime(waiting=number)
    every = poll(realtime_every=10, window_every=30, windows=windows)

    seen, latest = await _seen(config("a", every=every, families=BOTH), wall, 119)

    assert latest.realtime is not None
    assert latest.realtime.waiting in (11, 12)
    assert {name: window.offered in (3, 4) for name, window in latest.windows.items()} == {"30m": True, "8h": True}
    assert seen[-1] == latest
    both = [one for one in seen if one.realtime is not None and one.windows]
    assert len(both) >= 10, "what one family says does not erase what the other said"


@pytest.mark.parametrize("slow", ["30m", "8h"])
async def test_windows_stand_in_the_order_they_were_asked_for(vendor: FakeAdapter, wall: WallClock, slow: str) -> None:
    """Whichever window is answered first."""
    windows = (WindowSpec.parse("8h"), WindowSpec.parse("30m"))
    vendor["a"].takes = lambda batch: 5 if batch.window is not None and batch.window.name == slow else 1
    every = poll(realtime_every=10, window_every=30, windows=windows)

    _, latest = await _seen(config("a", every=every, families=BOTH), wall, 119, exact=False)

    assert list(latest.windows) == ["8h", "30m"]


async def test_one_answer_may_serve_two_families(vendor: FakeAdapter, wall: WallClock) -> None:
    """Readings of another family than the batch's are taken in as what they are."""
    script = vendor["a"]
    script.answer = lambda _, number: Realtime(waiting=number)
    script.returns = lambda readings: (
        readings + [Reading(one.target, Family.WINDOW, one.observed_at, "30m", Window(offered=7)) for one in readings]
    )

    _, latest = await _seen(config("a", every=poll(realtime_every=10)), wall, 25, exact=False)

    assert latest.realtime is not None
    assert latest.realtime.waiting is not None
    assert latest.windows["30m"].offered == 7


async def test_every_none_has_its_reason(vendor: FakeAdapter, wall: WallClock) -> None:
    """The merge fills the gaps of each family under its own path."""
    vendor["a"].answer = lambda _, number: Realtime(waiting=number)

    _, latest = await _seen(config("a", families=BOTH), wall, 61, exact=False)

    assert latest.gap("realtime.waiting") is None
    assert latest.gap("realtime.longest_wait") is not None
    assert latest.gap("windows.30m.handle") is not None
    assert latest.gap("windows.30m.offered") is None


def _without_time(values: Realtime) -> Realtime:
    return values.model_copy(update={"observed_at": None})
