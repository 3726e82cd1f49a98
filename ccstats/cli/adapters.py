"""`ccstats adapters`: which vendors can be read, and what each can say."""

from __future__ import annotations

import json

import click
from rich.table import Table
from rich.text import Text

from ccstats.adapter import Support
from ccstats.cli.options import json_option
from ccstats.cli.output import stdout
from ccstats.errors import ConfigError
from ccstats.model import Kind
from ccstats.registry import FACES, Plugin, installed, load_adapter

WORDS = {
    Support.FULL: "full",
    Support.DERIVED: "derived",
    Support.ON_REQUEST: "on request",
    Support.UNSUPPORTED: "-",
    Support.NOT_IMPLEMENTED: "not implemented",
}


@click.command()
@click.argument("name", required=False)
@json_option
def adapters(name: str | None, as_json: bool) -> int:
    """List the installed adapters; with NAME, what that one can say, metric by metric."""
    if name is None:
        _list(as_json)
        return 0
    abilities = load_adapter(name).abilities
    if as_json:
        for kind, table in abilities.items():
            for metric, ability in table.items():
                row = {"adapter": name, "kind": kind, "metric": metric, "support": ability.support}
                row |= {"origin": ability.origin, "absence": ability.absence, "note": ability.note}
                click.echo(json.dumps(row))
        return 0
    for kind in abilities:
        _matrix(name, kind)
    return 0


def _list(as_json: bool) -> None:
    faces = installed(FACES)
    rows = [
        (plugin, _state(plugin, owners), plugin.name in faces) for owners in installed().values() for plugin in owners
    ]
    if as_json:
        for plugin, state, face in rows:
            row = {"name": plugin.name, "distribution": plugin.owner, "version": plugin.version}
            click.echo(json.dumps(row | {"state": state, "simulator": face}))
        return
    grid = Table("adapter", "distribution", "version", "kinds", "simulator", header_style="bold")
    for plugin, state, face in rows:
        cells = (plugin.name, plugin.owner, plugin.version, state, "yes" if face else "no")
        grid.add_row(*(Text(cell) for cell in cells))
    stdout().print(grid)


def _state(plugin: Plugin, owners: tuple[Plugin, ...]) -> str:
    """The kinds of targets of an adapter, or what is wrong with it: a broken one is listed, too."""
    if len(owners) > 1:
        return f"unusable: provided by {' and '.join(owner.owner for owner in owners)}"
    try:
        return ", ".join(kind.value for kind in load_adapter(plugin.name).abilities)
    except ConfigError as error:
        return f"unusable: {error.message}"


def _matrix(name: str, kind: Kind) -> None:
    grid = Table("metric", "support", "origin", "absent means", "note", header_style="bold")
    grid.title = f"{name}: {kind.value}"
    for metric, ability in load_adapter(name).abilities[kind].items():
        absent = "" if ability.support is Support.UNSUPPORTED else ability.absence.value
        cells = (metric, WORDS[ability.support], ability.origin, absent, ability.note)
        grid.add_row(*(Text(cell) for cell in cells))
    stdout().print(grid)
