"""Serves the latest of everything over HTTP: python examples/web.py CONFIG.toml [PORT]

GET /snapshots        all of them, as JSON; ?match=us:* only those whose key or name matches
GET /snapshots/KEY    one of them

However many clients ask, each vendor is asked once per cadence.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from fnmatch import fnmatchcase

from aiohttp import web

import ccstats

MONITOR = web.AppKey("monitor", ccstats.Monitor)


async def latest(request: web.Request) -> web.Response:
    """Every snapshot that matches."""
    glob = request.query.get("match", "*")
    found = [
        snapshot.model_dump_json()
        for key, snapshot in request.app[MONITOR].latest().items()
        if fnmatchcase(key, glob) or fnmatchcase(snapshot.target.name or "", glob)
    ]
    return web.Response(text=f"[{','.join(found)}]", content_type="application/json")


async def one(request: web.Request) -> web.Response:
    """The snapshot of one target."""
    snapshot = request.app[MONITOR].get(request.match_info["key"])
    if snapshot is None:
        raise web.HTTPNotFound(text="there is no such target, or it has not been read yet")
    return web.Response(text=snapshot.model_dump_json(), content_type="application/json")


def application(config: str) -> web.Application:
    """An application that polls while it serves."""

    async def polled(app: web.Application) -> AsyncIterator[None]:
        async with ccstats.Monitor(config) as app[MONITOR]:
            await app[MONITOR].wait_until_ready(timeout=3)  # windows may take longer, and are served as they come
            yield

    app = web.Application()
    app.cleanup_ctx.append(polled)
    app.router.add_get("/snapshots", latest)
    app.router.add_get("/snapshots/{key}", one)
    return app


async def serve(config: str, port: int) -> None:
    """Serve on this machine only, until interrupted."""
    runner = web.AppRunner(application(config))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        print(f"http://127.0.0.1:{runner.addresses[0][1]}/snapshots", flush=True)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 8080))
