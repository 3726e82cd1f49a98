"""`ccstats watch`: everything that is configured, live."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.live import Live

from ccstats.cli.board import SORTS, Trends, board
from ccstats.cli.exits import Exit
from ccstats.cli.marks import MARKS, remarks_on, written
from ccstats.cli.options import config_option, load, source_option, target_options, wanted
from ccstats.cli.signals import told
from ccstats.config import Config
from ccstats.model import GapReason, Group, Snapshot
from ccstats.monitor import Monitor, few_full_collections
from ccstats.poller import Only

EVERY = 0.5
"""Seconds between two pictures, however often numbers change."""

Again = Callable[[], Config]
"""Reads the configuration once more."""


@click.command()
@config_option
@source_option
@target_options
@click.option("--sort", type=click.Choice(list(SORTS)), default="waiting", show_default=True, help="Order of the rows.")
def watch(path: str, sources: tuple[str, ...], kinds: tuple[str, ...], globs: tuple[str, ...], sort: str) -> int:
    """Poll everything and show it live until ctrl-c; where stdout is no terminal, one line per change.

    SIGHUP reads FILE again: what did not change is polled on. SIGTERM and ctrl-c wait a moment for what is under way;
    a second one ends at once.
    """
    config, only = load(path, sources), wanted(kinds, globs)
    console = Console(highlight=False)

    def again() -> Config:
        return load(path, sources)

    with suppress(KeyboardInterrupt), few_full_collections():
        if console.is_terminal:
            asyncio.run(show(config, only, sort, console, again))
        else:
            asyncio.run(_until_told(config, only, _lines, again))
    return Exit.OK


async def show(config: Config, only: Only | None, sort: str, console: Console, again: Again | None = None) -> None:
    """The live view, until told to end; `again` gives the configuration to follow after a SIGHUP."""

    async def live(monitor: Monitor) -> None:
        trends = Trends.new()
        with Live(console=console, auto_refresh=False, screen=True) as view:
            while True:
                now = datetime.now(UTC)
                snapshots = sorted(monitor.latest().values(), key=SORTS[sort])  # type: ignore[arg-type]  # comparable
                for snapshot in snapshots:
                    trends.add(snapshot, now)
                size = {"width": console.width, "height": console.height}
                groups = list(monitor.groups().values())
                view.update(board(snapshots, monitor.stats(), trends, now=now, groups=groups, **size), refresh=True)
                await asyncio.sleep(EVERY)

    def leave_screen() -> None:
        console.set_alt_screen(False)
        console.show_cursor()

    await _until_told(config, only, live, again, leave_screen)


async def _until_told(
    config: Config,
    only: Only | None,
    view: Callable[[Monitor], Awaitable[None]],
    again: Again | None = None,
    last_words: Callable[[], None] = lambda: None,
) -> None:
    """Poll and show until a signal; then let what is under way end, and leave."""
    monitor = Monitor(config, only=only)

    async def reload() -> None:
        if again is not None:
            await monitor.reload(again())

    async with told(reload if again is not None else None, last_words) as ended, monitor:
        tasks = [asyncio.ensure_future(view(monitor)), asyncio.create_task(ended.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _ended(tasks)
        await monitor.drain()


async def _ended(tasks: Sequence[asyncio.Future[Any]]) -> None:
    """Cancel what still runs; what failed is raised."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


async def _lines(monitor: Monitor) -> None:
    async with monitor.subscribe() as changes:
        async for snapshot in changes:
            click.echo(_line(snapshot))
            for group in monitor.groups().values():
                if snapshot.target.key in group.members:
                    click.echo(_line(group))


def _line(one: Snapshot | Group) -> str:
    """One line: a value, or the mark of the gap in its place."""
    now = one.realtime
    if isinstance(one, Group):
        what = f"group:{one.name} ({one.coverage.read} of {one.coverage.targets})"
    else:
        what = f"{one.target.key} {one.target.name or ''}"
    if now is None:
        return f"{what}: nothing read yet"
    at = f"{now.observed_at:%H:%M:%S}" if now.observed_at is not None else "--:--:--"
    numbers = (
        ("waiting", "waiting", now.waiting),
        ("longest", "longest_wait", now.longest_wait),
        ("available", "agents.available", now.agents.available),
        ("busy", "agents.busy", now.agents.busy),
    )
    shown = " ".join(f"{name}={_cell(one, f'realtime.{path}', value)}" for name, path, value in numbers)
    return f"{at} {what} {now.status.value} {shown}"


def _cell(one: Snapshot | Group, path: str, value: object) -> str:
    if value is not None:
        return written(value) + (remarks_on(one, path) if isinstance(one, Group) else "")
    gap = one.gap(path)
    return MARKS[gap.reason] if gap is not None else MARKS[GapReason.UNKNOWN]
