"""A vendor that is down, slow, cut off or nonsensical: one typed error each, in time, with its place."""

import asyncio
import gzip
import tracemalloc
import zlib
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from ccstats.config import Http
from ccstats.errors import BrokenAnswerError, Origin, UnavailableError, VendorError
from ccstats.http import HttpClient, Request

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def get(root: URL) -> Request:
    return Request("GET", root.with_path("/queues/Q1"), "GET /queues/{id}")


async def failure(client: HttpClient, root: URL) -> VendorError:
    with pytest.raises(VendorError) as caught:
        await client.send(get(root))
    origin = caught.value.origin
    assert (origin.vendor, origin.source, origin.endpoint) == ("acme", "us", "GET /queues/{id}")
    assert (client.traffic.requests, client.traffic.failures) == (1, 1)
    return caught.value


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\n",
        HEAD + b"Content-Length: 100\r\n\r\n{",
        HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":',
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnotgzip",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX" + b"y" * 100_000 + b": 1\r\n\r\n",
        b"\x16\x03\x01\x00\x05",
    ],
    ids=[
        "closed at once",
        "cut in a header",
        "cut after the status",
        "cut in the body",
        "cut in a chunk",
        "a broken chunk",
        "broken gzip",
        "another protocol",
        "no status",
        "a huge header",
        "bytes",
    ],
)
async def test_what_is_no_answer_is_unavailable(serve_bytes: Any, connect: Any, wire: bytes) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(wire)
        await writer.drain()

    root = await serve_bytes(answer)
    error = await failure(await connect(root), root)
    assert type(error) is UnavailableError
    assert error.origin.status is None


async def test_a_connection_that_is_reset_is_unavailable(serve_bytes: Any, connect: Any) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        await writer.drain()
        writer.transport.abort()

    root = await serve_bytes(answer)
    assert type(await failure(await connect(root), root)) is UnavailableError


async def test_where_nobody_listens_is_unavailable_and_names_the_host(connect: Any, dead: URL) -> None:
    error = await failure(await connect(dead), dead)
    assert type(error) is UnavailableError
    assert "127.0.0.1 cannot be reached" in error.message


@pytest.mark.looptime
async def test_silence_ends_at_the_deadline(serve: Any, connect: Any) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(3600)
        return web.Response()

    root = await serve(handler)
    error = await failure(await connect(root, http=Http(timeout="8s")), root)
    assert type(error) is UnavailableError
    assert "no complete answer within 8 s" in error.message
    assert asyncio.get_running_loop().time() == pytest.approx(8, abs=0.2)


@pytest.mark.looptime
async def test_a_slow_drip_ends_at_the_deadline_and_its_connection_is_closed(serve: Any, connect: Any) -> None:
    dripped, gone = 0, asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal dripped
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b" ")
                dripped += 1
                await asyncio.sleep(1)
        finally:
            gone.set()

    root = await serve(handler)
    client = await connect(root, http=Http(timeout="8s"))
    assert type(await failure(client, root)) is UnavailableError
    assert asyncio.get_running_loop().time() == pytest.approx(8, abs=0.2)
    assert dripped <= 9
    await asyncio.wait_for(gone.wait(), 5)
    assert client._session.connector is not None
    assert client._session.connector._acquired == set()


async def test_a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not(serve: Any, connect: Any) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(body=b"x" * int(request.query_string))

    root = await serve(handler)
    client = await connect(root, http=Http(max_body_bytes=2000))
    assert len((await client.send(Request("GET", root.with_query("2000"), "GET /"))).body) == 2000
    with pytest.raises(BrokenAnswerError, match="longer than 2000 bytes"):
        await client.send(Request("GET", root.with_query("2001"), "GET /"))


def bomb(size: int, form: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if form == "gzip" else 15)
    block = b"\0" * 1_048_576
    return b"".join([*(packer.compress(block) for _ in range(size // len(block))), packer.flush()])


@pytest.mark.parametrize("form", ["gzip", "deflate"])
async def test_a_bomb_is_measured_unpacked_and_costs_little_memory(serve: Any, connect: Any, form: str) -> None:
    packed = bomb(100 * 1_048_576, form)

    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": form})

    root = await serve(handler)
    client = await connect(root, http=Http(max_body_bytes=1_048_576))
    tracemalloc.start()
    try:
        error = await failure(client, root)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert type(error) is BrokenAnswerError
    assert "longer than 1048576 bytes" in error.message
    assert peak < 6 * 1_048_576


async def test_a_packed_answer_is_unpacked(serve: Any, connect: Any) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(body=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})

    root = await serve(handler)
    assert (await (await connect(root)).send(get(root))).body == b"{}"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504])
async def test_an_error_says_all_that_the_vendor_said(serve: Any, connect: Any, status: int) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        body = {"message": "said the vendor", "code": "E42"}
        return web.json_response(body, status=status, headers={"X-Request-Id": "req-1", "Retry-After": "7"})

    root = await serve(handler)
    error = await failure(await connect(root), root)
    assert error.origin == Origin("acme", "us", "GET /queues/{id}", status, "E42", "req-1")
    assert error.message == "said the vendor"
    assert "Q1" not in str(error), "endpoints are templates, without ids"


async def test_an_error_page_is_an_error_like_any_other(serve: Any, connect: Any) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(status=502, body=b"<html>bad gateway</html>", content_type="text/html")

    root = await serve(handler)
    error = await failure(await connect(root), root)
    assert (type(error), error.origin.status) == (UnavailableError, 502)


async def test_an_endless_error_page_keeps_its_status(serve: Any, connect: Any) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(status=503, body=b"x" * 100_000)

    root = await serve(handler)
    error = await failure(await connect(root, http=Http(max_body_bytes=2000)), root)
    assert error.origin.status == 503


async def test_a_vendor_that_comes_back_is_read_again(serve: Any, connect: Any) -> None:
    states = iter([503, 200])

    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(status=next(states))

    root = await serve(handler)
    client = await connect(root)
    with pytest.raises(UnavailableError):
        await client.send(get(root))
    assert (await client.send(get(root))).status == 200
