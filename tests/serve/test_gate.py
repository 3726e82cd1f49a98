"""Who may read: nothing leaks without the token, other pages read nothing, and no reader can take everything."""

import asyncio
from typing import Any

import aiohttp
import pytest

from ccstats.config import Serve
from ccstats.errors import ConfigError
from ccstats.serve import check, doors, gate
from ccstats.serve.routes import OPERATIONS

CLOSED = [one.path.replace("{key}", "acme:queue:q0") for one in OPERATIONS if not one.open] + ["/openapi.json", "/none"]


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic {}", "Bearer {}x", "{}", "Bearer é"])
async def test_without_the_right_token_nothing_but_that_is_said(
    serve: Any, canary: str, path: str, header: str | None
) -> None:
    async with serve(token=canary) as served:
        headers = {} if header is None else {"Authorization": header.format(canary)}
        async with served.get(path, **headers) as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"] == 'Bearer realm="ccstats"'
            assert await response.json() == {"title": "Unauthorized", "status": 401, "detail": ""}
            assert "acme" not in str(response.headers)


async def test_with_the_token_everything_is_answered(serve: Any, canary: str) -> None:
    async with serve(token=canary) as served:
        for path in CLOSED[:-1]:
            async with served.get(path, Authorization=f"Bearer {canary}") as response:
                assert response.status == 200


async def test_the_page_and_the_health_need_no_token_and_have_no_number_in_them(serve: Any, canary: str) -> None:
    async with serve("acme", token=canary) as served:
        for path in ("/", "/healthz", "/readyz"):
            async with served.get(path) as response:
                assert response.status == 200
                assert "acme" not in await response.text()


async def test_a_token_that_is_read_again_holds_at_once(serve: Any, canary: str) -> None:
    async with serve(token=canary) as served:
        config = served.monitor.config
        fresh = config.serve.model_copy(update={"token": Serve.model_validate({"token": canary + "2"}).token})
        await served.monitor.reload(config.model_copy(update={"serve": fresh}))
        async with served.get("/api/v1/sources", Authorization=f"Bearer {canary}") as response:
            assert response.status == 401
        async with served.get("/api/v1/sources", Authorization=f"Bearer {canary}2") as response:
            assert response.status == 200


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:80", "example.org:80"])
def test_a_public_address_needs_a_token_or_a_word(listen: str, canary: str) -> None:
    with pytest.raises(ConfigError, match="--insecure"):
        check(Serve(listen=listen), insecure=False)
    check(Serve(listen=listen), insecure=True)
    check(Serve.model_validate({"listen": listen, "token": canary}), insecure=False)


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "127.8.8.8:0", "[::1]:0", "localhost:0"])
def test_this_machine_alone_needs_none(listen: str) -> None:
    check(Serve(listen=listen), insecure=False)


async def test_an_address_that_is_taken_is_a_mistake_of_the_configuration(serve: Any) -> None:
    async with serve() as served:
        with pytest.raises(ConfigError, match="cannot listen on"):
            async with serve("other", listen=served.url.removeprefix("http://")):
                pass


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "10.0.0.1", "127.0.0.1.evil.example", "::bad"])
async def test_a_page_whose_name_resolves_to_this_machine_reads_nothing(serve: Any, host: str) -> None:
    async with serve() as served, served.get("/api/v1/snapshots", Host=host) as response:
        assert response.status == 421
        assert "queue" not in await response.text()


async def test_other_origins_may_read_only_where_they_are_named(serve: Any) -> None:
    async with serve(allow_origins=("https://wall.example",)) as served:
        for path in ("/api/v1/sources", "/api/v1/snapshots", "/api/v1/stream"):
            async with served.get(path, Origin="https://wall.example") as response:
                assert response.headers["Access-Control-Allow-Origin"] == "https://wall.example"
            async with served.get(path, Origin="https://evil.example") as response:
                assert "Access-Control-Allow-Origin" not in response.headers
        asked = {"Origin": "https://wall.example", "Access-Control-Request-Headers": "authorization"}
        async with served.session.options(f"{served.url}/api/v1/sources", headers=asked) as response:
            assert (response.status, "Authorization" in response.headers["Access-Control-Allow-Headers"]) == (204, True)


async def test_every_answer_forbids_what_no_answer_needs(serve: Any) -> None:
    async with serve() as served:
        for path in ("/", "/api/v1/snapshots", "/none", "/api/v1/stream"):
            async with served.get(path) as response:
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert "default-src 'none'" in response.headers["Content-Security-Policy"]
                assert "unsafe" not in response.headers["Content-Security-Policy"]
                assert response.headers["Server"] == "ccstats"


async def test_connections_beyond_the_most_are_closed_and_the_others_stay(serve: Any) -> None:
    async with serve(max_connections=3) as served, served.stream() as one, served.stream() as two:
        await one.synced()
        await two.synced()
        assert (await served.json("/healthz"))["status"] == "ok"
        async with aiohttp.ClientSession() as stranger:
            with pytest.raises(aiohttp.ClientError):
                await stranger.get(f"{served.url}/healthz")
        assert (await served.json("/healthz"))["status"] == "ok"


async def test_a_connection_that_asks_for_nothing_is_closed(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "SILENT", 0.02)
    async with serve() as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(served.url.rpartition(":")[2]))
        writer.write(b"GET / HTTP/1.1\r\nHost: 127")
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_more_requests_than_are_allowed_at_once_are_told_to_come_back(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(2000)
    async with serve(max_requests=1) as served:
        statuses = []

        async def ask() -> None:
            async with served.get("/api/v1/snapshots") as response:
                statuses.append((response.status, response.headers.get("Retry-After")))
                await response.read()

        await asyncio.gather(ask(), ask(), ask())
        assert sorted(statuses, key=str) == [(200, None), (503, "1"), (503, "1")]


async def test_an_answer_that_takes_too_long_gives_its_room_back(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(_: Any) -> None:
        await asyncio.get_running_loop().create_future()

    async with serve(max_requests=1, history_every="1h") as served:
        with monkeypatch.context() as patch:
            patch.setattr(gate, "LONGEST", 0.05)
            patch.setattr("ccstats.serve.feed.Feed.groups", hang)
            with pytest.raises(aiohttp.ClientError):
                await served.json("/api/v1/groups")
        assert (await served.json("/api/v1/groups"))["groups"] == []


async def test_a_body_is_not_read(serve: Any) -> None:
    async with serve() as served, served.session.get(f"{served.url}/healthz", data=b"x" * 1_000_000) as response:
        assert response.status == 200
