"""Many shards at one worker: none is lost where the way is long, and what is idle costs little."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from monitor_fake import FakeAdapter, WallClock, config, loop_time, poll

from ccstats.config import Config, WindowSpec
from ccstats.coordination import LocalCoordinator
from ccstats.fleet.rows import decoded
from ccstats.fleet.worker import Worker

pytestmark = pytest.mark.looptime(noop_cycles=0)


class LongWay:
    """Every call takes a while, and is counted."""

    def __init__(self, takes: float) -> None:
        self.behind = LocalCoordinator(lambda: 1e9 + loop_time())
        self.takes = takes
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.behind, name)

        async def call(*given: Any, **named: Any) -> Any:
            self.calls[name] += 1
            await asyncio.sleep(self.takes)
            return await method(*given, **named)

        return method if name == "table" else call


@asynccontextmanager
async def working(settings: Config, way: Any, wall: WallClock) -> AsyncGenerator[Worker]:
    """One worker alone."""
    worker, ended = Worker(settings, way, clock=wall), asyncio.Event()
    task = asyncio.create_task(worker.run(ended))
    try:
        yield worker
    finally:
        ended.set()
        await task


def accounts(count: int, every: float) -> Config:
    """So many sources with a credential each."""
    names = [f"s{number}" for number in range(count)]
    own: dict[str, dict[str, Any]] = {name: {"credential": name, "limit": 60_000.0} for name in names}
    return config(*names, every=poll(realtime_every=every), own=own)


async def test_taking_many_shards_over_a_long_way_loses_none(
    vendor: FakeAdapter, wall: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Two hundred grants take six seconds, and a lease three: signs of life come in between."""
    async with working(accounts(200, 5), LongWay(0.03), wall) as worker:
        for _ in range(300):
            await asyncio.sleep(0.1)
            assert all(one.lease.valid for one in worker.holdings.values())
        assert len(worker.holdings) == 200
        fences = {name: one.lease.fence for name, one in worker.holdings.items()}
        await asyncio.sleep(10)
        assert fences == {name: one.lease.fence for name, one in worker.holdings.items()}
    assert "lease has ended" not in caplog.text
    assert "another worker" not in caplog.text


async def test_what_has_no_news_is_written_no_more_often_than_readers_need(
    vendor: FakeAdapter, wall: WallClock
) -> None:
    """A source that is read once an hour: a word every five seconds, of which a reader may miss two."""
    way = LongWay(0.0)
    async with working(accounts(10, 3600), way, wall):
        await asyncio.sleep(60)
        way.calls.clear()
        await asyncio.sleep(60)
        assert 10 * 11 <= way.calls["write"] <= 10 * 14


async def test_what_is_said_of_a_source_follows_its_state_within_two_seconds(
    vendor: FakeAdapter, wall: WallClock
) -> None:
    """A discovery that fails changes no row."""
    way = LongWay(0.0)
    vendor["s0"].targets = []
    settings = config("s0", every=poll(discovery_every=30))
    async with working(settings, way, wall):
        await asyncio.sleep(20)
        assert b'"failing"' not in (await way.behind.sources())["s0"]
        vendor["s0"].on_discover = lambda: OSError("away")
        (first,) = vendor["s0"].discoveries
        await asyncio.sleep(first + 32 - loop_time())
        assert b'"failing"' in (await way.behind.sources())["s0"]


async def test_a_row_of_another_version_stays_until_its_target_was_tried(vendor: FakeAdapter, wall: WallClock) -> None:
    """While workers are upgraded one after another, no queue vanishes from the readers in between."""
    way, kept, gone = LongWay(0.0), "s0:queue:q0", "s0:queue:away"
    await way.behind.write("other", 1, "s0", {kept: b"of another version", gone: b"of another version"}, (), None)
    vendor["s0"].discovery_takes = 5.0
    async with working(accounts(1, 20), way, wall):
        for _ in range(100):
            await asyncio.sleep(0.5)
            assert kept in await way.behind.rows("s0", [kept])
        assert list(await way.behind.rows("s0", [kept, gone])) == [kept]


async def test_an_heir_that_reads_fewer_windows_shows_no_others(vendor: FakeAdapter, wall: WallClock) -> None:
    """Its file is newer; where the vendor answers nothing, the window would stay for as long as that lasts."""
    way, both = LongWay(0.0), ("realtime", "window")
    own = {"s0": {"credential": "s0", "limit": 60_000.0}}
    windows = (WindowSpec.parse("30m"), WindowSpec.parse("today"))
    async with working(config("s0", every=poll(windows=windows), own=own, families=both), way, wall):
        await asyncio.sleep(130)
        (row,) = (await way.behind.rows("s0", ["s0:queue:q0"])).values()
        assert set(decoded(row).snapshot.windows) == {"30m", "today"}
    vendor["s0"].on_discover = lambda: OSError("away")
    async with working(config("s0", every=poll(windows=windows[:1]), own=own, families=both), way, wall):
        await asyncio.sleep(20)
        (row,) = (await way.behind.rows("s0", ["s0:queue:q0"])).values()
        assert set(decoded(row).snapshot.windows) == {"30m"}
