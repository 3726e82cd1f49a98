"""What the contract needs of every coordinator: two clients, time that passes, everything lost, a cut stream."""

from collections.abc import Callable
from dataclasses import dataclass

from fleet_server import RedisServer

from ccstats.config import Redis
from ccstats.coordination import Claim, Coordinator, LocalCoordinator, connect

PREFIX = "{ccstats}:"
LEASE = 3.0


@dataclass
class Shared:
    """One coordinator as two processes see it."""

    one: Coordinator
    other: Coordinator
    pass_time: Callable[[float], None]
    empty: Callable[[], None]
    cut: Callable[[], None]


def on_local() -> Shared:
    """In this process, on a clock that is set."""
    now = [1_790_000_000.0]

    def pass_time(seconds: float) -> None:
        now[0] += seconds

    local = LocalCoordinator(lambda: now[0])
    return Shared(local, local, pass_time, local.empty, local._changes.clear)


def on_redis(server: RedisServer) -> Shared:
    """On a server; its clock runs, and time passes by making older what is noted there."""

    def cut() -> None:
        with server.client() as client:
            client.delete(PREFIX + "changes")

    one, other = connect(Redis(url=server.url)), connect(Redis(url=server.url))
    return Shared(one, other, server.age, server.empty, cut)


async def everything(coordinator: Coordinator, source: str) -> dict[str, bytes]:
    """A whole table."""
    found: dict[str, bytes] = {}
    async for part in coordinator.table(source):
        found.update(part)
    return found


async def granted(coordinator: Coordinator, worker: str, shard: str = "s") -> Claim:
    """A claim on a shard that nobody holds."""
    grant = await coordinator.acquire(worker, shard, lease=LEASE)
    assert grant is not None
    return Claim(grant.fence)
