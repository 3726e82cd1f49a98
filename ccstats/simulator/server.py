"""Serving a face on the local machine."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from ccstats.simulator.face import Face, World
from ccstats.simulator.faults import middleware

HOST: Final = "127.0.0.1"
SHUTDOWN_S: Final = 0.1
NO_SETTINGS: Final[Mapping[str, object]] = {}


@dataclass(frozen=True, slots=True)
class Running:
    """A face being served."""

    base_url: str
    face: Face
    world: World

    def source(self) -> dict[str, object]:
        """Return the table of a ccstats source that reads this face."""
        return self.face.configuration(self.base_url, self.world)

    def configuration(self, name: str) -> dict[str, object]:
        """Return a whole ccstats configuration with this face as its only source."""
        return {"sources": {name: self.source()}}


@asynccontextmanager
async def serve(
    face: Face, world: World, *, port: int = 0, settings: Mapping[str, object] = NO_SETTINGS
) -> AsyncGenerator[Running]:
    """Serve a face on 127.0.0.1 while the context lasts; port 0 takes a free one."""
    app = face.app(world, settings)
    app.middlewares.insert(0, middleware(world.faults, world.requests, world.now))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        host, bound = runner.addresses[0][:2]
        yield Running(f"http://{host}:{bound}", face, world)
    finally:
        await runner.cleanup()
