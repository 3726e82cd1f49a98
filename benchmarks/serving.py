"""What serving costs: a scrape of ten thousand queues, and five hundred listeners at ten changes a second.

    python -m benchmarks.serving [--json] [--queues N] [--listeners N] [--seconds S]

Lateness is how late batches were started, against a control run of the same polling without listeners. Listeners are in
a process of their own, on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import aiohttp

from ccstats.adapter import API_VERSION, Abilities, Batch, Discovery, Reading, Toolbox, Want
from ccstats.config import Serve, SourceOptions, parse_config
from ccstats.http import Traffic
from ccstats.model import Agents, Family, Kind, Realtime, ServiceLevel, Target, TimeStat, Window
from ccstats.monitor import Monitor, few_full_collections
from ccstats.monitor.stats import Lateness
from ccstats.serve import serving

BATCH = 50
TIMES = ("wait", "speed_of_answer", "abandon_wait", "handle", "talk", "hold", "after_call_work")
TICK = 0.002


class FullOptions(SourceOptions):
    """How many queues, in batches of which size."""

    queues: int
    batch: int = BATCH


class FullSource:
    """Knows every number at once, another one at each reading."""

    learned: object = None
    notes: tuple[str, ...] = ()

    def __init__(self, name: str, options: FullOptions, toolbox: Toolbox) -> None:
        self.name = name
        self.traffic = Traffic()
        self._options = options
        self._now = toolbox.clock().now
        self._reads = 0

    def now(self) -> datetime:
        """This machine's time."""
        return self._now()

    async def discover(self) -> Discovery:
        """As many queues as were asked for."""
        count = range(self._options.queues)
        return Discovery(
            tuple(
                Target(source=self.name, vendor="bench", kind=Kind.QUEUE, id=f"WQ{n:032x}", name=f"Queue {n}")
                for n in count
            )
        )

    async def read(self, batch: Batch) -> list[Reading]:
        """Numbers that no queue had before."""
        self._reads += 1
        at, name = self.now(), batch.window.name if batch.window is not None else None
        values = _realtime(at, self._reads) if batch.family is Family.REALTIME else _window(at, self._reads)
        return [Reading(target, batch.family, at, name, values) for target in batch.targets]


def _realtime(at: datetime, n: int) -> Realtime:
    agents = Agents(total=9, available=3, busy=4, unavailable=2, offline=1, off_queue=1, not_responding=0)
    return Realtime(
        observed_at=at,
        waiting=n,
        offering=1,
        longest_wait=timedelta(seconds=n % 600),
        in_progress=4,
        after_call_work=1,
        agents=agents,
    )


def _window(at: datetime, n: int) -> Window:
    stat = TimeStat(count=30, sum=timedelta(seconds=900 + n % 60), min=timedelta(seconds=1), max=timedelta(seconds=90))
    level = ServiceLevel(threshold=timedelta(seconds=20), met=25, missed=5, abandoned_within=1, abandoned_beyond=2)
    counts: dict[str, int] = {"offered": 40, "answered": 30, "abandoned": 3, "handled": 30, "transferred": 2}
    times = dict.fromkeys(TIMES, stat)
    return Window(observed_at=at, service_levels=(level,), **counts, **times)  # type: ignore[arg-type]  # by name


class FullAdapter:
    """Batches of a fixed size."""

    name: ClassVar[str] = "bench-full"
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[SourceOptions]] = FullOptions
    abilities: ClassVar[Abilities] = {}

    def plan(self, options: FullOptions, want: Want, learned: object) -> list[Batch]:
        """Every family of every queue."""
        return [
            Batch(family.value, tuple(want.targets[first : first + options.batch]), family, window, "", 1)
            for family in want.families
            for window in (want.windows if family is Family.WINDOW else (None,))
            for first in range(0, len(want.targets), options.batch)
        ]

    @asynccontextmanager
    async def open(self, name: str, options: FullOptions, toolbox: Toolbox) -> AsyncIterator[FullSource]:
        """The source."""
        yield FullSource(name, options, toolbox)


adapter = FullAdapter()


@dataclass(frozen=True, slots=True)
class Scrape:
    """One scrape: seconds, bytes, series, and for how long the event loop did nothing else."""

    queues: int
    seconds: float
    bytes: int
    series: int
    held_ms: float


@dataclass(frozen=True, slots=True)
class Listening:
    """Lateness of polls in milliseconds with and without listeners; how many of them had every latest value."""

    listeners: int
    changes: int
    complete: int
    lateness_p99_ms: float
    control_p99_ms: float


@asynccontextmanager
async def _served(queues: int, batch: int, realtime: float, window: float) -> AsyncIterator[tuple[Monitor, str]]:
    table = {
        "poll": {"realtime_every": realtime, "window_every": window},
        "sources": {"full": {"adapter": "bench-full", "queues": queues, "batch": batch}},
    }
    async with Monitor(parse_config(table)) as monitor:
        while len(monitor.latest()) < queues:  # noqa: ASYNC110 - discovery has no event of its own
            await asyncio.sleep(0.01)
        await monitor.refresh()
        async with serving(monitor, Serve(listen="127.0.0.1:0", max_connections=5000)) as url:
            yield monitor, url


async def scrape(queues: int) -> Scrape:
    """Scrape once everything is known; the event loop is looked at every few milliseconds meanwhile."""
    async with _served(queues, BATCH, 10.0, 60.0) as (_, url):
        held = [0.0]
        watching = asyncio.create_task(_watch(held))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", FETCH, f"{url}/metrics", stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        watching.cancel()
        seconds, size, series = json.loads(out)
        return Scrape(queues, seconds, size, series, held[0] * 1000)


FETCH = """
import json, sys, time, urllib.request
began = time.perf_counter()
body = urllib.request.urlopen(sys.argv[1]).read()
taken = time.perf_counter() - began
print(json.dumps([taken, len(body), sum(not line.startswith(b"#") for line in body.splitlines())]))
"""


async def _watch(held: list[float]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(TICK)
        held[0] = max(held[0], time.perf_counter() - before - TICK)


async def listen(listeners: int, seconds: float) -> Listening:
    """Ten queues once a second; first without anybody, then with all listeners."""
    control, *_ = await _polled(0, seconds)
    p99, complete, changes = await _polled(listeners, seconds)
    return Listening(listeners, changes, complete, p99 * 1000, control * 1000)


async def _polled(listeners: int, seconds: float) -> tuple[float, int, int]:
    async with _served(10, 1, 1.0, 3600.0) as (monitor, url):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.serving",
            "--listen-to",
            f"{url}/api/v1/stream",
            "--listeners",
            str(listeners),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        await process.stdout.readline()  # everybody has the whole table
        lateness = Lateness()
        (runner,) = monitor._runners  # noqa: SLF001 - lateness from here on, not from the beginning
        runner._lateness = lateness  # noqa: SLF001 - see above
        before = monitor.stats().sources[0].polls
        await asyncio.sleep(seconds)
        found, polls = lateness.p99(), monitor.stats().sources[0].polls - before
        await monitor.drain()
        newest = {key: one.realtime.waiting for key, one in monitor.latest().items() if one.realtime is not None}
        await asyncio.sleep(1.0)
        out, _ = await process.communicate(json.dumps(newest).encode() + b"\n")
        return found, json.loads(out), polls


async def _clients(url: str, count: int) -> None:
    """The listeners' own process: says when all of them have the table, and in the end how many have what is newest."""
    tables: list[dict[str, int]] = [{} for _ in range(count)]
    ready = asyncio.Semaphore(0)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as session:
        tasks = [asyncio.create_task(_client(session, url, table, ready)) for table in tables]
        for _ in tables:
            await ready.acquire()
        print("ready", flush=True)
        newest = json.loads(await asyncio.to_thread(sys.stdin.readline))
        print(sum(table == newest for table in tables), flush=True)
        for task in tasks:
            task.cancel()


async def _client(session: aiohttp.ClientSession, url: str, table: dict[str, int], ready: asyncio.Semaphore) -> None:
    told = False
    async with session.get(url) as response:
        async for line in response.content:
            if line.startswith(b'data: {"type":"snapshot"'):
                key, waiting = KEY.search(line), WAITING.search(line)
                if key is not None and waiting is not None:
                    table[key[1].decode()] = int(waiting[1])
            elif line == b"event: sync\n" and not told and len(table) == 10:
                told = True
                ready.release()


KEY = re.compile(rb'"key":"([^"]+)"')
WAITING = re.compile(rb'"waiting":(\d+)')


@contextmanager
def _installed() -> Iterator[None]:
    """The metadata that a wheel with this adapter would leave behind."""
    with tempfile.TemporaryDirectory() as folder:
        info = Path(folder) / "bench_full-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-full\nVersion: 1\n")
        (info / "entry_points.txt").write_text("[ccstats.adapters]\nbench-full = benchmarks.serving:adapter\n")
        sys.path.append(folder)
        try:
            yield
        finally:
            sys.path.remove(folder)


def main() -> None:
    """Measure both and print them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--queues", type=int, default=10_000)
    parser.add_argument("--listeners", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--listen-to", default=None)
    options = parser.parse_args()
    if options.listen_to is not None:
        asyncio.run(_clients(options.listen_to, options.listeners))
        return
    with _installed(), few_full_collections():
        found: list[Any] = [
            asyncio.run(scrape(options.queues)),
            asyncio.run(listen(options.listeners, options.seconds)),
        ]
    for one in found:
        print(json.dumps(asdict(one)) if options.json else one)


if __name__ == "__main__":
    main()
