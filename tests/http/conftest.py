"""A vendor on the loopback interface, a client for it, and aioresponses made to work with the aiohttp of today."""

import asyncio
import inspect
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import ClientResponse, web
from aioresponses import aioresponses
from yarl import URL

from ccstats.auth import Auth, NoAuth
from ccstats.budget import Limit, RateHint
from ccstats.clock import VendorClock
from ccstats.config import Http
from ccstats.deadline import Deadlines
from ccstats.errors import Origin, VendorError
from ccstats.http import HttpClient, Line, RetryPolicy, Traffic, fault, http_session, retry_after


class Dialect:
    """How the vendor of these tests speaks: JSON errors with code and message, limits in two headers."""

    def fault(self, status: int, headers: Mapping[str, str], body: bytes, origin: Origin) -> VendorError:
        try:
            table = json.loads(body)
        except ValueError:
            table = {}
        return fault(
            status,
            table.get("message", f"answered with status {status}"),
            origin,
            code=table.get("code"),
            request_id=headers.get("X-Request-Id"),
            retry_after=retry_after(headers),
        )

    def hint(self, headers: Mapping[str, str]) -> RateHint | None:
        if "X-Limit" not in headers:
            return None
        remaining = headers.get("X-Remaining")
        return RateHint(
            limit=Limit(float(headers["X-Limit"]), 60.0),
            remaining=None if remaining is None else float(remaining),
            reset=float(headers.get("X-Reset", "60")),
        )


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """What is entered here is left after the test."""
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack: AsyncExitStack) -> Callable[..., Awaitable[URL]]:
    """Serves a handler of aiohttp on the loopback interface and says where."""

    async def start(handler: Any, *, tls: ssl.SSLContext | None = None) -> URL:
        runner = web.ServerRunner(
            web.Server(handler, handler_cancellation=True, access_log=None), shutdown_timeout=0.01
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        scheme = "http" if tls is None else "https"
        return URL.build(scheme=scheme, host="127.0.0.1", port=runner.addresses[0][1], path="/")

    return start


@pytest.fixture
def serve_bytes(stack: AsyncExitStack) -> Callable[..., Awaitable[URL]]:
    """Serves whatever bytes a coroutine writes, once the head of a request has come."""

    async def start(answer: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> URL:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                await answer(writer)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        stack.callback(server.close)
        return URL.build(scheme="http", host="127.0.0.1", port=server.sockets[0].getsockname()[1], path="/")

    return start


@pytest.fixture
def connect(stack: AsyncExitStack) -> Callable[..., Awaitable[HttpClient]]:
    """A client of a vendor; takes what a line takes."""

    async def make(
        root: URL, *, auth: Auth | None = None, http: Http | None = None, clock: VendorClock | None = None, **more: Any
    ) -> HttpClient:
        allowance = more.pop("allowance", None)
        more.setdefault("retry", RetryPolicy(attempts=1))
        line = Line("acme", "us", root.origin(), Dialect(), auth or NoAuth(), **more)
        http = http or Http()
        session = await stack.enter_async_context(http_session(http, 50))
        return HttpClient(
            line,
            session,
            http,
            clock=clock or VendorClock(),
            traffic=Traffic(),
            deadlines=Deadlines(),
            permit=allowance,
        )

    return make


@pytest.fixture
def dead() -> Iterator[URL]:
    """Where nobody listens: a port of the loopback interface that is taken and closed."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield URL.build(scheme="http", host="127.0.0.1", port=taken.getsockname()[1], path="/")


class Response(ClientResponse):
    """Supplies the argument that aiohttp 3.14 asks for and aioresponses 0.7.9 does not give."""

    def __init__(self, *given: Any, **named: Any) -> None:
        if "stream_writer" in inspect.signature(ClientResponse.__init__).parameters:
            named.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*given, **named)


class Mocked(aioresponses):
    """aioresponses with a response class that can be made."""

    def add(self, *given: Any, **named: Any) -> None:
        named.setdefault("response_class", Response)
        super().add(*given, **named)


@pytest.fixture
def mocked() -> Any:
    """Requests that never leave the process."""
    with Mocked() as mocked:
        yield mocked
