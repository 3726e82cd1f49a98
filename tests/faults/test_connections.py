"""A thousand requests into a broken network: each ends in time with one typed error, and no socket is left open."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from faults_chaos import Chaos, Way, chaos
from faults_outages import loop_time, open_files

from ccstats.auth import NoAuth
from ccstats.clock import VendorClock
from ccstats.config import Http
from ccstats.deadline import Deadlines
from ccstats.errors import UnavailableError, VendorError
from ccstats.http import Guard, HttpClient, Line, Request, RetryPolicy, Traffic, http_session
from ccstats_twilio.api.dialect import TwilioDialect

pytestmark = pytest.mark.looptime
MANY, AT_ONCE = 1000, 10
DEADLINE = 1.0


class Undaunted(Guard):
    """Sends however much has failed: here every request is to meet the network."""

    def failed(self, error: VendorError, *, probe: bool = False) -> None:
        """Nothing is held against anybody."""


@asynccontextmanager
async def broken() -> AsyncGenerator[tuple[Chaos, HttpClient]]:
    """A vendor behind a proxy that misbehaves, and a client of it."""

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.json_response({"meta": {"text": "x" * 200}})

    runner = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    http = Http(timeout=f"{DEADLINE:g}s")
    once = RetryPolicy(attempts=1)
    try:
        async with chaos(f"http://127.0.0.1:{runner.addresses[0][1]}") as proxy, http_session(http, AT_ONCE) as session:
            line = Line("acme", "us", proxy.url.origin(), TwilioDialect(), NoAuth(), retry=once, guard=Undaunted())
            given = {"clock": VendorClock(), "traffic": Traffic(), "deadlines": Deadlines()}
            yield proxy, HttpClient(line, session, http, **given)
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("way", [Way.DRIP, Way.HOLE, Way.FIN, Way.RST, Way.CUT])
async def test_a_thousand_spoiled_requests_end_in_time_and_leave_no_connection_open(way: Way) -> None:
    found: Counter[str] = Counter()
    longest = 0.0

    async def send(client: HttpClient, proxy: Chaos) -> None:
        nonlocal longest
        for _ in range(MANY // AT_ONCE):
            begun = loop_time()
            try:
                await client.send(Request("GET", proxy.url, "GET /"))
            except VendorError as error:
                found[type(error).__name__] += 1
            longest = max(longest, loop_time() - begun)

    before = open_files()
    async with broken() as (proxy, client):
        proxy.way = way
        await asyncio.gather(*(send(client, proxy) for _ in range(AT_ONCE)))
        await asyncio.sleep(0.1)
        assert proxy.connections == 0
        assert proxy.most_connections <= 2 * AT_ONCE, "one that is closed here may not have been noticed there yet"
        assert proxy.heads == client.traffic.requests == client.traffic.failures == MANY
    await asyncio.sleep(0.1)

    assert found == {UnavailableError.__name__: MANY}
    assert longest <= DEADLINE + 0.2
    assert open_files() <= before
