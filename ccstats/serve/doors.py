"""Connections: so many at once, and none that never asks for anything."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

SILENT: Final = 15.0
"""Seconds that a connection may take until its first request has come in whole."""


class Full(asyncio.Protocol):
    """A connection too many: it is closed at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it."""
        transport.close()


class Doors:
    """Makes the protocol of every new connection, as `loop.create_server` wants it."""

    def __init__(self, server: web.Server, most: int) -> None:
        self._server = server
        self._most = most
        self._silent: set[RequestHandler] = set()

    def __call__(self) -> asyncio.Protocol:
        """One connection comes in."""
        if len(self._server.connections) >= self._most:
            return Full()
        protocol = self._server()
        self._silent.add(protocol)
        asyncio.get_running_loop().call_later(SILENT, self._give_up, protocol)
        return protocol

    def heard(self, protocol: object) -> None:
        """A request came in over this connection."""
        self._silent.discard(protocol)

    def _give_up(self, protocol: RequestHandler) -> None:
        if protocol in self._silent:
            self._silent.discard(protocol)
            protocol.force_close()
