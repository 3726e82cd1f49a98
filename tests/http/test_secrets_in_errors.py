"""No credential in any error: not in its text, its repr, its traceback, nor in what stands behind it."""

import asyncio
import base64
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from ccstats.auth import BasicAuth, ClientCredentials, Token, TokenKeeper
from ccstats.config import Http, Secret
from ccstats.errors import UnavailableError, VendorError
from ccstats.http import Request
from ccstats.http.blank import blanked
from ccstats.http.session import Proxy


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def shows(error: BaseException, *secrets: str) -> list[str]:
    """Where an error shows a secret: the texts that somebody logs, prints or sends on."""
    found = []
    for one in chain(error):
        texts = {"str": str(one), "repr": repr(one), "args": repr(one.args), "dict": repr(vars(one))}
        found += [f"{type(one).__name__}.{name}" for name, text in texts.items() if any(s in text for s in secrets)]
    printed = "".join(traceback.format_exception(error))
    return found + ["traceback" for secret in secrets if secret in printed]


async def _refused(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}")


async def _reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _garbage(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 abc\r\n\r\n")


async def _huge(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX" + b"y" * 100_000 + b": 1\r\n\r\n")


async def _cut(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


async def _nothing(writer: asyncio.StreamWriter) -> None:
    pass


async def _moved(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")


async def _unavailable(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")


async def _packed(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnotgzip")


WAYS = [_refused, _reset, _garbage, _huge, _cut, _nothing, _moved, _unavailable, _packed]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
@pytest.mark.parametrize("scheme", ["basic", "bearer"])
async def test_no_way_to_fail_shows_the_credential(
    serve_bytes: Any, connect: Any, canary: str, way: Any, scheme: str
) -> None:
    async def fetch() -> Token:
        return Token(canary, 3600)

    basic = BasicAuth("u", Secret(canary))
    root = await serve_bytes(way)
    client = await connect(root, auth=basic if scheme == "basic" else ClientCredentials(TokenKeeper("k"), fetch))
    with pytest.raises(VendorError) as caught:
        await client.send(Request("GET", root, "GET /"))
    packed = base64.b64encode(f"u:{canary}".encode()).decode()
    assert shows(caught.value, canary, packed) == []


@pytest.mark.parametrize("before", [0, 270, 285, 300])
@pytest.mark.parametrize("scheme", ["basic", "bearer"])
async def test_a_vendor_that_repeats_the_credential_is_quoted_without_it(
    serve: Any, connect: Any, canary: str, scheme: str, before: int
) -> None:
    """In its message, also where that is cut in the middle of the secret, in its code and in the id of the request."""

    async def repeats(request: web.BaseRequest) -> web.Response:
        word = request.headers["Authorization"].partition(" ")[2]
        said = base64.b64decode(word).decode() if scheme == "basic" else word
        body = {"message": "." * before + f" {said} {word} is refused", "code": word}
        return web.json_response(body, status=403, headers={"X-Request-Id": word})

    async def fetch() -> Token:
        return Token(canary, 3600)

    basic = BasicAuth("u", Secret(canary))
    root = await serve(repeats)
    client = await connect(root, auth=basic if scheme == "basic" else ClientCredentials(TokenKeeper("k"), fetch))
    with pytest.raises(VendorError, match=r"\*\*\*") as caught:
        await client.send(Request("GET", root, "GET /"))
    packed = base64.b64encode(f"u:{canary}".encode()).decode()
    assert shows(caught.value, canary[:8], packed[:8]) == []


@pytest.mark.parametrize("written", [r"a\"b/c\u00e9d", r"a\"b\/c\u00e9d", 'a\\"b/céd', 'a"b/céd'])
def test_a_repeated_secret_is_found_however_json_writes_it(written: str) -> None:
    _, body = blanked({}, f'{{"message": "{written} is wrong"}}'.encode(), {"Authorization": 'Bearer a"b/céd'})
    assert body == b'{"message": "*** is wrong"}'


async def test_a_form_that_is_repeated_is_quoted_without_its_secret(serve: Any, connect: Any, canary: str) -> None:
    async def repeats(request: web.BaseRequest) -> web.Response:
        return web.json_response({"message": f"{(await request.post())['client_secret']} is wrong"}, status=400)

    root = await serve(repeats)
    client = await connect(root)
    with pytest.raises(VendorError, match=r"\*\*\* is wrong") as caught:
        await client.send(Request("POST", root, "POST /oauth/token", form={"client_secret": canary}))
    assert shows(caught.value, canary) == []


async def test_a_form_with_a_secret_is_not_shown_when_it_cannot_be_sent(connect: Any, dead: URL, canary: str) -> None:
    client = await connect(dead)
    with pytest.raises(VendorError) as caught:
        await client.send(Request("POST", dead, "POST /oauth/token", form={"client_secret": canary}))
    assert shows(caught.value, canary) == []


def proxied(root: URL, secret: str) -> Http:
    return Http(proxy=f"http://user:{secret}@127.0.0.1:{root.port}")


async def test_a_proxy_gets_its_credential_in_a_header(serve: Any, connect: Any) -> None:
    seen = []

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.append((request.raw_path, request.headers["Proxy-Authorization"], request.headers["Authorization"]))
        return web.Response()

    proxy = await serve(handler)
    vendor = URL("http://vendor.test/")
    client = await connect(vendor, plain_http=True, auth=BasicAuth("u", Secret("x")), http=proxied(proxy, "pw"))
    await client.send(Request("GET", vendor.with_path("/queues"), "GET /queues"))
    assert seen == [("http://vendor.test/queues", "Basic dXNlcjpwdw==", "Basic dTp4")]


async def test_on_the_way_to_tls_the_proxy_sees_its_own_credential_and_not_the_vendors(
    connect: Any, stack: Any
) -> None:
    heads = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    stack.callback(server.close)
    proxy, vendor = URL(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), URL("https://vendor.test/")
    client = await connect(vendor, plain_http=True, auth=BasicAuth("u", Secret("x")), http=proxied(proxy, "pw"))
    with pytest.raises(UnavailableError):
        await client.send(Request("GET", vendor, "GET /"))
    (head,) = heads
    assert head.startswith("CONNECT vendor.test:443 ")
    assert "Proxy-Authorization: Basic dXNlcjpwdw==" in head
    assert "\r\nAuthorization:" not in head


async def _needs_login(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("vendor", ["http://vendor.test/", "https://vendor.test/"])
@pytest.mark.parametrize("way", [_needs_login, _reset, _garbage, _cut], ids=lambda way: way.__name__.strip("_"))
async def test_a_proxys_credential_is_in_no_error(
    serve_bytes: Any, connect: Any, canary: str, way: Any, vendor: str
) -> None:
    proxy = await serve_bytes(way)
    client = await connect(URL(vendor), plain_http=True, http=proxied(proxy, canary))
    with pytest.raises(VendorError) as caught:
        await client.send(Request("GET", URL(vendor), "GET /"))
    packed = base64.b64encode(f"user:{canary}".encode()).decode()
    assert shows(caught.value, canary, packed) == []


async def test_a_proxy_that_is_down_is_not_named_with_its_credential(connect: Any, dead: URL, canary: str) -> None:
    client = await connect(URL("http://vendor.test/"), plain_http=True, http=proxied(dead, canary))
    with pytest.raises(VendorError) as caught:
        await client.send(Request("GET", URL("http://vendor.test/"), "GET /"))
    assert shows(caught.value, canary) == []


@pytest.mark.parametrize("login", ["user:{0}@", ":{0}@", "{0}@"])
def test_the_credentials_of_a_proxy_are_not_in_its_repr(canary: str, login: str) -> None:
    text = repr(Proxy.of(f"http://{login.format(canary)}127.0.0.1:3128"))
    packed = [base64.b64encode(part.encode()).decode()[:20] for part in (f"user:{canary}", f":{canary}", f"{canary}:")]
    shown = [part in text for part in (canary, *packed)]
    assert not any(shown)
