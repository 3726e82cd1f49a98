"""A simulated Twilio account to talk to."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from ccstats.simulator.center import Center, CenterSpec, generate_spec
from ccstats.simulator.face import ManualClock, World
from ccstats.simulator.server import Running, serve
from ccstats_twilio.face import TwilioFace
from ccstats_twilio.face.tenant import Tenant, Workspace

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict


@dataclass(frozen=True)
class Api:
    """A client of the account, and the world behind it."""

    world: World
    clock: ManualClock
    running: Running
    tenant: Tenant
    session: aiohttp.ClientSession

    @property
    def space(self) -> Workspace:
        return next(iter(self.tenant.workspaces.values()))

    @property
    def root(self) -> str:
        return f"/v1/Workspaces/{self.space.sid}"

    @property
    def queue(self) -> str:
        return next(iter(self.space.queues))

    @property
    def at(self) -> float:
        return self.world.center.seconds(self.world.now())

    async def ask(self, method: str, path: str, **options: object) -> Answer:
        async with self.session.request(method, path, **options) as response:
            text = await response.text()
            return Answer(response.status, dict(response.headers), json.loads(text) if text else {})

    async def get(self, path: str, **params: object) -> Answer:
        return await self.ask("GET", path, params={name: str(value) for name, value in params.items()})

    async def read(self, path: str, **params: object) -> dict:
        answer = await self.get(path if path.startswith(("/v1", "http")) else f"{self.root}{path}", **params)
        assert answer.status == 200, answer.body
        return answer.body

    async def bulk(self, sids: object) -> Answer:
        return await self.ask("POST", f"{self.root}/TaskQueues/RealTimeStatistics", json={"queueSids": sids})


@asynccontextmanager
async def _open(spec: CenterSpec | None = None, **settings: object) -> AsyncGenerator[Api]:
    clock = ManualClock(START + timedelta(hours=1))
    world = World(Center(spec or generate_spec(1), START), clock)
    async with serve(TwilioFace(), world, settings=settings) as running:
        tenant = TwilioFace().tenant(world)
        headers = {"Authorization": aiohttp.encode_basic_auth(tenant.account_sid, tenant.auth_token)}
        async with aiohttp.ClientSession(base_url=running.base_url, headers=headers) as session:
            yield Api(world, clock, running, tenant, session)


@pytest.fixture
def open_twilio() -> Callable[..., AbstractAsyncContextManager[Api]]:
    """How to serve an account of its own; takes a specification and settings of the face."""
    return _open


@pytest.fixture
async def api() -> AsyncGenerator[Api]:
    """An account with one workspace, one hour after its center opened."""
    async with _open() as api:
        yield api
