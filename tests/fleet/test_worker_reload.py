"""SIGHUP at awkward moments: while shards come and go, while sources are being opened, and where a file is wrong."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from monitor_fake import FakeAdapter, FakeOptions, FakeSource, WallClock, config, loop_time, poll

from ccstats.adapter import Toolbox
from ccstats.config import Config
from ccstats.coordination import LocalCoordinator
from ccstats.errors import ConfigError
from ccstats.fleet.worker import Worker

pytestmark = pytest.mark.looptime(noop_cycles=0)


class SlowAdapter(FakeAdapter):
    """Opening a source takes a while, and one of some match cannot be opened at all."""

    takes = 0.0
    refuses: str | None = None

    @asynccontextmanager
    async def open(self, source: str, options: FakeOptions, toolbox: Toolbox) -> AsyncGenerator[FakeSource]:
        await asyncio.sleep(self.takes)
        if source == self.refuses:
            raise ConfigError("cannot be opened", key=f"sources.{source}")
        async with super().open(source, options, toolbox) as opened:
            yield opened


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowAdapter:
    """A scripted vendor whose sources open slowly, installed under the name `fake`."""
    adapter = SlowAdapter()
    monkeypatch.setattr("ccstats.registry.load_adapter", {"fake": adapter}.__getitem__)
    return adapter


@asynccontextmanager
async def working(settings: Config, wall: WallClock) -> AsyncGenerator[Worker]:
    """One worker alone."""
    worker, ended = Worker(settings, LocalCoordinator(lambda: 1e9 + loop_time()), clock=wall), asyncio.Event()
    task = asyncio.create_task(worker.run(ended))
    try:
        yield worker
    finally:
        ended.set()
        await task


def paced(*names: str, every: float) -> Config:
    """Sources with a credential each, read every so many seconds."""
    own: dict[str, dict[str, Any]] = {name: {"credential": name, "limit": 60_000.0} for name in names}
    return config(*names, every=poll(realtime_every=every), own=own)


async def test_what_is_read_while_a_source_is_being_opened_is_followed(slow: SlowAdapter, wall: WallClock) -> None:
    """The monitor that is being entered has the old configuration, and must not keep it."""
    slow.takes = 2.0
    async with working(paced("a", every=2), wall) as worker:
        await asyncio.sleep(4.5)
        assert worker.holdings
        assert not slow["a"].reads
        await worker.reload(paced("a", every=5))
        await asyncio.sleep(40)
        starts = slow["a"].starts()
        assert starts[-1] - starts[-2] == pytest.approx(5)


async def test_a_shard_that_ends_while_another_follows_stops_no_other(slow: SlowAdapter, wall: WallClock) -> None:
    """Shards come and go while sources are being opened anew."""
    async with working(paced("a", "b", "c", every=2), wall) as worker:
        await asyncio.sleep(10)
        slow.takes = 2.0
        reloading = asyncio.create_task(worker.reload(paced("a", "b", "c", every=5)))
        await asyncio.sleep(1.9)
        last = list(worker.holdings.values())[-1]
        (gone,) = last.sources
        last.finish()
        await reloading
        await asyncio.sleep(60)
        assert {source for one in worker.holdings.values() for source in one.sources} == {"a", "b", "c"}
        for name in "abc":
            starts = slow[name].starts()
            assert starts[-1] - starts[-2] == pytest.approx(5), (name, gone)


async def test_what_has_ended_and_is_not_given_back_yet_stops_no_other(slow: SlowAdapter, wall: WallClock) -> None:
    """A monitor that has ended follows nothing."""
    async with working(paced("a", "b", every=2), wall) as worker:
        await asyncio.sleep(10)
        first = next(iter(worker.holdings.values()))
        first.finish()
        for _ in range(100):
            if first.ended:
                break
            await asyncio.sleep(0)
        assert first.ended
        assert first.shard in worker.holdings
        await worker.reload(paced("a", "b", every=5))
        await asyncio.sleep(60)
        for name in "ab":
            starts = slow[name].starts()
            assert starts[-1] - starts[-2] == pytest.approx(5)


async def test_a_shard_that_cannot_follow_stops_no_other_and_is_said(slow: SlowAdapter, wall: WallClock) -> None:
    """An account that is refused when it is opened."""
    async with working(paced("a", "b", "c", every=2), wall) as worker:
        await asyncio.sleep(10)
        slow.refuses = next(iter(next(iter(worker.holdings.values())).sources))
        with pytest.raises(ConfigError, match="cannot be opened"):
            await worker.reload(paced("a", "b", "c", every=5))
        await asyncio.sleep(30)
        for name in {"a", "b", "c"} - {slow.refuses}:
            starts = slow[name].starts()
            assert starts[-1] - starts[-2] == pytest.approx(5)


async def test_of_two_configurations_the_later_one_holds(slow: SlowAdapter, wall: WallClock) -> None:
    """The second comes while the first is being followed."""
    async with working(paced("a", "b", every=2), wall) as worker:
        await asyncio.sleep(10)
        slow.takes = 2.0
        first = asyncio.create_task(worker.reload(paced("a", "b", every=5)))
        await asyncio.sleep(1)
        await worker.reload(paced("a", "b", every=3))
        await first
        await asyncio.sleep(30)
        for name in "ab":
            starts = slow[name].starts()
            assert starts[-1] - starts[-2] == pytest.approx(3)
