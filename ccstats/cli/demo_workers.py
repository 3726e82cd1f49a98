"""`ccstats demo --workers N`: several workers and three readers around one simulated center, each a process."""

from __future__ import annotations

import json
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ccstats.cli.exits import Exit, judged
from ccstats.cli.output import print_result, stdout
from ccstats.cli.staging import toml
from ccstats.cli.troupe import own_redis, troupe
from ccstats.cli.views import Showing, shared
from ccstats.cli.watch import lines, show, show_until_told
from ccstats.config import Config, Redis, Secret
from ccstats.errors import ConfigError
from ccstats.model import Result, SourceReport, SourceStatus
from ccstats.monitor import SourceState, SourceStats
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

    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ccstats-demo-")))
        where = how.url if how.url is not None else await stack.enter_async_context(own_redis(folder))
        path = _file(folder, running, settings, where)
        players = await stack.enter_async_context(troupe(tell))
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
            return await _printed(reading, as_json=how.shown == "json", title=title)
        await (show(reading, "name", stdout(), notes) if how.shown == "live" else show_until_told(reading, lines))
    return Exit.OK


async def _printed(reading: Showing, *, as_json: bool, title: str) -> int:
    """What a reader sees once everything was read."""
    async with reading.running():
        reader = reading.view
        if not await reader.wait_until_ready(STARTING):
            raise ConfigError(f"nothing complete within {STARTING:g} s; stderr says what the workers said")
        result = Result(
            snapshots=tuple(reader.latest().values()),
            groups=tuple(reader.groups().values()),
            sources=tuple(map(_report, reader.stats().sources)),
        )
    print_result(result, as_json=as_json, title=title)
    return judged(result)


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
