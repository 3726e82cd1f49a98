"""Reading a whole configuration: once, or again and again over the same connections."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from os import PathLike

import anyio

from ccstats.adapter import Toolbox
from ccstats.clock import wall_clock
from ccstats.config import Config, load_config
from ccstats.model import Family, Result
from ccstats.poller.reader import Job, Only, Progress, Reader
from ccstats.registry import resolve

ALL_FAMILIES = frozenset(Family)


class Readers:
    """Every source of a configuration, open."""

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._readers = readers

    async def read(self, families: frozenset[Family] = ALL_FAMILIES, progress: Progress | None = None) -> Result:
        """Read every source once, all of them concurrently, and return the latest of everything."""
        async with anyio.create_task_group() as group:
            for reader in self._readers:
                group.start_soon(reader.read, families, progress)
        return Result(
            snapshots=tuple(snapshot for reader in self._readers for snapshot in reader.snapshots()),
            sources=tuple(reader.report() for reader in self._readers),
        )


@asynccontextmanager
async def open_readers(
    config: Config,
    *,
    only: Only | None = None,
    raw: bool = False,
    clock: Callable[[], datetime] = wall_clock,
) -> AsyncGenerator[Readers]:
    """Open every source of `config`; nothing is sent before the first `read`."""
    toolbox = Toolbox(config.http, clock=clock, keep_raw=raw)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(toolbox.close)
        readers = []
        for found in resolve(config):
            job = Job(found.name, found.adapter, found.options, config.poll, only)
            source = await stack.enter_async_context(found.adapter.open(found.name, found.options, toolbox))
            readers.append(Reader(job, source))
        yield Readers(readers)


async def fetch(
    config: Config | str | PathLike[str],
    *,
    families: frozenset[Family] = ALL_FAMILIES,
    only: Only | None = None,
    raw: bool = False,
    clock: Callable[[], datetime] = wall_clock,
    progress: Progress | None = None,
) -> Result:
    """Read every source of `config` (an object or a TOML file) once, all of them concurrently.

    A vendor that fails costs only its own targets: failures are in the result (`sources[...].error`, and `status`
    and `error` of each family), and only a `ConfigError` is raised. With `raw`, snapshots carry the vendors' own
    answers; `only` restricts the targets that the configuration selects.
    """
    if not isinstance(config, Config):
        config = load_config(str(config))
    async with open_readers(config, only=only, raw=raw, clock=clock) as readers:
        return await readers.read(families, progress)
