"""`ccstats work`: one of several workers that share what is configured."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import click

from ccstats.cli.exits import Exit
from ccstats.cli.meeting import met_at, redis_option
from ccstats.cli.options import config_option, load, source_option, target_options, wanted
from ccstats.cli.signals import told
from ccstats.config import Config
from ccstats.fleet import Worker
from ccstats.monitor import few_full_collections
from ccstats.poller import Only


@click.command()
@config_option
@redis_option
@source_option
@target_options
@click.option("--name", metavar="NAME", help="What this worker is called (default: host, process and a random end).")
def work(
    path: str,
    url: str | None,
    sources: tuple[str, ...],
    kinds: tuple[str, ...],
    globs: tuple[str, ...],
    name: str | None,
) -> int:
    """Poll a share of what is configured, beside any number of other workers, and write it into Redis.

    Start it on several machines with the same FILE: each polls a part, and takes over what another one leaves. Whoever
    wants the numbers reads them with `watch --redis`, `serve --redis` or `ccstats.attach` in Python. SIGHUP reads FILE
    again. SIGTERM and ctrl-c hand everything over first; a second one ends at once.
    """
    config, only = load(path, sources), wanted(kinds, globs)
    met_at(config, url)  # before anything starts

    def again() -> Config:
        return load(path, sources)

    with suppress(KeyboardInterrupt), few_full_collections():
        asyncio.run(work_until_told(config, url, only, name, again))
    return Exit.OK


async def work_until_told(
    config: Config, url: str | None, only: Only | None, name: str | None, again: Callable[[], Config]
) -> None:
    """Work until a signal; then hand over, and leave."""
    config = config.model_copy(update={"redis": met_at(config, url)}).read_from(config.file)
    worker = Worker(config, name=name, only=only)

    async def reload() -> None:
        await worker.reload(again())

    async with told(reload) as ended:
        click.echo(f"{worker.name} works", err=True)
        await worker.run(ended)
