"""`ccstats adapters`: which vendors can be read, and what each can say."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click
from rich.table import Table
from rich.text import Text

from ccstats.adapter import Ability, Support
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

GIVEN = frozenset({Support.FULL, Support.DERIVED, Support.ON_REQUEST})


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
        (plugin, *_judged(plugin, owners), plugin.name in faces) for owners in installed().values() for plugin in owners
    ]
    if as_json:
        for plugin, abilities, wrong, face in rows:
            row = {"name": plugin.name, "distribution": plugin.owner, "version": plugin.version}
            row["state"] = f"unusable: {wrong}" if wrong else ", ".join(abilities)
            click.echo(json.dumps(row | {"simulator": face, "abilities": abilities}))
        return
    grid = Table("adapter", "distribution", "version", "metrics by kind", "simulator", header_style="bold")
    for plugin, abilities, wrong, face in rows:
        said = ", ".join(f"{kind} {counts['given']} of {counts['all']}" for kind, counts in abilities.items())
        cells = (plugin.name, plugin.owner, plugin.version, f"unusable: {wrong}" if wrong else said)
        grid.add_row(*(Text(cell) for cell in (*cells, "yes" if face else "no")))
    stdout().print(grid)


def _judged(plugin: Plugin, owners: tuple[Plugin, ...]) -> tuple[dict[str, dict[str, int]], str]:
    """How many of its metrics an adapter gives, by kind, or what is wrong with it: a broken one is listed, too."""
    if len(owners) > 1:
        return {}, f"provided by {' and '.join(owner.owner for owner in owners)}"
    try:
        abilities = load_adapter(plugin.name).abilities
    except ConfigError as error:
        return {}, error.message
    return {kind.value: _counted(table) for kind, table in abilities.items()}, ""


def _counted(table: Mapping[str, Ability]) -> dict[str, int]:
    given = sum(ability.support in GIVEN for ability in table.values())
    return {"given": given, "all": len(table)}


def _matrix(name: str, kind: Kind) -> None:
    grid = Table("metric", "support", "origin", "absent means", "note", header_style="bold")
    grid.title = f"{name}: {kind.value}"
    for metric, ability in load_adapter(name).abilities[kind].items():
        absent = "" if ability.support is Support.UNSUPPORTED else ability.absence.value
        cells = (metric, WORDS[ability.support], ability.origin, absent, ability.note)
        grid.add_row(*(Text(cell) for cell in cells))
    stdout().print(grid)
