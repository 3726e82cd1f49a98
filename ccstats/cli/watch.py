"""`ccstats watch`: everything that is configured, live."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click
from rich.console import Console
from rich.console import Group as Stacked
from rich.live import Live
from rich.text import Text

from ccstats.cli.board import SORTS, Trends, board
from ccstats.cli.exits import Exit
from ccstats.cli.keys import Looking, typing
from ccstats.cli.marks import MARKS, remarks_on, written
from ccstats.cli.meeting import attach_option, meets, redis_option
from ccstats.cli.options import optional_config_option, source_option, target_options, wanted
from ccstats.cli.signals import told
from ccstats.cli.views import Showing, showing
from ccstats.model import GapReason, Group, Snapshot
from ccstats.monitor import few_full_collections
from ccstats.monitor.alarm import Alarm
from ccstats.monitor.view import View

Look = Callable[[View], Awaitable[None]]
"""What shows a view, for as long as it is let."""

EVERY = 0.5
"""Seconds between two pictures, however often numbers change."""


@click.command()
@optional_config_option
@redis_option
@attach_option
@source_option
@target_options
@click.option("--sort", type=click.Choice(list(SORTS)), default="waiting", show_default=True, help="Order of the rows.")
def watch(
    path: str | None,
    url: str | None,
    attached: bool,
    sources: tuple[str, ...],
    kinds: tuple[str, ...],
    globs: tuple[str, ...],
    sort: str,
) -> int:
    """Show everything live until ctrl-c, polled here; where stdout is no terminal, one line per change.

    With --redis or --attach, nothing is polled: what is shown is what workers share. Groups are those of
    FILE where it has any, and else those of the workers; the sources in FILE are not used.

    In a terminal, s changes the order, / filters by name (with * and ? a glob), esc shows all again, q ends.

    SIGHUP reads FILE again: what did not change is polled on. SIGTERM and ctrl-c wait a moment for what is under way;
    a second one ends at once.
    """
    _, shown = showing(path, url, sources, wanted(kinds, globs), attached=meets(path, attached=attached))
    console = Console(highlight=False)

    async def watching() -> None:
        if console.is_terminal:
            await show(shown(), sort, console)
        else:
            await show_until_told(shown(), lines)

    with suppress(KeyboardInterrupt), few_full_collections():
        asyncio.run(watching())
    return Exit.OK


async def show(shown: Showing, sort: str, console: Console) -> None:
    """The live view, until told to end."""
    with live(sort, console) as (look, leave_screen):
        await show_until_told(shown, look, leave_screen)


@contextmanager
def live(
    sort: str, console: Console, notes: Collection[str] = ()
) -> Generator[tuple[Look, Callable[[], None]], None, None]:
    """The live view, and what gives the terminal back at a sudden end; `notes`, which may change, stand below it."""
    looking, alarm, trends = Looking(sort), Alarm(), Trends.new()

    def typed(piece: str) -> None:
        looking.typed(piece)
        alarm.ring()

    def picture(view: View) -> Stacked:
        now, known = view.now(), list(view.latest().values())
        for snapshot in known:
            trends.add(snapshot, now)
        below = [Text(note, style="dim", no_wrap=True, overflow="ellipsis") for note in (looking.line(), *notes)]
        size = {"width": console.width, "height": console.height - len(below)}
        groups = list(view.groups().values())
        return Stacked(board(looking.rows(known), view.stats(), trends, now=now, groups=groups, **size), *below)

    async def look(view: View) -> None:
        with Live(console=console, auto_refresh=False, screen=True) as screen:
            while not looking.ended:
                screen.update(picture(view), refresh=True)
                await alarm.sleep(asyncio.get_running_loop().time() + EVERY)

    with typing(typed) as put_back:

        def leave_screen() -> None:
            console.set_alt_screen(False)
            console.show_cursor()
            put_back()

        yield look, leave_screen


async def show_until_told(shown: Showing, look: Look, last_words: Callable[[], None] = lambda: None) -> None:
    """Show until a signal; then let what is under way end, and leave."""
    async with told(shown.reload, last_words) as ended:
        await show_until(ended, shown, look)


async def show_until(ended: asyncio.Event, shown: Showing, look: Look) -> None:
    """Show until `ended` is set, or there is nothing more to show."""
    async with shown.running():
        tasks = [asyncio.ensure_future(look(shown.view)), asyncio.create_task(ended.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _ended(tasks)


async def _ended(tasks: Sequence[asyncio.Future[Any]]) -> None:
    """Cancel what still runs; what failed is raised."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


async def lines(view: View) -> None:
    """A line for every change, for as long as there are any."""
    async with view.subscribe() as changes:
        async for snapshot in changes:
            click.echo(_line(snapshot))
            for group in view.groups().values():
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
