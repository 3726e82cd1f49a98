"""`ccstats serve`: everything that is configured, over HTTP."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import click

from ccstats.cli.exits import Exit
from ccstats.cli.meeting import attach_option, meets, redis_option
from ccstats.cli.options import optional_config_option, source_option, target_options, wanted
from ccstats.cli.signals import told
from ccstats.cli.views import Showing, showing
from ccstats.config import Serve, validate
from ccstats.monitor import few_full_collections
from ccstats.serve import check, serving


@click.command()
@optional_config_option
@redis_option
@attach_option
@source_option
@target_options
@click.option("--listen", metavar="HOST:PORT", help="Instead of serve.listen (default: 127.0.0.1:8500).")
@click.option("--history", metavar="FILE", help="Keep readings in this SQLite file (or serve.history).")
@click.option("--insecure", is_flag=True, help="Let everybody who reaches this machine read, without a token.")
def serve(
    path: str | None,
    url: str | None,
    attached: bool,
    sources: tuple[str, ...],
    kinds: tuple[str, ...],
    globs: tuple[str, ...],
    listen: str | None,
    history: str | None,
    insecure: bool,
) -> int:
    """Serve everything, polled here: a wallboard at /, an API below /api/v1, its description at /openapi.json.

    With --redis or --attach, nothing is polled: what is served is what workers share. [serve] comes from
    FILE; [board] and [groups] do where FILE has them, and else from the workers; the sources in FILE are not used.

    Addresses of other machines need serve.token in FILE, or --insecure. SIGHUP reads FILE again, but for where it
    listens. SIGTERM and ctrl-c wait a moment for what is under way; a second one ends at once.
    """
    config, shown = showing(path, url, sources, wanted(kinds, globs), attached=meets(path, attached=attached))
    settings = overridden(config.serve, listen=listen, history=history)
    check(settings, insecure=insecure)

    async def serving_it() -> None:
        await serve_until_told(shown(), settings, insecure=insecure)

    with suppress(KeyboardInterrupt), few_full_collections():
        asyncio.run(serving_it())
    return Exit.OK


def overridden(serve: Serve, **given: Any) -> Serve:
    """What the configuration says about serving, with what the command line says in its place."""
    said = {name: value for name, value in given.items() if value is not None}
    return validate(Serve, {**dict(serve), **said}, key="serve") if said else serve


async def serve_until_told(shown: Showing, settings: Serve, *, insecure: bool = False) -> None:
    """Serve until a signal; then let what is under way end, and leave."""
    async with (
        told(shown.reload) as ended,
        shown.running(),
        serving(shown.view, settings, insecure=insecure) as url,
    ):
        click.echo(f"serving at {url}", err=True)
        await ended.wait()
