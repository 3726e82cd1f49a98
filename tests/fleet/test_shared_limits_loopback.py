"""Programs that share a credential against a simulated account, over HTTP, in real time: the vendor never refuses."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from fleet_server import RedisServer
from fleet_spending import everything, over, program

from ccstats import Monitor, fetch
from ccstats.budget import Limit
from ccstats.config import Redis, parse_config
from ccstats.coordination import Coordinator, LocalCoordinator, connect
from ccstats.model import SourceStatus
from ccstats.simulator.center import Center, generate_spec
from ccstats.simulator.clock import WallClock
from ccstats.simulator.face import World
from ccstats.simulator.server import serve
from ccstats_twilio.api.endpoints import USUAL_LIMIT
from ccstats_twilio.face import TwilioFace

QUEUES, SPAN, MOST = 8, 0.5, 10
"""A program wants the windows of so many queues every second; three together want twice what the limit carries."""


class Strict(TwilioFace):
    """Refuses more than so many requests for the windows of queues in any half second."""

    def __init__(self) -> None:
        self.came: list[float] = []

    def app(self, world: World, settings: Mapping[str, object]) -> web.Application:
        app = super().app(world, settings)
        app.middlewares.append(self._referee())
        return app

    def _referee(self) -> Middleware:
        recent: deque[float] = deque()

        @web.middleware
        async def referee(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path.endswith("/CumulativeStatistics"):
                now = asyncio.get_running_loop().time()
                self.came.append(now)
                recent.append(now)
                while recent[0] <= now - SPAN:
                    recent.popleft()
                if len(recent) > MOST:
                    return web.json_response({"code": 20429, "message": "Too Many Requests", "status": 429}, status=429)
            return await handler(request)

        return referee


@pytest.fixture(params=["local", "redis"])
async def meeting(request: pytest.FixtureRequest) -> AsyncIterator[Coordinator]:
    """Where programs meet, in real time."""
    if request.param == "local":
        yield LocalCoordinator()
        return
    found = connect(Redis(url=request.getfixturevalue("redis_server").url))
    yield found
    await found.aclose()


async def test_two_monitors_and_a_fetch_on_one_account_are_never_refused(meeting: Coordinator) -> None:
    clock = WallClock()
    world = World(Center(generate_spec(1, queues=QUEUES, agents=4), clock.now()), clock)
    face = Strict()
    async with serve(face, world) as running:
        table = {**running.source(), "limits": {"shared": True}, "select": {"kinds": ["queue"]}}
        config = parse_config({"poll": {"realtime_every": "1s", "window_every": "1s"}, "sources": {"us": table}})
        async with (
            Monitor(config, coordinator=meeting) as one,
            Monitor(config, coordinator=meeting) as other,
            asyncio.timeout(30),
        ):
            result = await fetch(config, coordinator=meeting)
            await one.wait_until_ready()
            await other.wait_until_ready()
            failed = [monitor.stats().sources[0].failed_polls for monitor in (one, other)]

    assert [report.status for report in result.sources] == [SourceStatus.OK]
    assert failed == [0, 0]
    assert {record.status for record in world.requests} == {200}
    assert len(face.came) >= 3 * QUEUES
    # One more than the law: what was granted first may arrive last.
    assert over(face.came, USUAL_LIMIT.scaled(0.9).pace()) <= 1


@pytest.mark.parametrize("how", ["killed", "hangs"])
async def test_requests_leave_while_the_server_is_away_and_are_counted_there_again_when_it_is_back(
    redis_server: RedisServer, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccstats.budget.commons.AGAIN", 0.1)
    one, other = connect(Redis(url=redis_server.url)), connect(Redis(url=redis_server.url))
    programs = [program(each, limit=Limit(3000, 60)) for each in (one, other)]

    async def both(times: int) -> None:
        await asyncio.gather(*(each.send() for each in programs for _ in range(times)))

    async with asyncio.timeout(20):
        await both(5)
        redis_server.kill() if how == "killed" else redis_server.pause()
        await both(5)
        redis_server.start() if how == "killed" else redis_server.resume()
        while any(each.budgets[0].pace.rate < 40 for each in programs):
            await both(1)
        with redis_server.client() as client:
            client.flushall()
            await both(5)
            known = client.keys("*:limit:*")
    for each in programs:
        await each.toolbox.close()
    await one.aclose()
    await other.aclose()

    assert len(known) == 1, "both ask about the same limit again"
    assert over(everything(programs), Limit(3000, 60).scaled(0.9).pace()) <= len(programs)
