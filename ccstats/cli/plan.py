"""`ccstats plan`: what polling would cost, and how fresh the numbers would be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click
from rich.console import Group
from rich.table import Table
from rich.text import Text

from ccstats.adapter import Want
from ccstats.cli.exits import Exit, judged
from ccstats.cli.options import json_option, load, source_option
from ccstats.cli.output import name_failures, stdout
from ccstats.config import Config, parse_config
from ccstats.errors import ConfigError
from ccstats.model import Family, Kind, Target
from ccstats.monitor.forecast import Planned, SourceForecast, forecast
from ccstats.poller import fetch
from ccstats.registry import Configured, load_adapter, resolve

BOTH = frozenset(Family)


@click.command()
@click.option("-c", "--config", "path", envvar="CCSTATS_CONFIG", metavar="FILE", help="The configuration, a TOML file.")
@click.option("--adapter", metavar="NAME", help="Without any account: this vendor with its defaults.")
@click.option("--queues", type=click.IntRange(1, 1_000_000), help="So many queues, instead of asking the account.")
@click.option("--workspaces", default=1, show_default=True, type=click.IntRange(1, 10_000))
@source_option
@json_option
def plan(
    path: str | None, adapter: str | None, queues: int | None, workspaces: int, sources: tuple[str, ...], as_json: bool
) -> int:
    """Forecast the requests, the budget and the freshness of polling, and what to change for more.

    With -c FILE, the accounts are asked which queues there are (discovery only). With --queues, nothing is sent.
    """
    if (path is None) == (adapter is None):
        raise ConfigError("give -c FILE, or --adapter NAME with --queues", key="plan")
    if adapter is not None and queues is None:
        raise ConfigError("say how many queues", key="--queues")
    config = load(path, sources) if path else parse_config({"sources": {adapter: load_adapter(str(adapter)).example}})
    found = resolve(config)
    code = Exit.OK
    if queues is not None:
        targets = {one.name: list(made_up(one, queues, workspaces)) for one in found}
    else:
        result = asyncio.run(fetch(config, families=frozenset()))
        name_failures(result)
        code = judged(result)
        targets = {one.name: [s.target for s in result.snapshots if s.target.source == one.name] for one in found}
    for one in found:
        _print(one, config, targets, found, as_json=as_json)
    return code


def made_up(one: Configured, queues: int, workspaces: int) -> Iterator[Target]:
    """Targets of an account that does not exist: queues spread over workspaces, one workflow each."""

    def target(kind: Kind, number: int, scope: int) -> Target:
        ident = f"{kind.value}{number}"
        return Target(source=one.name, vendor=one.adapter.name, kind=kind, scope=f"scope{scope}", id=ident)

    kinds = [kind for kind in one.options.select.kinds if kind in one.adapter.abilities]
    for kind in (Kind.WORKSPACE, Kind.WORKFLOW):
        if kind in kinds:
            yield from (target(kind, number, number) for number in range(workspaces))
    if Kind.QUEUE in kinds:
        yield from (target(Kind.QUEUE, number, number % workspaces) for number in range(queues))


def _planned(one: Configured, config: Config, targets: list[Target]) -> list[Planned]:
    groups: dict[tuple[float, float], list[Target]] = {}
    for target in targets:
        cadence = one.options.poll.cadence(config.poll, target.name, target.id)
        groups.setdefault(cadence, []).append(target)
    planned = []
    for (realtime, window), members in groups.items():
        want = Want(targets=tuple(members), families=BOTH, windows=config.poll.windows)
        for batch in one.adapter.plan(one.options, want, None):
            period = realtime if batch.family is Family.REALTIME else window
            planned.append(Planned(one.name, batch, period, one.options.limits))
    return planned


def _forecast_of(
    name: str, config: Config, targets: dict[str, list[Target]], found: list[Configured], **changed: object
) -> SourceForecast | None:
    planned = []
    for one in found:
        options = one.options.model_copy(update=changed) if one.name == name else one.options
        planned += _planned(Configured(one.name, one.adapter, options), config, targets[one.name])
    return next((source for source in forecast(planned) if source.source == name), None)


def _print(
    one: Configured, config: Config, targets: dict[str, list[Target]], found: list[Configured], *, as_json: bool
) -> None:
    expected = _forecast_of(one.name, config, targets, found)
    variants: dict[str, Any] = {}
    for option, values in type(one.options).variants.items():
        for value in values:
            other = _forecast_of(one.name, config, targets, found, **{option: value})
            if other is not None:
                variants[f"{option} = {value}"] = other
    if expected is None:
        click.echo(f"{one.name}: nothing to read", err=True)
    elif as_json:
        others = {label: asdict(other) for label, other in variants.items()}
        line = {"type": "plan", "v": 1, **asdict(expected), "advice": advice(expected), "variants": others}
        click.echo(json.dumps(line))
    else:
        stdout().print(_table(one, expected))
        for label, other in variants.items():
            ages = ", ".join(f"{family.family.value} {family.p95_age:.0f} s" for family in other.families)
            stdout().print(Text(f"  {label}: {other.wanted_per_minute:.0f} requests a minute, p95 age {ages}"))
        stdout().print(*(Text(f"  {line}") for line in advice(expected)), sep="\n")


def _table(one: Configured, expected: SourceForecast) -> Group:
    title = Text(
        f"{one.name} ({one.adapter.name}): {expected.wanted_per_minute:.0f} requests a minute wanted, "
        f"{expected.budget_per_minute:.0f} in the budget{', shared with other programs' if expected.shared else ''}",
        style="bold",
    )
    grid = Table("family", "targets", "every", "requests a minute", "p95 age")
    for family in expected.families:
        cells = (family.family.value, str(family.targets), f"{family.period:g} s")
        grid.add_row(*cells, f"{family.requests_per_minute:.1f}", f"{family.p95_age:.1f} s")
    return Group(title, grid)


def advice(expected: SourceForecast) -> list[str]:
    """What to change for the wanted freshness, where the budget does not carry it."""
    if expected.stretch <= 1.0:
        return ["the budget carries what is wanted"]
    slow = [
        f"{one.family.value} every {one.period * one.stretch:.0f} s instead of {one.period:g} s"
        for one in expected.families
        if one.stretch > 1
    ]
    factor = expected.wanted_per_minute / expected.budget_per_minute
    return [
        f"the budget is short: {', '.join(slow)}",
        f"for the wanted freshness: {factor:.1f} times the budget (limits.share, more credentials, the vendor's "
        "support), fewer targets (select.match), or longer periods ([poll])",
    ]
