"""Credentials: one more try after a 401, and nowhere but at the vendor's own origin."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from ccstats.auth import BasicAuth, ClientCredentials, Token, TokenKeeper
from ccstats.budget import Budget, Limit
from ccstats.config import Secret
from ccstats.errors import (
    AuthError,
    BrokenAnswerError,
    NotPermittedError,
    Origin,
    RateLimitedError,
    UnavailableError,
    VendorError,
)
from ccstats.http import Guard, Request, RetryPolicy


class Door:
    """A vendor that lets in whoever shows what it wants, and remembers what it was shown."""

    def __init__(self, wanted: str = "") -> None:
        self.wanted = wanted
        self.shown: list[str] = []

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        self.shown.append(request.headers.get("Authorization", ""))
        return web.json_response({}, status=200 if self.shown[-1] == self.wanted else 401)


def get(root: URL, path: str = "/x", **more: Any) -> Request:
    return Request("GET", root.with_path(path), f"GET {path}", **more)


async def test_a_secret_rotated_in_its_file_is_found_by_one_more_try(serve: Any, connect: Any, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    auth = BasicAuth("u", Secret.parse({"file": str(file)}))
    file.write_text("new")
    door = Door((await BasicAuth("u", Secret("new")).headers())["Authorization"])
    root = await serve(door)
    client = await connect(root, auth=auth)
    assert (await client.send(get(root))).status == 200
    assert len(door.shown) == 2
    assert (client.traffic.requests, client.traffic.failures) == (2, 1)


async def test_a_secret_that_is_simply_wrong_is_tried_once(serve: Any, connect: Any) -> None:
    door = Door("nobody")
    root = await serve(door)
    with pytest.raises(AuthError):
        await (await connect(root, auth=BasicAuth("u", Secret("x")), retry=RetryPolicy())).send(get(root))
    assert len(door.shown) == 1


async def test_after_a_second_refusal_it_is_over(serve: Any, connect: Any) -> None:
    door = Door("nobody")
    root = await serve(door)
    fetched = 0

    async def fetch() -> Token:
        nonlocal fetched
        fetched += 1
        return Token(f"t{fetched}", 3600)

    client = await connect(root, auth=ClientCredentials(TokenKeeper("k"), fetch), retry=RetryPolicy())
    with pytest.raises(AuthError):
        await client.send(get(root))
    assert door.shown == ["Bearer t1", "Bearer t2"]


@pytest.mark.parametrize("status", [403, 400, 404])
async def test_other_refusals_are_no_reason_to_renew_anything(serve: Any, connect: Any, status: int) -> None:
    seen = []

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.append(request.path)
        return web.json_response({}, status=status)

    root = await serve(handler)

    fetched = 0

    async def fetch() -> Token:
        nonlocal fetched
        fetched += 1
        return Token("t", 3600)

    keeper = TokenKeeper("k")
    with pytest.raises(Exception, match=f"answered with status {status}"):
        await (await connect(root, auth=ClientCredentials(keeper, fetch))).send(get(root))
    assert (len(seen), fetched) == (1, 1)


async def test_a_refused_address_is_not_tried_with_another_token(serve: Any, connect: Any) -> None:
    class Stubborn:
        def fault(self, status: int, *given: Any) -> AuthError:
            return AuthError("not from here", origin=given[-1], renewable=False)

        def hint(self, headers: Any) -> None:
            return None

    door = Door("nobody")
    root = await serve(door)
    client = await connect(root, auth=BasicAuth("u", Secret("x")))
    object.__setattr__(client._line, "dialect", Stubborn())
    with pytest.raises(AuthError, match="not from here"):
        await client.send(get(root))
    assert len(door.shown) == 1


async def test_a_token_revoked_under_many_requests_is_renewed_once_for_all(serve: Any, connect: Any) -> None:
    door, fetched = Door("Bearer t2"), 0
    root = await serve(door)

    async def fetch() -> Token:
        nonlocal fetched
        fetched += 1
        return Token(f"t{fetched}", 3600)

    client = await connect(root, auth=ClientCredentials(TokenKeeper("k"), fetch))
    answers = await asyncio.gather(*(client.send(get(root)) for _ in range(200)))
    assert {answer.status for answer in answers} == {200}
    assert fetched == 2
    assert door.shown.count("Bearer t1") <= 200
    assert door.shown.count("Bearer t2") == 200


async def test_a_request_without_permission_says_so(serve: Any, connect: Any) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.json_response({"message": "missing analytics:view", "code": "no.permission"}, status=403)

    root = await serve(handler)
    with pytest.raises(NotPermittedError, match="missing analytics:view"):
        await (await connect(root)).send(get(root))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 304])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_redirect_is_followed(serve: Any, connect: Any, status: int, method: str) -> None:
    elsewhere = Door()
    other = await serve(elsewhere)
    seen = []

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.append(request.path)
        return web.Response(status=status, headers={"Location": str(other.with_path("/caught"))})

    root = await serve(handler)
    client = await connect(root, auth=BasicAuth("u", Secret("x")), retry=RetryPolicy())
    with pytest.raises(BrokenAnswerError, match="redirect") as caught:
        await client.send(Request(method, root.with_path("/x"), f"{method} /x", json={"a": 1}))
    assert (seen, elsewhere.shown) == (["/x"], [])
    origin = caught.value.origin
    assert (origin.vendor, origin.source, origin.endpoint, origin.status) == ("acme", "us", f"{method} /x", status)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{other}/x",
        "https://127.0.0.1:{port}/x",
        "http://localhost:{port}/x",
        "http://127.0.0.1:{port}0/x",
    ],
)
async def test_a_request_to_another_origin_is_refused_before_it_is_sent(serve: Any, connect: Any, address: str) -> None:
    door, elsewhere = Door(), Door()
    root, other = await serve(door), await serve(elsewhere)
    port = str(root.port)[:4]
    url = URL(address.format(other=other.port, port=port if address.endswith("0/x") else root.port))
    budget = Budget("b", Limit(1, 60))
    client = await connect(root, auth=BasicAuth("u", Secret("x")))
    with pytest.raises(BrokenAnswerError, match="another origin") as caught:
        await client.send(Request("GET", url, "GET /x", budgets=(budget,)))
    assert (door.shown, elsewhere.shown) == ([], [])
    assert (budget.level(), client.traffic.requests, caught.value.origin.source) == (1, 0, "us")


@pytest.mark.parametrize("link", ["/v1/next?page=2", "next", "", "file:///etc/passwd", "mailto:somebody"])
async def test_a_link_that_leads_nowhere_is_a_broken_answer(connect: Any, dead: URL, link: str) -> None:
    client = await connect(dead)
    with pytest.raises(BrokenAnswerError, match="another origin"):
        await client.send(Request("GET", URL(link), "GET /next"))


class Losing:
    """An auth that has a credential so many times, and then fails to get another."""

    def __init__(self, good: int, failure: VendorError) -> None:
        self.good = good
        self.failure = failure
        self.asked = 0

    async def headers(self) -> dict[str, str]:
        self.asked += 1
        if self.asked > self.good:
            raise self.failure
        return {"Authorization": "Bearer x"}

    async def renew(self, refused: Any) -> bool:
        return False


@pytest.mark.looptime
@pytest.mark.parametrize("good", [0, 1], ids=["before the budget", "after the budget"])
@pytest.mark.parametrize("failure", [UnavailableError("login is down"), RateLimitedError("slow down", retry_after=20)])
async def test_a_login_that_fails_is_neither_retried_nor_held_against_the_api(
    serve: Any, connect: Any, good: int, failure: VendorError
) -> None:
    # Fetching a token has retries and limits of its own; retried here as well, three tries would become nine.
    door = Door("Bearer x")
    root = await serve(door)
    budget, auth = Budget("b", Limit(600, 60)), Losing(good, failure)
    client = await connect(root, auth=auth, retry=RetryPolicy(attempts=5))
    with pytest.raises(type(failure)):
        await client.send(get(root, budgets=(budget,)))
    assert (auth.asked, door.shown, budget.paused_for()) == (good + 1, [], 0)
    assert (client.traffic.requests, client.traffic.retries, client.traffic.rate_limited) == (0, 0, 0)


@pytest.mark.looptime
async def test_a_wrong_secret_is_tried_once_a_minute_then_ever_more_seldom(serve: Any, connect: Any) -> None:
    """However many ask, and through however many sources: the guard of the credential is one."""
    door, guard = Door("nobody"), Guard("acme")
    root = await serve(door)
    clients = [await connect(root, auth=BasicAuth("u", Secret("x")), guard=guard) for _ in range(2)]
    asked = []
    for _ in range(1000):
        before = len(door.shown)
        refused = await asyncio.gather(*(client.send(get(root)) for client in clients * 5), return_exceptions=True)
        assert {type(one) for one in refused} == {AuthError}
        asked += [asyncio.get_running_loop().time()] if len(door.shown) > before else []
        await asyncio.sleep(1)
    assert [round(at, -1) for at in asked] == [0, 60, 180, 420, 900]
    assert len(door.shown) <= 10 + 4, "what was under way when the first was refused, and then one at a time"


class OffTheList:
    """Speaks of an address that is not on the allow-list."""

    def fault(self, status: int, headers: Any, body: bytes, origin: Origin) -> VendorError:
        return AuthError("not from here", origin=replace(origin, status=status), renewable=False)

    def hint(self, headers: Any) -> None:
        return None


async def test_an_address_that_is_not_allowed_shuts_nobody_out(serve: Any, connect: Any) -> None:
    door = Door("nobody")
    root = await serve(door)
    client = await connect(root, auth=BasicAuth("u", Secret("x")))
    client._line = replace(client._line, dialect=OffTheList())
    for _ in range(10):
        with pytest.raises(AuthError):
            await client.send(get(root))
    assert len(door.shown) == 10
