"""The server: listening, counting connections, ending in time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from aiohttp import web

from ccstats.config import Serve, address
from ccstats.errors import ConfigError
from ccstats.monitor.view import View
from ccstats.serve.doors import Doors
from ccstats.serve.feed import Feed
from ccstats.serve.gate import Gate, Handler, dress, is_loopback
from ccstats.serve.history import recording
from ccstats.serve.live import Live
from ccstats.serve.openapi import document
from ccstats.serve.page import Page
from ccstats.serve.routes import OPERATIONS, Operation

logger = logging.getLogger(__name__)

IDLE: Final = 30.0
"""Seconds that a connection may rest between two requests."""
ENDING: Final = 1.0
"""Seconds that answers under way have once the server ends."""
LONGEST_LINE: Final = 64 * 1024
"""As many filters as an operation takes, every character of them in twelve bytes."""
LARGEST_BODY: Final = 1024
"""Nothing that is asked here has a body."""

WIRE: Final = logging.getLogger("ccstats.serve.wire")
WIRE.setLevel(logging.CRITICAL)  # a broken request is its sender's own concern, and its bytes may hold a token


def check(serve: Serve, *, insecure: bool) -> None:
    """Raise `ConfigError` where everybody who reaches this machine could read the numbers."""
    host, _ = address(serve.listen)
    if not is_loopback(host) and serve.token is None and not insecure:
        message = f"{host} can be reached from other machines: set serve.token, or say --insecure"
        raise ConfigError(message, key="serve.listen")


@asynccontextmanager
async def serving(monitor: View, serve: Serve, *, insecure: bool = False) -> AsyncGenerator[str]:
    """Serve what an entered monitor or reader knows while the context lasts; its address, with the port that was taken.

    Raises `ConfigError` where the address cannot be listened on, or where it is a public one without a token.
    """
    check(serve, insecure=insecure)
    host, _ = address(serve.listen)
    gate = Gate(partial(_settings, monitor, serve), insecure=insecure, host=host)
    feed = Feed(monitor)
    async with recording(monitor, feed, serve) as recorder:
        live = Live(monitor, feed, gate, recorder)
        following = asyncio.create_task(feed.run(), name="feed")
        following.add_done_callback(_ended)
        try:
            async with _listening(_app(live), gate, serve) as bound:
                shown = f"[{host}]" if ":" in host else host
                try:
                    yield f"http://{shown}:{bound}"
                finally:
                    live.ending = True
                    feed.end()
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following


def _ended(following: asyncio.Task[None]) -> None:
    """Streams that will stay silent are worth a line when it happens, and not when the server ends."""
    if not following.cancelled() and (error := following.exception()) is not None:
        logger.error("the stream of changes has ended", exc_info=error)


def _settings(monitor: View, given: Serve) -> Serve:
    """What holds now: the address stays what it was, the token follows the configuration."""
    return given.model_copy(update={"token": monitor.config.serve.token or given.token})


def _app(live: Live) -> web.Application:
    app = web.Application(middlewares=[live.gate.let_in], client_max_size=LARGEST_BODY)
    app.on_response_prepare.append(dress)
    for one in OPERATIONS:
        app.router.add_get(one.path.replace("{key}", "{key:.+}"), _handler(live, one))
    page = Page()
    app.router.add_get("/openapi.json", _described)
    app.router.add_get("/", page.index)
    app.router.add_get("/static/{name}", page.part)
    return app


async def _described(_: web.Request) -> web.Response:
    return web.json_response(document())


def _handler(live: Live, one: Operation) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await one.operate(live, request)

    handle.stream = one.streams  # type: ignore[attr-defined]  # the gate counts what streams by connection
    return handle


@asynccontextmanager
async def _listening(app: web.Application, gate: Gate, serve: Serve) -> AsyncGenerator[int]:
    host, port = address(serve.listen)
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=WIRE,
        shutdown_timeout=ENDING,
        keepalive_timeout=IDLE,
        handler_cancellation=True,
        max_line_size=LONGEST_LINE,
    )
    await runner.setup()
    try:
        server = runner.server
        assert server is not None  # noqa: S101 - it is there once it was set up
        gate.heard = (doors := Doors(server, serve.max_connections)).heard
        try:
            listening = await asyncio.get_running_loop().create_server(doors, host, port)
        except OSError as error:
            message = f"cannot listen on {host}:{port}: {error.strerror}"
            raise ConfigError(message, key="serve.listen") from None
        try:
            yield listening.sockets[0].getsockname()[1]
        finally:
            listening.close()
    finally:
        await runner.cleanup()
