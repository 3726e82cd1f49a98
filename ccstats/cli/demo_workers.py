"""`ccstats demo --workers N`: several workers and three readers around one simulated center, each a process."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ccstats.cli.exits import Exit, judged
from ccstats.cli.output import print_result, stdout
from ccstats.cli.signals import told
from ccstats.cli.staging import toml
from ccstats.cli.troupe import own_redis, troupe
from ccstats.cli.views import Showing, shared
from ccstats.cli.watch import Look, lines, live, show_until
from ccstats.config import Config, Redis, Secret
from ccstats.errors import ConfigError
from ccstats.model import Result, SourceReport, SourceStatus
from ccstats.monitor import SourceState, SourceStats
from ccstats.monitor.view import View
from ccstats.simulator.server import Running

NOTES = 6
"""Lines of what the processes say that are shown below the table."""
STARTING = 60.0
"""Seconds until everything was read once, on a slow machine."""


@dataclass(frozen=True, slots=True)
class Together:
    """How many workers, where they meet (a Redis of our own where None), and what is shown here: `live`, `lines`,
    `once` or `json`.
    """

    workers: int
    url: str | None
    listen: str
    shown: str


async def work_together(running: Sequence[Running], settings: Mapping[str, Any], how: Together, title: str) -> int:
    """Start everything, show what a reader sees, and end everything."""
    notes: deque[str] = deque(maxlen=NOTES)

    def tell(text: str) -> None:
        notes.append(text)
        if how.shown != "live":
            click.echo(text, err=True)

    # What was started outlives nobody: also where a second signal ends this process at once.
    at_once = ExitStack()
    async with told(last_words=at_once.close) as ended, AsyncExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix="ccstats-demo-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(temporary))
        at_once.callback(temporary.cleanup)
        where = how.url if how.url is not None else await stack.enter_async_context(own_redis(folder, at_once))
        path = _file(folder, running, settings, where)
        players = await stack.enter_async_context(troupe(tell, at_once))
        for number in range(1, how.workers + 1):
            name = f"worker-{number}"
            await players.start(name, "-v", "work", "-c", str(path), "--name", name)
        await players.start("wallboard", "serve", "-c", str(path), "--attach", "--listen", how.listen)
        changes = folder / "changes.log"
        await players.start("changes", "watch", "-c", str(path), "--attach", stdout=changes)
        tell(f"a line for every change: {changes}")
        tell("kill -9 a worker: another one takes over within three seconds, and the readers go on")
        reading = shared(Redis(url=Secret(where)), Config())
        if how.shown in ("once", "json"):
            return await _printed(ended, reading, as_json=how.shown == "json", title=title)
        look: Look = lines
        if how.shown == "live":
            look, leave_screen = stack.enter_context(live("name", stdout(), notes))
            at_once.callback(leave_screen)
        await show_until(ended, reading, look)
    return Exit.OK


async def _printed(ended: asyncio.Event, reading: Showing, *, as_json: bool, title: str) -> int:
    """What a reader sees once everything was read."""
    found: list[Result] = []

    async def read(view: View) -> None:
        if not await view.wait_until_ready(STARTING):
            raise ConfigError(f"nothing complete within {STARTING:g} s; stderr says what the workers said")
        found.append(
            Result(
                snapshots=tuple(view.latest().values()),
                groups=tuple(view.groups().values()),
                sources=tuple(map(_report, view.stats().sources)),
            )
        )

    await show_until(ended, reading, read)
    if not found:
        return Exit.INTERRUPTED
    print_result(found[0], as_json=as_json, title=title)
    return judged(found[0])


def _report(stats: SourceStats) -> SourceReport:
    status = SourceStatus.OK if stats.state is SourceState.OK else SourceStatus.PARTIAL
    return SourceReport(
        source=stats.source, vendor=stats.vendor, status=status, targets=stats.targets, requests=stats.requests
    )


def _file(folder: Path, running: Sequence[Running], settings: Mapping[str, Any], url: str) -> Path:
    """The configuration of all of them; the folder is this user's alone."""
    tables = {**{name: settings[name] for name in ("poll", "board")}, "redis": {"url": url}}
    tables |= {f"groups.{json.dumps(name)}": group for name, group in settings["groups"].items()}
    text = "".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items()) + "\n"
        for name, table in tables.items()
    )
    path = folder / "ccstats.toml"
    path.write_text(text + toml({one.face.name: {**one.source(), "select.kinds": ["queue"]} for one in running}))
    return path
