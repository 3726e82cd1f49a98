"""A single request: what leaves, and what becomes of the answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from yarl import URL

from ccstats.auth import BasicAuth
from ccstats.clock import VendorClock
from ccstats.config import Secret
from ccstats.http import Request

ROOT = URL("https://api.vendor.test/")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_a_query_leaves_with_its_credential_and_its_body_and_nothing_from_elsewhere(
    connect: Any, mocked: Any
) -> None:
    url = ROOT.joinpath("v2", "queues")
    mocked.post(str(url), payload={"results": []}, headers={"Date": "Sun, 01 Mar 2026 12:00:00 GMT"})
    client = await connect(ROOT, auth=BasicAuth("AC1", Secret("x")), clock=VendorClock(lambda: NOON))
    answer = await client.send(Request("POST", url, "POST /v2/queues", json={"queues": ["Q1"]}))
    assert (answer.status, answer.body, answer.at) == (200, b'{"results": []}', NOON)
    ((call,),) = mocked.requests.values()
    assert call.kwargs["json"] == {"queues": ["Q1"]}
    assert call.kwargs["headers"] == {"Authorization": "Basic QUMxOng=", "Accept": "application/json"}
    assert call.kwargs["allow_redirects"] is False
    assert (client.traffic.requests, client.traffic.retries, client.traffic.failures) == (1, 0, 0)
    assert client.traffic.bytes == len(answer.body)


async def test_the_body_of_an_answer_and_the_form_of_a_request_are_not_in_their_reprs(
    mocked: Any, connect: Any, canary: str
) -> None:
    mocked.post(str(ROOT), body=canary)
    request = Request("POST", ROOT, "POST /oauth/token", form={"client_secret": canary})
    answer = await (await connect(ROOT)).send(request)
    shown = canary in repr(request) + repr(answer)
    assert not shown


async def test_an_answer_of_the_vendor_sets_the_vendors_clock(serve: Any, connect: Any) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(headers={"Date": "Sun, 01 Mar 2026 13:00:00 GMT"})

    root = await serve(handler)
    client = await connect(root, clock=VendorClock(lambda: NOON))
    answer = await client.send(Request("GET", root, "GET /"))
    assert timedelta(0) <= client.clock.now() - (NOON + timedelta(hours=1)) <= timedelta(seconds=1)
    assert answer.at == client.clock.now()


async def test_a_form_is_sent_as_a_form(serve: Any, connect: Any) -> None:
    seen = []

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.append((request.content_type, await request.text()))
        return web.Response()

    root = await serve(handler)
    await (await connect(root)).send(Request("POST", root, "POST /", form={"grant_type": "client_credentials"}))
    assert seen == [("application/x-www-form-urlencoded", "grant_type=client_credentials")]


async def test_no_cookie_is_kept(serve: Any, connect: Any) -> None:
    seen = []

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "session=1; Path=/"})

    root = await serve(handler)
    client = await connect(root)
    for _ in range(2):
        await client.send(Request("GET", root, "GET /"))
    assert seen == [None, None]


async def test_a_client_says_whose_it_is_and_where_it_sends(connect: Any, dead: URL) -> None:
    assert repr(await connect(dead)) == f"<HttpClient us -> {dead.origin()}>"
