"""The processes of a fleet, one each: a monitor without Redis, a worker that polls the same, a reader.

    python -m benchmarks.fleet_parts monitor|worker|reader VENDOR LOAD REDIS

Each says a line when it has read everything once. Asked with a line, it says what it has spent since it was started; in
the end (its standard input closes) what it has noted of some rows: when they were written, or seen.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from zlib import crc32

from benchmarks.scale import LONGEST_WARM_UP, Load, configuration, resident_kb
from ccstats.config import Redis, Secret
from ccstats.coordination.redis import RedisCoordinator
from ccstats.fleet import attach
from ccstats.fleet.about import about
from ccstats.fleet.rows import DEFINITIONS, decoded
from ccstats.fleet.worker import Worker
from ccstats.model import Snapshot
from ccstats.monitor import Monitor, few_full_collections

ONE_IN = 32
Noted = list[list[Any]]
"""Of some rows: key, which reading of it, and when that was written or seen; of what is written, also its lag."""
Part = Callable[[], Noted]


def sampled(key: str) -> bool:
    """Whether this row is one of those that are noted."""
    return crc32(key.encode()) % ONE_IN == 0 and not key.startswith(DEFINITIONS)


def reading_of(snapshot: Snapshot) -> str:
    """Which readings a snapshot was made of."""
    parts = (snapshot.realtime, *snapshot.windows.values())
    return " ".join(str(part.observed_at) for part in parts if part is not None)


class NotingCoordinator(RedisCoordinator):
    """Keeps some of the rows as they were written, and when; they are looked into after everything is measured."""

    def __init__(self, options: Redis) -> None:
        super().__init__(options)
        self.kept: list[tuple[str, bytes, float]] = []

    async def write(
        self, shard: str, fence: int, source: str, rows: Mapping[str, bytes], gone: Sequence[str], about: bytes | None
    ) -> bool:
        """Write, and keep some."""
        ours = await super().write(shard, fence, source, rows, gone, about)
        at = time.time()
        self.kept += [(key, row, at) for key, row in rows.items() if sampled(key)]
        return ours

    def noted(self) -> Noted:
        """What was kept, by reading."""
        found: Noted = []
        for key, text, at in self.kept:
            row = decoded(text)
            found.append([key, reading_of(row.snapshot), at, at - max(row.good.values())])
        return found


@asynccontextmanager
async def monitor(base: str, load: Load, _: str) -> AsyncIterator[Part]:
    """Polls everything, and nobody else is told."""
    async with Monitor(configuration(base, load, "")) as one:
        await one.wait_until_ready(LONGEST_WARM_UP)
        yield list


@asynccontextmanager
async def worker(base: str, load: Load, url: str) -> AsyncIterator[Part]:
    """Polls everything as the only worker of a fleet."""
    coordinator, ended = NotingCoordinator(Redis(url=Secret(url))), asyncio.Event()
    one = Worker(configuration(base, load, ""), coordinator)
    running = asyncio.create_task(one.run(ended))
    async with asyncio.timeout(LONGEST_WARM_UP):
        while not await _all_ready(coordinator, load.sources):  # noqa: ASYNC110 - the table has no event
            await asyncio.sleep(0.5)
    coordinator.kept.clear()
    yield coordinator.noted
    ended.set()
    await running
    await coordinator.aclose()


async def _all_ready(coordinator: RedisCoordinator, sources: int) -> bool:
    said = await coordinator.sources()
    return len(said) == sources and all(about(text).ready for text in said.values())


@asynccontextmanager
async def reader(_: str, load: Load, url: str) -> AsyncIterator[Part]:
    """Follows what the worker writes, with one subscriber."""
    seen: Noted = []
    async with attach(url) as one:
        await one.wait_until_ready(LONGEST_WARM_UP)
        async with one.subscribe() as changes:

            async def follow() -> None:
                async for snapshot in changes:
                    if sampled(snapshot.target.key):
                        seen.append([snapshot.target.key, reading_of(snapshot), time.time()])

            following = asyncio.create_task(follow())
            yield lambda: seen
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following


PARTS = {"monitor": monitor, "worker": worker, "reader": reader}


async def main(role: str, base: str, load: Load, url: str) -> None:
    """Be one part until standard input closes."""
    began = time.perf_counter()
    async with PARTS[role](base, load, url) as noted:
        _say({"ready_after": time.perf_counter() - began})
        await _answer(lambda: asyncio.to_thread(sys.stdin.readline))
        _say({"noted": noted()})


async def _answer(heard: Callable[[], Awaitable[str]]) -> None:
    while (await heard()).strip() == "spent":
        _say({"cpu": time.process_time(), "at": time.perf_counter(), "rss_kb": resident_kb()})


def _say(what: Mapping[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    wanted, vendor, load_, redis_ = sys.argv[1:]
    with few_full_collections():
        asyncio.run(main(wanted, vendor, Load(**json.loads(load_)), redis_))
