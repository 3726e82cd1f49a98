"""`ccstats serve`: everything that is configured, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import click

from ccstats.cli.exits import Exit
from ccstats.cli.options import config_option, load, source_option, target_options, wanted
from ccstats.cli.signals import told
from ccstats.config import Config, Serve, validate
from ccstats.monitor import Monitor, few_full_collections
from ccstats.poller import Only
from ccstats.serve import check, serving


@click.command()
@config_option
@source_option
@target_options
@click.option("--listen", metavar="HOST:PORT", help="Instead of serve.listen (default: 127.0.0.1:8500).")
@click.option("--history", metavar="FILE", help="Keep readings in this SQLite file (or serve.history).")
@click.option("--insecure", is_flag=True, help="Let everybody who reaches this machine read, without a token.")
def serve(
    path: str,
    sources: tuple[str, ...],
    kinds: tuple[str, ...],
    globs: tuple[str, ...],
    listen: str | None,
    history: str | None,
    insecure: bool,
) -> int:
    """Poll everything and serve it: a wallboard at /, an API below /api/v1, its description at /openapi.json.

    Addresses of other machines need serve.token in FILE, or --insecure. SIGHUP reads FILE again, but for where it
    listens. SIGTERM and ctrl-c wait a moment for what is under way; a second one ends at once.
    """
    config = load(path, sources)
    settings = overridden(config.serve, listen=listen, history=history)
    check(settings, insecure=insecure)

    async def reload(monitor: Monitor) -> None:
        await monitor.reload(load(path, sources))

    with suppress(KeyboardInterrupt), few_full_collections():
        asyncio.run(serve_until_told(config, settings, insecure=insecure, only=wanted(kinds, globs), reload=reload))
    return Exit.OK


def overridden(serve: Serve, **given: Any) -> Serve:
    """What the configuration says about serving, with what the command line says in its place."""
    said = {name: value for name, value in given.items() if value is not None}
    return validate(Serve, {**dict(serve), **said}, key="serve") if said else serve


async def serve_until_told(
    config: Config,
    settings: Serve,
    *,
    insecure: bool = False,
    only: Only | None = None,
    reload: Callable[[Monitor], Awaitable[None]] | None = None,
) -> None:
    """Poll and serve until a signal; then let what is under way end, and leave."""
    monitor = Monitor(config, only=only)

    async def again() -> None:
        if reload is not None:
            await reload(monitor)

    async with told(again if reload is not None else None) as ended, monitor:
        async with serving(monitor, settings, insecure=insecure) as url:
            click.echo(f"serving at {url}", err=True)
            await ended.wait()
        await monitor.drain()
