"""`ccstats targets`: what there is to be read."""

from __future__ import annotations

import asyncio
import json

import click
from rich.console import Group
from rich.table import Table
from rich.text import Text

from ccstats.cli.exits import judged
from ccstats.cli.marks import plain
from ccstats.cli.options import config_option, json_option, load, source_option, target_options, wanted
from ccstats.cli.output import name_failures, print_lines, stdout
from ccstats.cli.table import source_lines
from ccstats.model import Result
from ccstats.poller import fetch


@click.command()
@config_option
@json_option
@source_option
@target_options
def targets(path: str, as_json: bool, sources: tuple[str, ...], kinds: tuple[str, ...], globs: tuple[str, ...]) -> int:
    """List the queues, workflows and workspaces that the configuration selects. Reads no statistics."""
    result = asyncio.run(fetch(load(path, sources), families=frozenset(), only=wanted(kinds, globs)))
    if as_json:
        found = [{"type": "target", "v": 1, **one.target.model_dump(mode="json")} for one in result.snapshots]
        print_lines(json.dumps(one, ensure_ascii=False) for one in found)
        print_lines(report.model_dump_json() for report in result.sources)
    else:
        stdout().print(Group(_table(result), *source_lines(result)))
    name_failures(result)
    return judged(result)


def _table(result: Result) -> Table:
    grid = Table("key", "kind", "name", "scope", header_style="bold")
    for snapshot in result.snapshots:
        target = snapshot.target
        cells = (target.key, target.kind.value, plain(target.name or ""), target.scope or "")
        grid.add_row(*(Text(cell, overflow="fold") for cell in cells))
    return grid
