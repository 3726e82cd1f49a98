"""Reading a whole configuration once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from os import PathLike

import anyio

from ccstats.adapter import Toolbox
from ccstats.clock import wall_clock
from ccstats.config import Config, load_config
from ccstats.errors import ConfigError
from ccstats.model import Family, Result
from ccstats.poller.reader import Job, Progress, SourceResult, read_source
from ccstats.registry import resolve

ALL_FAMILIES = frozenset(Family)


async def fetch(
    config: Config | str | PathLike[str],
    *,
    families: frozenset[Family] = ALL_FAMILIES,
    raw: bool = False,
    clock: Callable[[], datetime] = wall_clock,
    progress: Progress | None = None,
) -> Result:
    """Read every source of `config` (an object or a TOML file) once, all of them concurrently.

    A vendor that fails costs only its own targets: failures are in the result (`sources[...].error`, and `status` and
    `error` of each family), and only a `ConfigError` is raised. With `raw`, snapshots carry the vendors' own answers.
    """
    if not isinstance(config, Config):
        config = load_config(str(config))
    jobs = [Job(source.name, source.adapter, source.options, config.poll, families) for source in resolve(config)]
    results: dict[str, SourceResult] = {}
    toolbox = Toolbox(config.http, clock=clock, keep_raw=raw)

    mistakes: list[ConfigError] = []

    async def read(job: Job) -> None:
        try:
            results[job.name] = await read_source(job, toolbox, progress)
        except ConfigError as error:  # kept, so that a caller meets it bare and not in an exception group
            mistakes.append(error)

    try:
        async with anyio.create_task_group() as group:
            for job in jobs:
                group.start_soon(read, job)
    finally:
        await toolbox.close()
    if mistakes:
        raise mistakes[0]
    ordered = [results[job.name] for job in jobs]
    return Result(
        snapshots=tuple(snapshot for result in ordered for snapshot in result.snapshots),
        sources=tuple(result.report for result in ordered),
    )
