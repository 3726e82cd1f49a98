"""A reader on a real Redis server: what it shows is what stands there, also after the server was killed and emptied."""

import asyncio
from collections.abc import Callable
from random import Random

import pytest
from fleet_server import RedisServer
from fleet_shared import PREFIX
from fleet_writing import Clock, Writer, description, loop_time, table_of

import ccstats
from ccstats.config import Redis, Secret
from ccstats.coordination import Coordinator, connect
from ccstats.fleet.follower import AT_ONCE
from ccstats.fleet.rows import decoded
from ccstats.model import Status
from ccstats.monitor import SourceState

BOUND = 30.0


class Real(Writer):
    """A worker on a server; its clock is taken from the server's answers."""

    def __init__(self, coordinator: Coordinator) -> None:
        self.coordinator, self.source = coordinator, "us"  # type: ignore[assignment]  # with a clock, as a shaky one
        coordinator.clock = Clock()  # type: ignore[attr-defined]  # the same

    async def set_clock(self) -> None:
        at = (await self.coordinator.changes(await self.coordinator.mark(), wait=0)).at
        self.coordinator.clock.shift += at - self.coordinator.clock()


async def until(fits: Callable[[], bool]) -> None:
    async with asyncio.timeout(BOUND):
        while not fits():  # noqa: ASYNC110 - what a server does has no event here
            await asyncio.sleep(0.01)


async def same(table: Coordinator, reader: ccstats.Reader) -> bool:
    """Whether the reader has exactly what stands on the server."""
    return {key: decoded(row).snapshot for key, row in (await table_of(table)).items()} == reader.latest()


async def settled(table: Coordinator, reader: ccstats.Reader) -> None:
    async with asyncio.timeout(BOUND):
        while not await same(table, reader):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)


async def test_what_stands_on_the_server_is_what_a_reader_shows(redis_server: RedisServer) -> None:
    table = connect(Redis(url=Secret(redis_server.url)))
    us, random = Real(table), Random(1)
    await us.set_clock()
    names = [f"q{number}" for number in range(20 * AT_ONCE)]
    await us.put(*names)
    await table.describe(description("q1"))
    try:
        async with ccstats.attach(redis_server.url) as reader:
            assert await reader.wait_until_ready(timeout=BOUND)
            assert await same(table, reader)
            assert list(reader.config.groups) == ["q1"]
            for turn in range(2, 8):
                await us.put(*random.sample(names, 100), waiting=turn)
                await us.take(*random.sample(names, 10))
            await settled(table, reader)
            age = reader.age(us.key(next(iter(reader.latest().values())).target.id))
            assert age is not None
            assert age.total_seconds() < BOUND
            with redis_server.client() as client:
                client.delete(PREFIX + "changes")  # nobody can tell any more what has changed
            await us.put(*names[:50], waiting=99)
            await settled(table, reader)
            assert reader.stats().sources[0].state is SourceState.OK
    finally:
        await table.aclose()


@pytest.mark.redis
async def test_a_server_that_dies_and_comes_back_empty_takes_nothing_away(redis_server: RedisServer) -> None:
    """The numbers stay while it is away, nothing is gone when it is back, and the last that was written is shown."""
    table = connect(Redis(url=Secret(redis_server.url)))
    us = Real(table)
    await us.set_clock()
    await us.put("q1", "q2", waiting=1)
    told = []
    try:
        async with ccstats.attach(redis_server.url) as reader:
            assert await reader.wait_until_ready(timeout=BOUND)

            async def listen() -> None:
                async with reader.subscribe() as changes:
                    async for one in changes:
                        told.append((one.target.id, one.realtime.status if one.realtime is not None else None))

            task = asyncio.create_task(listen())
            await asyncio.sleep(0)
            redis_server.kill()
            await until(lambda: reader.stats().sources[0].state is SourceState.FAILING)
            assert "cannot be reached since" in (reader.stats().sources[0].error or "")
            assert len(reader.latest()) == 2
            back_at = loop_time()
            redis_server.start()
            await until(lambda: reader.stats().sources[0].error is None)
            assert loop_time() - back_at < 10
            assert len(reader.latest()) == 2
            await us.put("q1", "q2", waiting=2)
            await settled(table, reader)
            assert [status for _, status in told] == [Status.FRESH] * 2
        await task
    finally:
        await table.aclose()
