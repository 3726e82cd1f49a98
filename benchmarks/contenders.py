"""Who polls: ccstats, the bare HTTP client, the bare parser, and (in `peers`) other clients. Each in its own process.

A contender is opened once and then told many times to do so many polls; it answers with the CPU time that they took.
So a heavy contender cannot burden another with its memory, and all of them can be measured in turns.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pydantic_core

from benchmarks import bodies
from benchmarks.pipeline import genesys, pipeline, twilio

CONCURRENCY = 16
QUEUES = 100
BULK = 50
Polls = Callable[[int], Awaitable[None]]
Contender = Callable[[str], AbstractAsyncContextManager[Polls]]


async def concurrently(count: int, poll: Callable[[], Awaitable[object]]) -> None:
    """`count` polls, sixteen at a time."""
    todo = iter(range(count))

    async def work() -> None:
        for _ in todo:
            await poll()

    await asyncio.gather(*(work() for _ in range(min(CONCURRENCY, count))))


def addresses(base: str) -> Iterator[str]:
    """The real-time statistics of every queue, again and again."""
    prefix = f"{base}/n{QUEUES}/v1/Workspaces/{bodies.WORKSPACE}/TaskQueues"
    return itertools.cycle([f"{prefix}/{bodies.sid('WQ', number)}/RealTimeStatistics" for number in range(QUEUES)])


@asynccontextmanager
async def bare_aiohttp(base: str) -> AsyncIterator[Polls]:
    """`session.get` and `read` with the session's default settings; nobody looks at the bytes."""
    urls = addresses(base)
    async with aiohttp.ClientSession() as session:

        async def poll() -> None:
            async with session.get(next(urls)) as response:
                await response.read()

        yield lambda count: concurrently(count, poll)


def _ccstats(table: Callable[[str], dict[str, object]]) -> Contender:
    @asynccontextmanager
    async def contender(base: str) -> AsyncIterator[Polls]:
        async with pipeline(table(base)) as polled:
            batches = itertools.cycle(polled.batches)
            yield lambda count: concurrently(count, lambda: polled.poll(next(batches)))

    return contender


@asynccontextmanager
async def from_json(base: str) -> AsyncIterator[Polls]:
    """`pydantic_core.from_json` of an observation answer of a hundred queues: no request, no model."""
    groups = [bodies.observation(number, 0) for number in range(QUEUES)]
    body = bodies.observations(groups)

    async def polls(count: int) -> None:
        for _ in range(count):
            pydantic_core.from_json(body)

    yield polls


CONTENDERS: dict[str, Contender] = {
    "bare aiohttp": bare_aiohttp,
    "ccstats twilio": _ccstats(lambda base: twilio(base, QUEUES, bulk=False)),
    "ccstats twilio bulk": _ccstats(lambda base: twilio(base, QUEUES, bulk=True)),
    "from_json": from_json,
    "ccstats genesys": _ccstats(lambda base: genesys(base, QUEUES)),
    "ccstats genesys, 1 queue": _ccstats(lambda base: genesys(base, 1)),
}
"""Those that need nothing but ccstats itself."""


async def answer(contender: Contender, base: str) -> None:
    """Open the contender; for every number that comes in do so many polls and say what they cost."""
    loop = asyncio.get_running_loop()
    async with contender(base) as polls:
        print("{}", flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            gc.collect()
            started = time.process_time()
            await polls(int(line))
            cpu = time.process_time() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            print(json.dumps({"cpu": cpu, "peak_kb": peak}), flush=True)


def main() -> None:
    """NAME BASE: be the contender NAME."""
    name, base = sys.argv[1:]
    everybody = dict(CONTENDERS)
    if name not in everybody:
        from benchmarks.peers import PEERS

        everybody |= PEERS
    asyncio.run(answer(everybody[name], base))


if __name__ == "__main__":
    main()
