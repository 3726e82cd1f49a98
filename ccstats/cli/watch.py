"""`ccstats watch`: everything that is configured, live."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.live import Live

from ccstats.cli.board import SORTS, Trends, board
from ccstats.cli.exits import Exit
from ccstats.cli.marks import written
from ccstats.cli.options import config_option, load, source_option, target_options, wanted
from ccstats.config import Config
from ccstats.model import Snapshot
from ccstats.monitor import Monitor
from ccstats.poller import Only

EVERY = 0.5
"""Seconds between two pictures, however often numbers change."""


@click.command()
@config_option
@source_option
@target_options
@click.option("--sort", type=click.Choice(list(SORTS)), default="waiting", show_default=True, help="Order of the rows.")
def watch(path: str, sources: tuple[str, ...], kinds: tuple[str, ...], globs: tuple[str, ...], sort: str) -> int:
    """Poll everything and show it live until ctrl-c; where stdout is no terminal, one line per change."""
    config, only = load(path, sources), wanted(kinds, globs)
    console = Console(highlight=False)
    with suppress(KeyboardInterrupt):
        if console.is_terminal:
            asyncio.run(show(config, only, sort, console))
        else:
            asyncio.run(_lines(config, only))
    return Exit.OK


async def show(config: Config, only: Only | None, sort: str, console: Console) -> None:
    """The live view, until cancelled."""
    trends = Trends.new()
    async with Monitor(config, only=only) as monitor:
        with Live(console=console, auto_refresh=False, screen=True) as view:
            while True:
                now = datetime.now(UTC)
                snapshots = sorted(monitor.latest().values(), key=SORTS[sort])  # type: ignore[arg-type]  # comparable
                for snapshot in snapshots:
                    trends.add(snapshot, now)
                size = {"width": console.width, "height": console.height}
                view.update(board(snapshots, monitor.stats(), trends, now=now, **size), refresh=True)
                await asyncio.sleep(EVERY)


async def _lines(config: Config, only: Only | None) -> None:
    async with Monitor(config, only=only) as monitor, monitor.subscribe() as changes:
        async for snapshot in changes:
            click.echo(_line(snapshot))


def _line(snapshot: Snapshot) -> str:
    now = snapshot.realtime
    if now is None:
        return f"{snapshot.target.key} {snapshot.target.name or ''}: nothing read yet"
    at = f"{now.observed_at:%H:%M:%S}" if now.observed_at is not None else "--:--:--"
    numbers = (
        ("waiting", now.waiting),
        ("longest", now.longest_wait),
        ("available", now.agents.available),
        ("busy", now.agents.busy),
    )
    known = " ".join(f"{name}={written(value)}" for name, value in numbers if value is not None)
    return f"{at} {snapshot.target.key} {snapshot.target.name or ''} {now.status.value} {known}"
