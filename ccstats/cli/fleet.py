"""`ccstats fleet`: who polls what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from ccstats.cli.exits import Exit
from ccstats.cli.marks import plain
from ccstats.cli.meeting import met_at, redis_option
from ccstats.cli.options import json_option, optional_config_option
from ccstats.cli.output import print_lines, stdout
from ccstats.config import Config, Redis, load_reader_config
from ccstats.coordination import connect
from ccstats.errors import CoordinatorError
from ccstats.fleet.overview import Overview, SourceView, overview
from ccstats.monitor import SourceState

WITHIN = 3.0
"""Seconds that somebody waits who looks."""
STYLES = {SourceState.OK: "green", SourceState.STARTING: "yellow"}


@click.command()
@optional_config_option
@redis_option
@json_option
def fleet(path: str | None, url: str | None, as_json: bool) -> int:
    """Look once at what workers share through Redis: who polls which sources, how that goes, and who stands by.

    Sources of FILE that nobody polls are named. Asks no vendor, and writes nothing: the reader's Redis user will do.

    Exit codes: 0 every source is polled; 3 one is not; 4 Redis cannot be reached.
    """
    if path is None and url is None:
        raise click.UsageError("where do the workers meet? Give -c FILE, or --redis URL.")
    config = load_reader_config(path) if path is not None else Config()
    try:
        found = asyncio.run(_look(met_at(config, url), config.sources))
    except CoordinatorError as error:
        click.echo(f"failed: {error}", err=True)
        return Exit.NOTHING_READ
    if as_json:
        print_lines(json.dumps(line, ensure_ascii=False) for line in lines(found))
    else:
        _print(found)
    for one in found.sources:
        if not one.polled or (one.about is not None and one.about.stats.state not in STYLES):
            click.echo(f"failed: source {one.source}: {one.error}", err=True)
    if not found.sources:
        click.echo("failed: no worker has said anything in the shared table yet", err=True)
    return Exit.OK if found.all_polled else Exit.SOME_FAILED


async def _look(redis: Redis, expected: Collection[str]) -> Overview:
    coordinator = connect(redis)
    try:
        async with asyncio.timeout(WITHIN):
            told = await coordinator.sources()
            return overview(await coordinator.life(), told, expected)
    except TimeoutError:
        raise CoordinatorError(f"Redis does not answer within {WITHIN:.0f} s") from None
    finally:
        await coordinator.aclose()


def lines(found: Overview) -> Iterator[dict[str, Any]]:
    """The JSON lines: one of the whole, one of each source. Times are seconds."""
    life = found.life
    whole = {"at": _date(life.at), "epoch": life.epoch, "epoch_age": life.age, "workers": dict(found.workers)}
    yield {"type": "fleet", "v": 1, **whole}
    for one in found.sources:
        yield {"type": "fleet_source", "v": 1, **_fields(one)}


def _fields(one: SourceView) -> dict[str, Any]:
    said = one.about
    return {
        "source": one.source,
        "polled": one.polled,
        "worker": said and said.worker,
        "shard": said and said.shard,
        "ready": said and said.ready,
        "state": said and said.stats.state.value,
        "targets": said and said.stats.targets,
        "budget": said and said.stats.budget,
        "said_ago": one.said_ago,
        "error": one.error,
    }


def _print(found: Overview) -> None:
    life, out = found.life, stdout()
    began = f"the table began {life.age:.0f} s ago" if life.age is not None else "there is no table yet"
    out.print(Text(f"{_date(life.at)} by the server's clock; {began}", style="bold"))
    grid = Table("worker", "shard", "source", "targets", "ready", "said", "budget left", "state", header_style="bold")
    for one in sorted(found.sources, key=lambda one: (_worker(one), one.about.shard if one.about else "", one.source)):
        grid.add_row(*_cells(one))
    if found.sources:
        out.print(grid)
    for name, polls in found.workers.items():
        if not polls:
            out.print(Text(f"{plain(name)} stands by: it polls nothing"))


def _worker(one: SourceView) -> str:
    return one.about.worker if one.about is not None and one.polled else ""


def _cells(one: SourceView) -> list[Text]:
    said = one.about
    if said is None:
        return [Text(cell) for cell in ("nobody", "-", plain(one.source), "-", "-", "-", "-")] + [_state(one)]
    cells = (
        plain(said.worker) if one.polled else f"nobody (was {plain(said.worker)})",
        said.shard or "-",
        plain(one.source),
        str(said.stats.targets),
        "yes" if said.ready else "no",
        f"{one.said_ago:.1f} s ago",
        f"{said.stats.budget:.0%}",
    )
    return [*map(Text, cells), _state(one)]


def _state(one: SourceView) -> Text:
    if not one.polled or one.about is None:
        return Text("not polled", style="red")
    state = one.about.stats.state
    return Text(state.value, style=STYLES.get(state, "red"))


def _date(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
