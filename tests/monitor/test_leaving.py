"""Leaving the monitor: everything ends at once, everything is closed, the body's exception stays what it was."""

import asyncio
import math

import anyio
import pytest
from monitor_fake import FakeAdapter, WallClock, config, loop_time, poll

from ccstats.errors import ConfigError
from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)
SETTINGS = config("a", "b", every=poll(realtime_every=10), credential="one", limit=30)


def _busy(vendor: FakeAdapter) -> None:
    """Reads that hang, reads that wait for the budget, and a discovery under way."""
    vendor["a"].many(30).takes = lambda _: math.inf
    vendor["b"].many(30).discovery_takes = 25.0


async def test_everything_ends_in_the_next_turns(vendor: FakeAdapter, wall: WallClock) -> None:
    """No virtual time passes, no task and no timer is left, every source is closed."""
    _busy(vendor)
    before = asyncio.all_tasks()

    async with Monitor(SETTINGS, clock=wall):
        await asyncio.sleep(15)
        inside = len(asyncio.all_tasks() - before)
        left_at = loop_time()

    assert inside >= 3
    assert loop_time() == left_at
    assert asyncio.all_tasks() == before
    assert not any(script.open for script in vendor.scripts.values())
    loop = asyncio.get_running_loop()
    assert [timer for timer in loop._scheduled if not timer.cancelled()] == []
    asked = len(vendor["a"].reads)
    await asyncio.sleep(100)
    assert len(vendor["a"].reads) == asked


@pytest.mark.parametrize("error", [KeyError("own"), ConfigError("own"), asyncio.CancelledError()], ids=repr)
async def test_the_exception_of_the_body_comes_out_as_it_is(
    vendor: FakeAdapter, wall: WallClock, error: BaseException
) -> None:
    """Not in a group, not replaced, and with everything closed."""
    _busy(vendor)
    with pytest.raises(type(error)) as caught:
        async with Monitor(SETTINGS, clock=wall):
            await asyncio.sleep(15)
            raise error

    assert caught.value is error
    assert len(asyncio.all_tasks()) == 1
    assert not any(script.open for script in vendor.scripts.values())


async def test_cancelling_the_task_that_holds_it(vendor: FakeAdapter, wall: WallClock) -> None:
    """A cancelled application ends as cancelled, at once, with every source closed."""
    _busy(vendor)

    async def app() -> None:
        async with Monitor(SETTINGS, clock=wall):
            await asyncio.sleep(1000)

    task = asyncio.create_task(app())
    await asyncio.sleep(15)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert task.cancelled()
    assert loop_time() == pytest.approx(15, abs=0.01)
    assert len(asyncio.all_tasks()) == 1
    assert not any(script.open for script in vendor.scripts.values())


async def test_a_scope_that_ends_it_lets_it_close(vendor: FakeAdapter, wall: WallClock) -> None:
    """Sources whose closing takes a moment are closed also where an anyio scope around the monitor is cancelled."""
    closed = []
    for name in ("a", "b"):
        vendor[name].on_close = lambda name=name: _close(name, closed)

    with anyio.move_on_after(15) as scope:
        async with Monitor(SETTINGS, clock=wall):
            await asyncio.sleep(1000)

    assert scope.cancelled_caught
    assert sorted(closed) == ["a", "b"]
    assert not any(script.open for script in vendor.scripts.values())


async def _close(name: str, closed: list[str]) -> None:
    await asyncio.sleep(0.2)
    closed.append(name)


async def test_a_source_that_cannot_be_opened_opens_nothing(
    vendor: FakeAdapter, wall: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A configuration error on entering comes out plainly, and what was open is closed again."""
    opened = vendor.open

    def open_all_but_b(name: str, *given: object) -> object:
        if name == "b":
            raise ConfigError("b cannot be", key="sources.b")
        return opened(name, *given)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(vendor, "open", open_all_but_b)
    with pytest.raises(ConfigError, match="b cannot be"):
        async with Monitor(SETTINGS, clock=wall):
            pytest.fail("it must not be entered")

    assert vendor["a"].open is False
    assert len(asyncio.all_tasks()) == 1


async def test_nothing_is_asked_before_it_is_entered(vendor: FakeAdapter, wall: WallClock) -> None:
    """Making a monitor opens nothing."""
    Monitor(SETTINGS, clock=wall)
    await asyncio.sleep(100)

    assert vendor.scripts == {}
