"""One monitor with up to ten thousand queues over the loopback server, in real time, in a process of its own."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import os
import socket
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks.pipeline import genesys
from benchmarks.server import HOST, ROOT
from ccstats.config import Config, parse_config
from ccstats.monitor import Monitor, few_full_collections
from ccstats.monitor.stats import Lateness

PER_SOURCE = 500
REALTIME_EVERY = 10.0
LONGEST_WARM_UP = 150.0
PAGE_KB = os.sysconf("SC_PAGE_SIZE") / 1024


@dataclass(frozen=True, slots=True)
class Load:
    """What a monitor is given: how many queues, over how many sources, with windows or without, for how long.

    `window_every` of 0 reads no windows.
    """

    queues: int
    sources: int
    window_every: float
    seconds: float
    as_watch: bool = True
    """With the garbage collector set as `ccstats watch` sets it, and not as CPython does."""
    dead: bool = False
    """With one more source, whose vendor takes connections and never answers."""


@dataclass(frozen=True, slots=True)
class Found:
    """What it cost while it was measured: CPU seconds, wall seconds, lateness, resident memory.

    Lateness is of the last thousand starts; `skipped` and `failed` count from the very beginning.
    """

    targets: int
    cpu: float
    wall: float
    polls: int
    skipped: int
    failed: int
    lateness_p99: float
    lateness_max: float
    rss_kb: float

    @property
    def core_share(self) -> float:
        """The share of one core."""
        return self.cpu / self.wall


def start(base: str, load: Load) -> subprocess.Popen[str]:
    """A monitor in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scale", base, json.dumps(asdict(load))]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def result(process: subprocess.Popen[str]) -> Found:
    """What the process has measured, when it is done."""
    said, _ = process.communicate(timeout=600)
    if process.returncode:
        raise RuntimeError("the monitor's process failed")
    return Found(**json.loads(said))


def warm(base: str, queues: int) -> None:
    """Have the server make its answers about `queues` queues per source before anything is measured."""
    with urlopen(f"{base}/n{queues}/warm", timeout=120) as answer:  # noqa: S310 - the server on the loopback interface
        answer.read()


def run(base: str, load: Load) -> Found:
    """Measure one load."""
    return result(start(base, load))


def configuration(base: str, load: Load, deaf: str) -> Config:
    """`load` as a configuration, its queues divided evenly over its sources; nobody answers at `deaf`."""
    each = math.ceil(load.queues / load.sources)
    sources = {f"s{number}": genesys(base, each, client=f"client-{number}") for number in range(load.sources)}
    if load.dead:
        sources["dead"] = genesys(deaf, 1, client="dead")
    poll: dict[str, Any] = {"realtime_every": REALTIME_EVERY, "window_every": load.window_every or 60.0}
    if not load.window_every:
        poll["windows"] = []
    return parse_config({"poll": poll, "sources": sources})


async def measure(base: str, load: Load) -> Found:
    """Warm up until everything has been read twice, then measure."""
    with few_full_collections() if load.as_watch else nullcontext():
        return await _measure(base, load)


async def _measure(base: str, load: Load) -> Found:
    with socket.create_server((HOST, 0)) as deaf:
        return await _watched(configuration(base, load, f"http://{HOST}:{deaf.getsockname()[1]}"), load)


async def _watched(config: Config, load: Load) -> Found:
    async with Monitor(config) as monitor:
        await monitor.wait_until_ready(LONGEST_WARM_UP)
        await asyncio.sleep(REALTIME_EVERY if load.queues else 1.0)
        gc.collect()
        started = _measured_anew(monitor)
        before = monitor.stats().sources
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.sleep(load.seconds)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        after = monitor.stats().sources
        gc.collect()
        return Found(
            targets=sum(source.targets for source in after),
            cpu=cpu,
            wall=wall,
            polls=sum(source.polls for source in after) - sum(source.polls for source in before),
            skipped=sum(source.skipped for source in after),
            failed=sum(source.failed_polls for source in after),
            lateness_p99=started.p99(),
            lateness_max=started.maximum,
            rss_kb=resident_kb(),
        )


def _measured_anew(monitor: Monitor) -> Lateness:
    """How late batches are started from now on, those of all sources together."""
    started = Lateness()
    for runner in monitor._runners:  # noqa: SLF001 - users have no reason to forget what was
        runner._lateness = started  # noqa: SLF001 - the same
    return started


def resident_kb() -> float:
    """The memory of this process that is in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB


if __name__ == "__main__":
    address, wanted = sys.argv[1:]
    print(json.dumps(asdict(asyncio.run(measure(address, Load(**json.loads(wanted)))))))
