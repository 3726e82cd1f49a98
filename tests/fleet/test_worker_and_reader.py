"""What a worker polls is what a reader shows, as if it was polled there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest
from fleet_writing import Clock, Shaky, loop_time
from monitor_fake import FakeAdapter, WallClock, config, poll

import ccstats
from ccstats.coordination import Coordinator
from ccstats.fleet.rows import DEFINITIONS
from ccstats.fleet.worker import Worker
from ccstats.model import Definitions, Kind, Realtime, Status, definitions_of
from ccstats.model.definition import _KNOWN
from ccstats.monitor import SourceState

pytestmark = pytest.mark.looptime(noop_cycles=0)
EVERY = poll(realtime_every=2, window_every=10)


@asynccontextmanager
async def working(coordinator: Coordinator, wall: WallClock, *names: str) -> AsyncGenerator[Worker]:
    """A worker that is killed at the end."""
    worker = Worker(config(*names, every=EVERY), coordinator, name="w1", clock=wall)
    task = asyncio.create_task(worker.run(asyncio.Event()))
    try:
        yield worker
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_reader_has_what_the_worker_has_with_its_age(vendor: FakeAdapter, wall: WallClock) -> None:
    table = Shaky(Clock())
    vendor["a"].many(5)
    vendor["a"].answer = lambda _, number: Realtime(waiting=number)
    async with ccstats.attach(table) as reader, working(table, wall, "a", "b") as worker:
        assert await reader.wait_until_ready(timeout=10)
        for _ in range(20):
            await asyncio.sleep(1.1)
            latest = {
                key: one
                for held in worker.holdings.values()
                for key, one in held._monitor.latest().items()  # type: ignore[union-attr]  # it is open
            }
            await asyncio.sleep(0.35)  # written within 0.2 s, read within 0.05 s
            assert latest.keys() == reader.latest().keys()
            ages = [age.total_seconds() for key in latest if (age := reader.age(key)) is not None]
            assert len(ages) == len(latest)
            assert max(ages) <= 2.5
            assert [one.state for one in reader.stats().sources] == [SourceState.OK] * 2
            assert [one.targets for one in reader.stats().sources] == [5, 1]


async def test_when_the_last_worker_dies_its_numbers_become_stale(vendor: FakeAdapter, wall: WallClock) -> None:
    table = Shaky(Clock())
    async with ccstats.attach(table) as reader:
        async with working(table, wall, "a"):
            await reader.wait_until_ready()
            await asyncio.sleep(10)
        died = loop_time()
        while reader.get("a:queue:q0").realtime.status is Status.FRESH:  # type: ignore[union-attr]  # noqa: ASYNC110 - it is there; who listens is tested elsewhere
            await asyncio.sleep(0.1)
        assert 3.0 < loop_time() - died <= 3 * 2.0 + 1.2
        await asyncio.sleep(15)
        (source,) = reader.stats().sources
        assert (source.state, source.vendor) == (SourceState.FAILING, "fake")
        assert "nobody polls this source since 2026-01-01 00:00:" in (source.error or "")
        async with working(table, wall, "a"):
            await asyncio.sleep(6)
            assert reader.get("a:queue:q0").realtime.status is Status.FRESH  # type: ignore[union-attr]  # it is there
            assert reader.stats().sources[0].state is SourceState.OK


async def test_what_the_numbers_mean_is_written_with_them_and_stays(
    vendor: FakeAdapter, wall: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heir of a shard leaves it there, and a table that was lost gets it again."""
    declared = Definitions.declare("fake", Kind.QUEUE, {})
    monkeypatch.setattr(vendor, "definitions", lambda *_: {Kind.QUEUE: declared}, raising=False)
    table = Shaky(Clock())
    name = DEFINITIONS + declared.id

    async def meant() -> bool:
        return set(await table.rows("a", [name])) == {name}

    async with working(table, wall, "a"):
        await asyncio.sleep(10)
        assert await meant()
    async with working(table, wall, "a"):
        await asyncio.sleep(10)
        assert await meant()
        table.empty()
        await asyncio.sleep(5)
        assert await meant()
        monkeypatch.delitem(_KNOWN, declared.id)
        async with ccstats.attach(table) as reader:
            await reader.wait_until_ready()
            assert definitions_of(declared.id) == declared
            assert list(reader.latest()) == ["a:queue:q0"]
            assert reader.stats().sources[0].state is SourceState.OK
