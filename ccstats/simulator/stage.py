"""One simulated center, shown by several vendors' faces at once."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from ccstats.simulator.center import Center
from ccstats.simulator.clock import Clock, WallClock
from ccstats.simulator.face import Face, World
from ccstats.simulator.server import Running, serve
from ccstats.simulator.spec import CenterSpec

Settings = Mapping[str, Mapping[str, object]]


@asynccontextmanager
async def stage(
    faces: Sequence[Face],
    spec: CenterSpec,
    start: datetime,
    *,
    clock: Clock | None = None,
    settings: Settings | None = None,
    ports: Mapping[str, int] | None = None,
) -> AsyncGenerator[list[Running]]:
    """Serve every face on 127.0.0.1 while the context lasts, each with its own requests and faults.

    What happens in the center follows from `spec` and `start` alone, so all faces show the same center. `settings` and
    `ports` are by face name.
    """
    clock = clock or WallClock()
    async with AsyncExitStack() as stack:
        running = []
        for face in faces:
            world = World(Center(spec, start), clock)
            chosen, port = (settings or {}).get(face.name, {}), (ports or {}).get(face.name, 0)
            running.append(await stack.enter_async_context(serve(face, world, port=port, settings=chosen)))
        yield running
