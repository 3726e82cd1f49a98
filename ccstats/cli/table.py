"""Snapshots as one table for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rich.box import HEAVY_HEAD
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from ccstats.cli.marks import Legend, plain, written
from ccstats.model import (
    Group as Business,
)
from ccstats.model import (
    Result,
    ServiceLevelRule,
    Snapshot,
    SourceReport,
    SourceStatus,
    Status,
    TimeStat,
    Window,
)

OF = {
    ServiceLevelRule.OF_OFFERED: "of the offered",
    ServiceLevelRule.OF_OFFERED_WITHOUT_SHORT: "of the offered without short abandons",
    ServiceLevelRule.ABANDONED_MISS: "of the answered and abandoned",
    ServiceLevelRule.WITHOUT_SHORT_ABANDONED: "of the answered and abandoned without short abandons",
    ServiceLevelRule.ABANDONED_IGNORED: "of the answered",
    ServiceLevelRule.ABANDONED_WITHIN_IGNORED: "of the answered and those abandoned later",
    ServiceLevelRule.ABANDONED_WITHIN_MET: "or abandoned in time, of the answered and abandoned",
    ServiceLevelRule.REMOVED_WITHIN: "or gone in time, of the offered",
}
"""What each rule divides by, after "in time"."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, a shorter one for live views, the metric's path, and whether it is a window's."""

    heading: str
    short: str
    path: str
    window: bool = False


LEVELS = "service_levels"
COLUMNS = (
    Column("waiting", "wait", "waiting"),
    Column("ringing", "ring", "offering"),
    Column("longest wait", "longest", "longest_wait"),
    Column("agents", "agents", "agents.total"),
    Column("available", "free", "agents.available"),
    Column("busy", "busy", "agents.busy"),
    Column("offered", "offered", "offered", window=True),
    Column("answered", "answered", "answered", window=True),
    Column("abandoned", "abandoned", "abandoned", window=True),
    Column("speed of answer", "speed", "speed_of_answer.average", window=True),
    Column("handle time", "handle", "handle.average", window=True),
    Column("in time", "in time", LEVELS, window=True),
)


NARROW = (
    "waiting",
    "longest_wait",
    "agents.available",
    "agents.busy",
    "speed_of_answer.average",
    "handle.average",
    "service_levels",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to lay the table out: which columns, under which headings, with or without lines."""

    columns: tuple[Column, ...]
    short: bool
    lines: bool


LAYOUTS = (
    Layout(COLUMNS, short=False, lines=True),
    Layout(COLUMNS, short=True, lines=True),
    Layout(COLUMNS, short=True, lines=False),
    Layout(tuple(column for column in COLUMNS if column.path in NARROW), short=True, lines=False),
)
"""From the most comfortable to the one for 80 columns."""


def table(
    result: Result,
    *,
    window: str | None = None,
    title: str | None = None,
    width: int = 200,
    rule: ServiceLevelRule | None = None,
) -> RenderableType:
    """One row per snapshot, gaps as marks, below it the legend and the sources.

    `window` is by default the first that a target has. A narrow terminal gets shorter headings and then fewer
    columns, never shortened numbers: only names give way. With a `rule`, service levels are shown by it, beside the
    vendor's own.
    """
    measure = Console(width=10_000)
    for layout in LAYOUTS:
        legend = Legend(rule)
        grid = _grid(result, layout, window, title, legend)
        if Measurement.get(measure, measure.options, grid).maximum <= width:
            break
    lines = legend.lines()
    if lines:
        lines.insert(0, Text("gaps", style="bold"))
    return Group(grid, *_captions(result, window, legend.rule), *lines, *_groups(result), *source_lines(result))


def _grid(result: Result, layout: Layout, window: str | None, title: str | None, legend: Legend) -> Table:
    grid = Table(
        title=title, title_justify="left", header_style="bold", box=HEAVY_HEAD if layout.lines else None, pad_edge=False
    )
    grid.add_column("source", overflow="ellipsis", no_wrap=True)
    if not layout.short:
        grid.add_column("kind", no_wrap=True)
    grid.add_column("name", overflow="ellipsis", no_wrap=True)
    rows = [group_row(group, window, legend, layout.columns) for group in result.groups]
    rows += [_row(snapshot, window, legend, layout.columns) for snapshot in result.snapshots]
    for number, column in enumerate(layout.columns, start=3):
        heading = column.short if layout.short else column.heading
        widest = max((row[number].cell_len for row in rows), default=0)
        grid.add_column(heading, justify="right", no_wrap=True, min_width=max(widest, len(heading)))
    for row in rows:
        grid.add_row(*([row[0], *row[2:]] if layout.short else row))
    return grid


def source_lines(result: Result) -> list[Text]:
    """How every source did."""
    return [Text("sources", style="bold"), *(_source(report) for report in result.sources)]


def group_row(group: Business, window: str | None, legend: Legend, columns: Sequence[Column]) -> list[Text]:
    """The row of a group: how much of it was read, and its numbers."""
    name = Text(plain(group.name), style="bold")
    name.append(f" ({group.coverage.read} of {group.coverage.targets})")
    cells = [cell_of(group, column, _shown(group, window), legend) for column in columns]
    return [Text("group"), Text("group"), name, *cells]


def _groups(result: Result) -> list[Text]:
    """How much of every group was read, of how many members a number is made, and where definitions differ."""
    lines = [Text("groups", style="bold")] if result.groups else []
    for group in result.groups:
        lines.append(Text(f"{plain(group.name)}: {group.coverage}"))
        alike = defaultdict(list)
        for path, number in group.coverage.partial.items():
            alike[number].append(path)
        lines += [
            Text(f"     of {number} of {group.coverage.read}: {', '.join(paths)}", style="dim")
            for number, paths in alike.items()
        ]
        lines += [
            Text(f"     {metric}: {verdict.verdict.value.replace('_', ' ')} ({plain(verdict.detail)})", style="dim")
            for metric, verdict in group.comparability.items()
        ]
    return lines


def _row(snapshot: Snapshot, window: str | None, legend: Legend, columns: Sequence[Column]) -> list[Text]:
    target = snapshot.target
    cells = [Text(target.source), Text(target.kind.value), Text(plain(target.name or target.id))]
    cells += [cell_of(snapshot, column, _shown(snapshot, window), legend) for column in columns]
    if snapshot.realtime is not None and snapshot.realtime.status is not Status.FRESH:
        cells[2].append(f" ({snapshot.realtime.status.value})", style="bold")
    return cells


def _shown(snapshot: Snapshot | Business, window: str | None) -> str:
    """The window that a row shows: the wanted one, or the first that its source has."""
    return window if window in snapshot.windows else next(iter(snapshot.windows), "")


def cell_of(snapshot: Snapshot | Business, column: Column, window: str, legend: Legend) -> Text:
    """One value of a snapshot or group, or the mark of the gap in its place."""
    prefix = f"windows.{window}" if column.window else "realtime"
    family = snapshot.windows.get(window) if column.window else snapshot.realtime
    if family is None:
        return Text("")  # not read, or not yet
    if column.path == LEVELS:
        return _level(snapshot, window, legend, column.heading)
    value = _value(family, column.path)
    path = column.path if value is None else column.path.removesuffix(".average")
    return legend.cell(snapshot, f"{prefix}.{_explained(family, path)}", value, column.heading)


def _value(family: object, path: str) -> object:
    value = family
    for part in path.split("."):
        value = getattr(value, part, None)
    return value


def _level(snapshot: Snapshot | Business, window: str, legend: Legend, heading: str) -> Text:
    """The service level by the legend's rule, and in brackets the vendor's own where that is wanted."""
    found = snapshot.service_level(legend.rule, window)
    cell = legend.cell(snapshot, f"windows.{window}.{LEVELS}", found.ratio, heading, found.gap)
    if legend.beside and found.vendor_ratio is not None:
        cell.append(f" ({written(found.vendor_ratio)})")
    return cell


def _explained(family: object, path: str) -> str:
    """Where the gap of a path is to be looked for: an average of a time that is missing is missing with it."""
    head, _, tail = path.partition(".")
    return path if tail and isinstance(getattr(family, head, None), TimeStat) else path.removesuffix(".average")


def _captions(result: Result, window: str | None, rule: ServiceLevelRule) -> list[Text]:
    """Which period every window of the table covers, for which sources, and what "in time" means there."""
    shown: dict[tuple[str, str], list[Window]] = {}
    for snapshot in result.snapshots:
        name = _shown(snapshot, window)
        if name in snapshot.windows:
            shown.setdefault((name, snapshot.target.source), []).append(snapshot.windows[name])
    return [
        Text(f"window {name} of {source}: {_caption(found, rule)}", style="dim")
        for (name, source), found in shown.items()
    ]


def _caption(found: Sequence[Window], rule: ServiceLevelRule) -> str:
    periods = {(one.start, one.end) for one in found if one.start is not None and one.end is not None}
    parts = [f"{start:%H:%M} to {end:%H:%M} UTC" for start, end in sorted(periods)]
    levels = [level for one in found for level in one.service_levels or ()]
    seconds = sorted({level.threshold.total_seconds() for level in levels if level.threshold is not None})
    within = f"; in time: within {' or '.join(f'{one:g} s' for one in seconds)}, {OF[rule]}" if seconds else ""
    return (", ".join(parts) or "period not known") + within


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
        line.append(f"\n     {report.error.type}: {plain(report.error.message)}", style="red")
    return line
