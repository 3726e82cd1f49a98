"""Both vendors, simulated, each behind a proxy that can misbehave, on virtual time over real sockets."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from faults_chaos import Chaos, chaos

from ccstats.config import Config, parse_config
from ccstats.monitor import Monitor, SourceStats
from ccstats.simulator.face import Fault, World
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.server import Running
from ccstats.simulator.stage import stage
from ccstats_genesys.face import GenesysFace
from ccstats_twilio.face import TwilioFace

START: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
OPENED: Final = START - timedelta(minutes=40)
FDS: Final = Path("/proc/self/fd")


def loop_time() -> float:
    """The virtual time."""
    return asyncio.get_running_loop().time()


class LoopClock:
    """The time of the simulated world and of this machine: the loop's."""

    def now(self) -> datetime:
        """The virtual moment."""
        return START + timedelta(seconds=loop_time())


@dataclass(frozen=True)
class Vendor:
    """One simulated vendor and the proxy before it."""

    running: Running
    proxy: Chaos

    @property
    def world(self) -> World:
        """The center, its faults and its requests."""
        return self.running.world

    def fault(self, match: str = "", **what: Any) -> None:
        """Let something go wrong at the vendor itself."""
        self.world.faults.add(Fault(match, **what))

    def well(self) -> None:
        """Nothing goes wrong any more at the vendor itself."""
        self.world.faults.clear()

    def asked(self, *, since: float = 0.0) -> list[float]:
        """When requests came, in virtual seconds."""
        times = [(record.at - START).total_seconds() for record in self.world.requests]
        return [at for at in times if at >= since]


@dataclass(frozen=True)
class Outage:
    """Two vendors, and the configuration that reads both through their proxies."""

    twilio: Vendor
    genesys: Vendor
    config: Config

    def monitor(self, config: Config | None = None) -> Monitor:
        """A monitor on the virtual clock."""
        return Monitor(config or self.config, clock=LoopClock().now)


@asynccontextmanager
async def outage(
    *,
    queues: int = 3,
    agents: int = 6,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    faces: Mapping[str, Mapping[str, object]] | None = None,
    **poll: Any,
) -> AsyncGenerator[Outage]:
    """Serve both vendors; `options` of a source and settings of a face are by the vendor's name. Periods in seconds."""
    spec = generate_spec(5, queues=queues, agents=agents)
    async with AsyncExitStack() as stack:
        opening = stage([TwilioFace(), GenesysFace()], spec, OPENED, clock=LoopClock(), settings=faces)
        running = await stack.enter_async_context(opening)
        vendors = {one.face.name: Vendor(one, await stack.enter_async_context(chaos(one.base_url))) for one in running}
        sources = {name: {**_through(one), **(options or {}).get(name, {})} for name, one in vendors.items()}
        periods = {"realtime_every": 10, "window_every": 60, "discovery_every": 600} | poll
        yield Outage(**vendors, config=parse_config({"poll": periods, "sources": sources}))


def _through(vendor: Vendor) -> dict[str, Any]:
    """The source's table with its addresses led through the proxy."""
    direct, proxied = vendor.running.base_url, str(vendor.proxy.url).rstrip("/")
    table = vendor.running.source()
    return {key: value.replace(direct, proxied) if isinstance(value, str) else value for key, value in table.items()}


def stats(monitor: Monitor) -> dict[str, SourceStats]:
    """The self-measurement of every source by name."""
    return {one.source: one for one in monitor.stats().sources}


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What ccstats said at INFO or above."""
    return [
        one.getMessage() for one in caplog.records if one.name.startswith("ccstats") and one.levelno >= logging.INFO
    ]


def open_files() -> int:
    """How many file descriptors this process has."""
    return len(list(FDS.iterdir()))
