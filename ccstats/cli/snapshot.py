"""`ccstats snapshot`: everything that is configured, read once."""

from __future__ import annotations

import asyncio

import click

from ccstats.cli.exits import judged
from ccstats.cli.options import config_option, json_option, load, source_option, target_options, wanted
from ccstats.cli.output import print_result
from ccstats.cli.progress import progress_on_stderr
from ccstats.errors import ConfigError
from ccstats.model import Family, ServiceLevelRule
from ccstats.poller import ALL_FAMILIES, fetch

RULES = {rule.value: rule for rule in ServiceLevelRule}
FAMILIES = {family.value: frozenset({family}) for family in Family}


@click.command()
@config_option
@json_option
@source_option
@target_options
@click.option("--family", type=click.Choice(list(FAMILIES)), help="Only what is true now, or only the windows.")
@click.option("--window", metavar="NAME", help="The window that the table shows (default: the first).")
@click.option("--rule", type=click.Choice(list(RULES)), help="The service level that the table shows.")
@click.option("--raw", is_flag=True, help="With --json: the vendors' own answers, too. They may hold personal data.")
def snapshot(
    path: str,
    as_json: bool,
    sources: tuple[str, ...],
    kinds: tuple[str, ...],
    globs: tuple[str, ...],
    family: str | None,
    window: str | None,
    rule: str | None,
    raw: bool,
) -> int:
    """Read everything once and print it: one row per queue, or JSON lines."""
    if raw and not as_json:
        raise ConfigError("raw answers are printed with --json only", key="--raw")
    config = load(path, sources)
    families = FAMILIES[family] if family else ALL_FAMILIES
    with progress_on_stderr() as progress:
        only = wanted(kinds, globs)
        result = asyncio.run(fetch(config, families=families, only=only, raw=raw, progress=progress))
    print_result(result, as_json=as_json, window=window, rule=RULES[rule] if rule else None)
    return judged(result)
