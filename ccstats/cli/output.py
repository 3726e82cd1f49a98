"""Results to stdout, failures to stderr."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click
from rich.console import Console

from ccstats.cli.table import table
from ccstats.errors import ConfigError
from ccstats.model import Model, Result, ServiceLevelRule, SourceReport, SourceStatus
from ccstats.poller import errors

MOST_NAMED = 50


def print_result(
    result: Result,
    *,
    as_json: bool,
    window: str | None = None,
    title: str | None = None,
    rule: ServiceLevelRule | None = None,
) -> None:
    """The result as JSON lines or as a table; what failed is named on stderr."""
    if window is not None:
        _check_window(result, window)
    if as_json:
        print_lines(one.model_dump_json() for one in lines(result))
    else:
        console = stdout()
        console.print(table(result, window=window, title=title, width=console.width, rule=rule))
        if not result.snapshots and any(one.status is not SourceStatus.FAILED for one in result.sources):
            click.echo("nothing matches: see `ccstats targets` for what there is", err=True)
    name_failures(result)


def lines(result: Result) -> Iterator[Model]:
    """Everything of a result in the order of its JSON lines."""
    yield from result.snapshots
    yield from result.groups
    yield from result.definitions
    yield from result.sources


def print_lines(texts: Iterable[str]) -> None:
    """JSON lines: in UTF-8, whatever the terminal's encoding is."""
    for line in texts:
        click.echo(line.encode())


def stdout() -> Console:
    """The console of stdout; where it is no terminal, wide enough for every column."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=200)


def _check_window(result: Result, window: str) -> None:
    known = {name: None for snapshot in result.snapshots for name in snapshot.windows}
    if known and window not in known:
        raise ConfigError(f"there is no window {window!r}; there are: {', '.join(known)}", key="--window")


def name_failures(result: Result) -> None:
    """Every source and target that could not be read, on stderr."""
    for report in result.sources:
        if report.status is SourceStatus.FAILED and report.error is not None:
            click.echo(f"failed: source {report.source}: {_words(report)}", err=True)
    unread = {report.source for report in result.sources if report.status is SourceStatus.FAILED}
    failed = [one for one in result.snapshots if errors(one) and one.target.source not in unread]
    for snapshot in failed[:MOST_NAMED]:
        first = errors(snapshot)[0]
        click.echo(f"failed: {snapshot.target.key}: {first.type}: {first.message}", err=True)
    if len(failed) > MOST_NAMED:
        click.echo(f"failed: and {len(failed) - MOST_NAMED} more", err=True)


def _words(report: SourceReport) -> str:
    error = report.error
    if error is None:
        return report.status.value
    where = ", ".join(
        f"{name} {value}"
        for name, value in (("endpoint", error.endpoint), ("code", error.code), ("request", error.request_id))
        if value
    )
    return f"{error.type}: {error.message}" + (f" ({where})" if where else "")
