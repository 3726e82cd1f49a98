"""Server-sent events: the whole table, then changes, for as long as somebody listens."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web

from ccstats.serve.feed import GROUP, Client, Feed, Wants, frame
from ccstats.serve.live import Live
from ccstats.serve.query import Streamed, parsed

RETRY_MS = 2000
"""After how many milliseconds a browser comes back."""
AT_ONCE = 64 * 1024
"""Bytes of one write; a client gets the next ones when it has taken these."""
PATIENCE = 30.0
"""Seconds that a client may take for one write before it is given up."""
HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def stream(live: Live, request: web.Request) -> web.StreamResponse:
    """Send events until one side ends.

    `reset` (what is known is to be forgotten), `snapshot`, `group`, `gone`, `pulse` (a sign of life with the state of
    the sources), and `sync` after everything that was pending: its id is what a client comes back with.
    """
    query = parsed(request, Streamed)
    response = web.StreamResponse(headers=HEADERS)
    live.gate.share(request, response)
    await response.prepare(request)
    wants = _wants(live, query)
    last = request.headers.get("Last-Event-ID")
    coming = live.feed.client(wants, ages=query.ages, last=last)
    # A reset connection or a write that takes too long: the other side is gone, or as good as.
    with suppress(ConnectionResetError, TimeoutError), coming as (client, whole):
        await _write(response, [f"retry: {RETRY_MS}\n\n".encode(), frame("reset", b"{}") if whole else b""])
        client.filled.set()
        await _send(response, live.feed, client)
    return response


async def _send(response: web.StreamResponse, feed: Feed, client: Client) -> None:
    while True:
        await client.filled.wait()
        ident = feed.event_id()
        keys, pulse = client.take()
        parts, size = [pulse or b""], 0
        for key in keys:
            parts.append(feed.frame(key))
            size += len(parts[-1])
            if size >= AT_ONCE:
                await _write(response, parts)
                parts, size = [], 0
        parts.append(f"id: {ident}\n".encode() + frame("sync", b"{}"))
        await _write(response, parts)
        if feed.ended and not client.pending:
            return


async def _write(response: web.StreamResponse, parts: list[bytes]) -> None:
    async with asyncio.timeout(PATIENCE):
        await response.write(b"".join(parts))


def _wants(live: Live, query: Streamed) -> Wants:
    wanted = query.wants(live.monitor.config)
    groups = query.groups(live.monitor.config)

    def wants(key: str) -> bool:
        if key.startswith(GROUP):
            return key.removeprefix(GROUP) in groups
        found = live.monitor.get(key)
        return found is None or wanted(found.target)  # who comes back is told of all that is gone

    return wants
