"""Real worker processes on simulated accounts: started, killed, stopped and woken, with every request on record."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from ccstats.cli.staging import toml
from ccstats.coordination import Coordinator
from ccstats.fleet.about import about
from ccstats.fleet.rows import decoded, of_targets
from ccstats.model import Snapshot, Target
from ccstats.simulator.center import Center
from ccstats.simulator.face import Face, World
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.server import Running, serve
from ccstats_genesys.face import GenesysFace
from ccstats_twilio.face import TwilioFace

PERIOD = 2.0
LEASE = 3.0
PATIENCE = 30.0
"""Seconds for what has no promise of its own."""


@dataclass
class Fleet:
    """Accounts, the configuration that reads them, and the workers that do."""

    path: Path
    url: str
    accounts: dict[str, Running]
    shared: Coordinator
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    _listening: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self, *names: str) -> None:
        """Start workers of these names."""
        for name in names:
            command = [sys.executable, "-P", "-m", "ccstats", "-v", "work", "-c", str(self.path), "--redis", self.url]
            process = await asyncio.create_subprocess_exec(*command, "--name", name, stderr=asyncio.subprocess.PIPE)
            self.running[name] = process
            self._listening.append(asyncio.create_task(self._listen(process)))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.said.append(line.decode().rstrip())

    async def send(self, name: str, number: signal.Signals) -> datetime:
        """Send a worker this signal; when that was."""
        self.running[name].send_signal(number)
        at = datetime.now(UTC)
        if number in (signal.SIGKILL, signal.SIGTERM):
            code = await asyncio.wait_for(self.running.pop(name).wait(), PATIENCE)
            assert code == (-signal.SIGKILL if number is signal.SIGKILL else 0), self.said
        return at

    async def end(self) -> None:
        """Whatever still runs."""
        for process in self.running.values():
            process.kill()
            await process.wait()
        for task in self._listening:
            await task

    async def share(self) -> dict[str, set[str]]:
        """Which sources each worker says it polls, of those where everything was tried once."""
        found: dict[str, set[str]] = {}
        for source, text in (await self.shared.sources()).items():
            one = about(text)
            if one.ready:
                found.setdefault(one.worker, set()).add(source)
        return found

    async def settled(self, *workers: str) -> dict[str, set[str]]:
        """Wait until these workers share everything evenly."""
        even = len(self.accounts) // len(workers)

        async def settles() -> bool:
            found = await self.share()
            return set(found) == set(workers) and all(len(sources) == even for sources in found.values())

        await until(settles)
        return await self.share()

    async def targets(self, *sources: str) -> list[Target]:
        """Whose rows stand there."""
        return [snapshot.target for snapshot in await self.table(*sources)]

    async def table(self, *sources: str) -> list[Snapshot]:
        """What stands in the table of these sources (or of all)."""
        found = []
        for source in sources or self.accounts:
            async for rows in self.shared.table(source):
                found += [decoded(row).snapshot for row in of_targets(rows).values()]
        return found

    def secrets(self) -> list[str]:
        """What must be known to nobody but the workers and the accounts."""
        tables = [(account.source(), account.world) for account in self.accounts.values()]
        names = ("account_sid", "auth_token", "client_id", "client_secret")
        given = [str(table[name]) for table, _ in tables for name in names if name in table]
        tokens = [world.credential(f"genesys:token:{number}", 64) for _, world in tables for number in range(1, 20)]
        return given + tokens

    def reads(self, target: Target) -> list[float]:
        """When the account was asked for the real-time numbers of a target: seconds since 1970."""
        account = self.accounts[target.source]
        return [
            one.at.timestamp()
            for one in account.world.requests
            if "RealTimeStatistics" in one.path or "observations" in one.path
            if target.id in one.path or target.id.encode() in one.body
        ]

    def asked(self, source: str) -> list[float]:
        """When an account was asked for anything but a token: logins are counted elsewhere."""
        requests = self.accounts[source].world.requests
        return [one.at.timestamp() for one in requests if not one.path.startswith("/oauth")]


async def until(true: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait until this is true; fail where it is not within so many seconds. Other processes ring no bell here."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await true():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)


@asynccontextmanager
async def fleet(folder: Path, url: str, shared: Coordinator, **limits: float) -> AsyncGenerator[Fleet]:
    """Two accounts of each vendor and a configuration of them; no worker yet."""
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1)
    async with AsyncExitStack() as stack:
        accounts = {}
        for number in range(2):
            for face in (TwilioFace(), GenesysFace()):
                accounts[f"{face.name}{number}"] = await stack.enter_async_context(_account(face, number, start))
        path = folder / "fleet.toml"
        poll = f'[poll]\nrealtime_every = "{PERIOD:g}s"\nwindow_every = "10s"\n\n[work]\nlease = "{LEASE:g}s"\n\n'
        path.write_text(poll + toml({name: _source(one, limits) for name, one in accounts.items()}))
        path.chmod(0o600)
        one = Fleet(path, url, accounts, shared)
        try:
            yield one
        finally:
            await one.end()


@asynccontextmanager
async def _account(face: Face, number: int, start: datetime) -> AsyncGenerator[Running]:
    world = World(Center(generate_spec(number, queues=6, agents=6), start), credentials_seed=f"account {number}")
    world.now()  # an hour of calls takes a while: not at the first request, which is noted once it was answered
    async with serve(face, world) as running:
        yield running


def _source(account: Running, limits: dict[str, float]) -> dict[str, object]:
    return {
        **account.source(),
        "select.kinds": ["queue"],
        **{f"limits.{name}": value for name, value in limits.items()},
    }


def gaps(times: list[float], since: float, until: float) -> float:
    """The longest time without a read between two moments."""
    inside = [since, *(at for at in sorted(times) if since < at < until), until]
    return max(later - earlier for earlier, later in pairwise(inside))
