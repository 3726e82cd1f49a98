"""`ccstats check`: is the configuration right, do the credentials work, and what does this account let us read?"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import AsyncExitStack

import click
from rich.table import Table
from rich.text import Text

from ccstats.adapter import Finding, Probing, Source, Toolbox, Verdict
from ccstats.cli.exits import Exit, judged
from ccstats.cli.marks import plain
from ccstats.cli.options import config_option, load, source_option
from ccstats.cli.output import name_failures, stdout
from ccstats.cli.table import source_lines
from ccstats.config import Config
from ccstats.errors import NotPermittedError, VendorError
from ccstats.http import Allowance, RetryPolicy
from ccstats.model import GapReason, Result, Snapshot
from ccstats.poller import fetch
from ccstats.registry import Configured, resolve

PROBE_REQUESTS = 6
STYLES = {Verdict.CONFIRMED: "green", Verdict.CONTRADICTED: "red", Verdict.UNDECIDED: "yellow"}
TELLING = (
    GapReason.FAILED,
    GapReason.NOT_PERMITTED,
    GapReason.NOT_REQUESTED,
    GapReason.UNKNOWN,
    GapReason.NOT_IMPLEMENTED,
    GapReason.UNSUPPORTED,
)
REFUSED_READ = f"{NotPermittedError.__name__}: "
"""How the gap of a family begins whose read was refused for want of a permission."""


@click.command()
@config_option
@source_option
@click.option(
    "--probe",
    is_flag=True,
    help=f"Settle open questions about the vendor: at most {PROBE_REQUESTS} read-only requests per source.",
)
def check(path: str, sources: tuple[str, ...], probe: bool) -> int:
    """Check the configuration, read everything once, and say what this account does and does not let us read."""
    config = load(path, sources)
    shared = [found.name for found in resolve(config) if found.options.limits.shared]
    click.echo(f"{path}: the configuration is valid", err=True)
    if shared:
        click.echo(f"{path}: limits shared with other programs: {', '.join(shared)}", err=True)
    if probe:
        return asyncio.run(_probe_all(config))
    result = asyncio.run(fetch(config))
    for report in result.sources:
        _print_gaps(report.source, result)
    stdout().print(*source_lines(result), sep="\n")
    name_failures(result)
    return judged(result)


def _print_gaps(source: str, result: Result) -> None:
    """Per kind of target: every metric that is missing somewhere, why, and for how many targets."""
    snapshots = [one for one in result.snapshots if one.target.source == source]
    grid = Table("kind", "metric", "missing for", "reason", "detail", header_style="bold", show_lines=True)
    grid.title = f"{source}: what is missing"
    totals = Counter(one.target.kind.value for one in snapshots)
    rows: Counter[tuple[str, str, str, str]] = Counter()
    for snapshot in snapshots:
        rows.update(_missing(snapshot))
    order = {reason.value: number for number, reason in enumerate(TELLING)}
    alike: dict[tuple[str, str, str, int], list[str]] = defaultdict(list)
    for (kind, metric, reason, detail), number in rows.items():
        alike[kind, reason, detail, number].append(metric)
    for (kind, reason, detail, number), metrics in sorted(alike.items(), key=lambda row: (row[0][0], order[row[0][1]])):
        cells = (kind, "\n".join(metrics), f"{number} of {totals[kind]}", reason.replace("_", " "), detail)
        grid.add_row(*(Text(cell) for cell in cells))
    if rows:
        stdout().print(grid)
    stdout().print(*_in_short(source, rows), sep="\n")


def _in_short(source: str, rows: Iterable[tuple[str, str, str, str]]) -> list[Text]:
    """What only a permission keeps away, with its name; and what no permission would give."""
    shut: dict[str, dict[str, None]] = defaultdict(dict)
    never: dict[str, dict[str, None]] = defaultdict(dict)
    for kind, metric, reason, detail in rows:
        path = f"{kind}: {metric}"
        if reason == GapReason.NOT_PERMITTED or detail.startswith(REFUSED_READ):
            shut[detail.removeprefix(REFUSED_READ)][path] = None
        elif reason == GapReason.UNSUPPORTED:
            never[kind][metric] = None
    lines = [Text(f"{source}: only not permitted", style="bold")] if shut else []
    lines += [Text(f"     {plain(detail)}: {', '.join(sorted(paths))}") for detail, paths in shut.items()]
    lines += [Text(f"{source}: not supported by the vendor", style="bold")] if never else []
    lines += [Text(f"     {kind}: {', '.join(sorted(metrics))}", style="dim") for kind, metrics in never.items()]
    return lines


def _missing(snapshot: Snapshot) -> list[tuple[str, str, str, str]]:
    return [
        (snapshot.target.kind.value, path, gap.reason.value, gap.detail)
        for path, gap in snapshot.gaps.items()
        if gap.reason in TELLING
    ]


async def _probe_all(config: Config) -> int:
    codes = [await _probe(found, config) for found in resolve(config)]
    if all(code is Exit.NOTHING_READ for code in codes):
        return Exit.NOTHING_READ
    return Exit.OK if all(code is Exit.OK for code in codes) else Exit.SOME_FAILED


async def _probe(found: Configured, config: Config) -> Exit:
    toolbox = Toolbox(config.http, permit=Allowance(PROBE_REQUESTS), retry=RetryPolicy(attempts=1))
    toolbox.meet(config.redis, [found.options])
    async with AsyncExitStack() as stack:
        stack.push_async_callback(toolbox.close)
        source: Source = await stack.enter_async_context(found.adapter.open(found.name, found.options, toolbox))
        if not isinstance(source, Probing):
            click.echo(f"{found.name}: adapter {found.adapter.name!r} has no open questions")
            return Exit.OK
        try:
            findings = await source.probe()
        except VendorError as error:
            click.echo(f"failed: source {found.name}: {type(error).__name__}: {error}", err=True)
            return Exit.NOTHING_READ
        _print_findings(found.name, findings, source.traffic.requests)
        for finding in findings:
            if not finding.asked:
                click.echo(f"failed: source {found.name}: {finding.question}: {finding.evidence}", err=True)
    return Exit.OK if all(finding.asked for finding in findings) else Exit.SOME_FAILED


def _print_findings(name: str, findings: list[Finding], requests: int) -> None:
    grid = Table("question", "assumed", "verdict", "evidence", header_style="bold", show_lines=True)
    grid.title = f"{name}: {requests} requests"
    for finding in findings:
        verdict = Text(finding.verdict.value, style=STYLES[finding.verdict])
        grid.add_row(Text(finding.question), Text(finding.assumption), verdict, Text(finding.evidence))
    stdout().print(grid)
