"""Reading a whole configuration: once, or again and again over the same connections."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from os import PathLike

import anyio

from ccstats.adapter import Source, Toolbox
from ccstats.clock import wall_clock
from ccstats.config import Config, load_config
from ccstats.coordination import Coordinator
from ccstats.errors import ConfigError
from ccstats.model import ErrorInfo, Family, Result, SourceReport, SourceStatus
from ccstats.poller.reader import Job, Only, Progress, Reader
from ccstats.registry import Configured, resolve
from ccstats.rollup import groups

logger = logging.getLogger(__name__)

ALL_FAMILIES = frozenset(Family)


class Readers:
    """Every source of a configuration, open; one that could not be opened is a report that says so."""

    def __init__(
        self,
        readers: Sequence[Reader | SourceReport],
        config: Config | None = None,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._readers = readers
        self._config = config or Config()
        self._clock = clock

    async def read(self, families: frozenset[Family] = ALL_FAMILIES, progress: Progress | None = None) -> Result:
        """Read every source once, all of them concurrently, and return the latest of everything."""
        opened = [one for one in self._readers if isinstance(one, Reader)]
        try:
            async with anyio.create_task_group() as group:
                for reader in opened:
                    group.start_soon(reader.read, families, progress)
        except BaseExceptionGroup as group_error:
            mistake = _first(group_error, ConfigError)
            if mistake is None:
                raise
            raise mistake from None  # bare: callers know nothing of task groups
        snapshots = tuple(snapshot for reader in opened for snapshot in reader.snapshots())
        return Result(
            snapshots=snapshots,
            groups=groups(self._config, snapshots, self._clock()),
            sources=tuple(one.report() if isinstance(one, Reader) else one for one in self._readers),
        )


def _first(group: BaseExceptionGroup[BaseException], kind: type[ConfigError]) -> ConfigError | None:
    for error in group.exceptions:
        if isinstance(error, kind):
            return error
        found = _first(error, kind) if isinstance(error, BaseExceptionGroup) else None
        if found is not None:
            return found
    return None


@asynccontextmanager
async def open_readers(
    config: Config,
    *,
    only: Only | None = None,
    raw: bool = False,
    clock: Callable[[], datetime] = wall_clock,
    coordinator: Coordinator | None = None,
) -> AsyncGenerator[Readers]:
    """Open every source of `config`; nothing is sent before the first `read`."""
    toolbox = Toolbox(config.http, clock=clock, keep_raw=raw, coordinator=coordinator)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(toolbox.close)
        readers: list[Reader | SourceReport] = []
        resolved = resolve(config, met=toolbox.met)
        toolbox.meet(config.redis, [found.options for found in resolved])
        for found in resolved:
            job = Job(found.name, found.adapter, found.options, config.poll, only)
            opened = await stack.enter_async_context(open_source(found, toolbox))
            readers.append(opened if isinstance(opened, SourceReport) else Reader(job, opened))
        yield Readers(readers, config, clock)


@asynccontextmanager
async def open_source(found: Configured, toolbox: Toolbox) -> AsyncGenerator[Source | SourceReport]:
    """One source; where its adapter cannot open it, the report of that. An adapter that fails to close is logged."""
    async with AsyncExitStack() as stack:
        opened: Source | SourceReport
        try:
            opened = await stack.enter_async_context(found.adapter.open(found.name, found.options, toolbox))
        except ConfigError:
            raise
        except Exception as error:
            logger.error("source %s cannot be opened", found.name, exc_info=error)  # noqa: TRY400 - not in flight
            info = ErrorInfo(type=type(error).__name__, message="the adapter cannot open the source")
            opened = SourceReport(source=found.name, vendor=found.adapter.name, status=SourceStatus.FAILED, error=info)
        ending = stack.pop_all()
    try:
        yield opened
    finally:
        try:
            await ending.aclose()
        except Exception as error:
            logger.error("source %s did not close", found.name, exc_info=error)  # noqa: TRY400 - not in flight


async def fetch(
    config: Config | str | PathLike[str],
    *,
    families: frozenset[Family] = ALL_FAMILIES,
    only: Only | None = None,
    raw: bool = False,
    clock: Callable[[], datetime] = wall_clock,
    progress: Progress | None = None,
    coordinator: Coordinator | None = None,
) -> Result:
    """Read every source of `config` (an object or a TOML file) once, all of them concurrently.

    A vendor that fails costs only its own targets: failures are in the result (`sources[...].error`, and `status`
    and `error` of each family), and only a `ConfigError` is raised. With `raw`, snapshots carry the vendors' own
    answers; `only` restricts the targets that the configuration selects. Sources whose limits are shared ask at
    `coordinator`, where one is given, and else at `config.redis`.
    """
    if not isinstance(config, Config):
        config = load_config(str(config))
    async with open_readers(config, only=only, raw=raw, clock=clock, coordinator=coordinator) as readers:
        return await readers.read(families, progress)
