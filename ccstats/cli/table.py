"""Snapshots as one table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ccstats.cli.marks import Legend
from ccstats.model import (
    Result,
    ServiceLevel,
    ServiceLevelRule,
    Snapshot,
    SourceReport,
    SourceStatus,
    Status,
    TimeStat,
    Window,
)

RULE = ServiceLevelRule.ABANDONED_IGNORED
"""The one rule that the counts of both vendors allow: answered in time, of the answered."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the metric's path below its family, and whether it is a window's."""

    heading: str
    path: str
    window: bool = False


COLUMNS = (
    Column("waiting", "waiting"),
    Column("ringing", "offering"),
    Column("longest wait", "longest_wait"),
    Column("agents", "agents.total"),
    Column("available", "agents.available"),
    Column("busy", "agents.busy"),
    Column("offered", "offered", window=True),
    Column("answered", "answered", window=True),
    Column("abandoned", "abandoned", window=True),
    Column("speed of answer", "speed_of_answer.average", window=True),
    Column("handle time", "handle.average", window=True),
    Column("in time", "service_levels", window=True),
)


def table(result: Result, *, window: str | None = None, title: str | None = None) -> RenderableType:
    """One row per snapshot, the gaps as marks, the legend and the sources below. `window`: default the first one."""
    legend = Legend()
    grid = Table(title=title, title_justify="left", header_style="bold", show_lines=False)
    for heading in ("source", "kind", "name"):
        grid.add_column(heading, overflow="ellipsis", no_wrap=heading != "name")
    for column in COLUMNS:
        grid.add_column(column.heading, justify="right", no_wrap=False)
    for snapshot in result.snapshots:
        grid.add_row(*_row(snapshot, window, legend))
    lines = legend.lines()
    if lines:
        lines.insert(0, Text("gaps", style="bold"))
    return Group(grid, *_about(result, window), *lines, *source_lines(result))


def source_lines(result: Result) -> list[Text]:
    """How every source did."""
    return [Text("sources", style="bold"), *(_source(report) for report in result.sources)]


def _row(snapshot: Snapshot, window: str | None, legend: Legend) -> list[Text]:
    target = snapshot.target
    name = window or next(iter(snapshot.windows), "")
    cells = [Text(target.source), Text(target.kind.value), Text(target.name or target.id)]
    for column in COLUMNS:
        prefix = f"windows.{name}" if column.window else "realtime"
        family = snapshot.windows.get(name) if column.window else snapshot.realtime
        value = _value(family, column.path)
        path = column.path if value is None else column.path.removesuffix(".average")
        cells.append(legend.cell(snapshot, f"{prefix}.{_explained(family, path)}", value))
    if snapshot.realtime is not None and snapshot.realtime.status is not Status.FRESH:
        cells[2].append(f" ({snapshot.realtime.status.value})", style="bold")
    return cells


def _value(family: object, path: str) -> object:
    value = family
    for part in path.split("."):
        value = getattr(value, part, None)
    if isinstance(value, tuple):
        return _in_time(value)
    return value


def _explained(family: object, path: str) -> str:
    """Where the gap of a path is to be looked for: an average of a time that is missing is missing with it."""
    head, _, tail = path.partition(".")
    return path if tail and isinstance(getattr(family, head, None), TimeStat) else path.removesuffix(".average")


def _in_time(levels: Sequence[ServiceLevel]) -> float | None:
    return levels[0].ratio(RULE) if levels else None


def _about(result: Result, window: str | None) -> list[Text]:
    windows: dict[str, Window] = {}
    for snapshot in result.snapshots:
        windows |= snapshot.windows
    name = window or next(iter(windows), None)
    if name is None or name not in windows:
        return []
    found = windows[name]
    period = f"from {found.start:%H:%M} to {found.end:%H:%M} UTC" if found.start and found.end else "period not known"
    return [Text(f"window {name}: {period}; in time: answered within the threshold, of the answered", style="dim")]


def _source(report: SourceReport) -> Text:
    style = {SourceStatus.OK: "green", SourceStatus.PARTIAL: "yellow", SourceStatus.FAILED: "red"}[report.status]
    line = Text(f"{report.source} ({report.vendor}): ")
    line.append(report.status.value, style=style)
    line.append(f", {report.targets} targets in {report.requests} requests")
    if report.failed_targets:
        line.append(f", {report.failed_targets} failed")
    for note in report.notes:
        line.append(f"\n     {note}", style="dim")
    if report.error is not None:
        line.append(f"\n     {report.error.type}: {report.error.message}", style="red")
    return line
