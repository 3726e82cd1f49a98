"""Whatever one adapter, one vendor or one reader does, the others lose no poll."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from monitor_fake import FakeAdapter, Script, WallClock, config, poll

from ccstats.adapter import Reading
from ccstats.errors import ConfigError, UnavailableError
from ccstats.model import Status, Target
from ccstats.monitor import Monitor, SourceState, SourceStats

pytestmark = pytest.mark.looptime(noop_cycles=0)
EVERY = poll(realtime_every=10, discovery_every=60)
SETTINGS = config("bad", "good", every=EVERY)


async def _poll_good_beside(vendor: FakeAdapter, wall: WallClock, spoil: Callable[[Script], Any]) -> Monitor:
    """Poll two sources for five minutes; one is spoiled from the second minute on. The other must not notice."""
    vendor["bad"].many(5)
    vendor["good"].many(5)
    async with Monitor(SETTINGS, clock=wall) as monitor:
        await asyncio.sleep(65)
        spoil(vendor["bad"])
        await asyncio.sleep(235)
        good = _stats(monitor, "good")
        fresh = {
            one.realtime.status for key, one in monitor.latest().items() if key.startswith("good") and one.realtime
        }
    assert (good.polls, good.failed_polls, good.skipped, good.state) == (150, 0, 0, SourceState.OK)
    assert good.lateness_max <= 0.1
    assert fresh == {Status.FRESH}
    return monitor


def _stats(monitor: Monitor, name: str) -> SourceStats:
    return next(source for source in monitor.stats().sources if source.source == name)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("bug"),
        RecursionError("maximum recursion depth exceeded"),
        UnavailableError("away"),
        TimeoutError(),
        ConfigError("the file of the secret is no longer there"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_adapter_that_raises_in_read(vendor: FakeAdapter, wall: WallClock, error: Exception) -> None:
    """Its batch has failed, with what was raised; its other batches and other sources go on."""

    def spoil(script: Script) -> None:
        script.fails = lambda batch: error if batch.targets[0].id == "q0" else None

    monitor = await _poll_good_beside(vendor, wall, spoil)

    assert {len(starts) for starts in vendor["bad"].by_target().values()} == {30}
    state = {key: one.realtime.error for key, one in monitor.latest().items() if one.realtime is not None}
    assert [key for key, failure in state.items() if failure is not None] == ["bad:queue:q0"]


async def test_an_adapter_that_raises_when_it_opens_a_source(
    vendor: FakeAdapter, wall: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is failing with the reason; the others are polled, and it is opened again when its configuration changes."""
    opened = vendor.open
    broken = {"bad"}

    def open_but(name: str, *given: Any) -> Any:
        if name in broken:
            raise ValueError("bug")
        return opened(name, *given)

    monkeypatch.setattr(vendor, "open", open_but)
    monitor = await _poll_good_beside(vendor, wall, lambda _: None)
    bad = _stats(monitor, "bad")
    assert (bad.state, bad.polls) == (SourceState.FAILING, 0)
    assert bad.error is not None
    assert "ValueError when it opened the source" in bad.error

    async with Monitor(SETTINGS, clock=wall) as again:
        await asyncio.sleep(30)
        broken.clear()
        await again.reload(config("bad", "good", every=EVERY, own={"bad": {"requests": 2}}))
        await asyncio.sleep(30)
        assert _stats(again, "bad").state is SourceState.OK


@pytest.mark.parametrize("error", [ValueError("bug"), UnavailableError("away")], ids=repr)
async def test_an_adapter_that_raises_in_discover(vendor: FakeAdapter, wall: WallClock, error: Exception) -> None:
    """The targets that are known are read on."""

    def spoil(script: Script) -> None:
        script.on_discover = lambda: error

    await _poll_good_beside(vendor, wall, spoil)

    assert {len(starts) for starts in vendor["bad"].by_target().values()} == {30}


async def test_an_adapter_that_raises_in_plan(vendor: FakeAdapter, wall: WallClock) -> None:
    """The last plan holds, and is carried out in time."""

    def spoil(script: Script) -> None:
        script.plan_fails = ValueError("bug")
        script.learned = 2

    monitor = await _poll_good_beside(vendor, wall, spoil)

    assert {len(starts) for starts in vendor["bad"].by_target().values()} == {30}
    assert monitor._runners[0]._lateness.maximum <= 0.1


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(None, id="none"),
        pytest.param([None], id="list-of-none"),
        pytest.param([42], id="numbers"),
        pytest.param([], id="empty"),
        pytest.param(lambda given: [replace(one, values=42) for one in given], id="values-of-no-family"),
        pytest.param(lambda given: [replace(one, target=None) for one in given], id="no-target"),
        pytest.param(lambda given: [Reading(one.target, one.family, one.observed_at) for one in given], id="no-values"),
    ],
)
async def test_an_adapter_that_returns_nonsense(vendor: FakeAdapter, wall: WallClock, broken: Any) -> None:
    """What is no list of readings fails its batch, and nothing else."""

    def spoil(script: Script) -> None:
        script.returns = broken if callable(broken) else lambda _: broken

    await _poll_good_beside(vendor, wall, spoil)

    assert {len(starts) for starts in vendor["bad"].by_target().values()} == {30}


async def test_an_adapter_whose_read_is_cancelled_from_within(vendor: FakeAdapter, wall: WallClock) -> None:
    """A cancelled token fetch, for example, comes out of a read as CancelledError: that batch has failed, no more."""

    def spoil(script: Script) -> None:
        script.fails = lambda _: asyncio.CancelledError()

    await _poll_good_beside(vendor, wall, spoil)

    assert {len(starts) for starts in vendor["bad"].by_target().values()} == {30}


async def test_a_discovery_that_hangs_is_given_up(vendor: FakeAdapter, wall: WallClock) -> None:
    """A source whose discovery never ends is reported as failing and tried again."""
    vendor["bad"].discovery_takes = float("inf")
    vendor["good"].many(5)

    async with Monitor(SETTINGS, clock=wall) as monitor:
        await asyncio.sleep(900)
        bad, good = monitor.stats().sources
        vendor["bad"].discovery_takes = 0.0
        await asyncio.sleep(900)
        recovered = monitor.stats().sources[0]

    assert (good.polls, good.failed_polls, good.skipped) == (450, 0, 0)
    assert bad.state is SourceState.FAILING
    assert len(vendor["bad"].discoveries) >= 2
    assert recovered.state is SourceState.OK


async def test_a_predicate_that_raises_costs_nobody_a_poll(vendor: FakeAdapter, wall: WallClock) -> None:
    """A reader with a broken predicate sees nothing; polling and other readers go on."""
    vendor["bad"].many(2)
    vendor["good"].many(2)
    calls = 0

    def broken(_: Target) -> bool:
        nonlocal calls
        calls += 1
        raise ValueError("a reader's own bug")

    async with (
        Monitor(SETTINGS, clock=wall) as monitor,
        monitor.subscribe(match=broken) as nothing,
        monitor.subscribe() as everything,
    ):
        await asyncio.sleep(300)
        polls = [source.polls for source in monitor.stats().sources]
        states = [source.state for source in monitor.stats().sources]
        seen = {(await anext(everything)).target.key for _ in range(4)}
        unseen = nothing._waiting

    assert calls > 0
    assert polls == [60, 60]
    assert states == [SourceState.OK, SourceState.OK]
    assert len(seen) == 4
    assert unseen == {}


async def test_a_refresh_whose_predicate_raises_says_so_plainly(vendor: FakeAdapter, wall: WallClock) -> None:
    """The caller's own exception comes back as it is, not in a group, and polling goes on."""
    vendor["bad"].many(2)

    async with Monitor(config("bad", every=EVERY), clock=wall) as monitor:
        await asyncio.sleep(15)
        with pytest.raises(ZeroDivisionError):
            await monitor.refresh(lambda _: 1 / 0 > 0)
        await asyncio.sleep(285)
        polls = monitor.stats().sources[0].polls

    assert polls == 60
