"""The live view: a header with every source's state, and one row per target, as wide as the terminal allows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ccstats.cli.marks import Legend, clock, plain
from ccstats.cli.table import COLUMNS, Column, cell_of, group_row
from ccstats.model import Group as Business
from ccstats.model import Snapshot, Status
from ccstats.monitor import MonitorStats, SourceState, SourceStats

STYLES = {
    SourceState.OK: "green",
    SourceState.STARTING: "yellow",
    SourceState.FAILING: "red",
    SourceState.PARKED: "red",
}
TREND_OVER = timedelta(minutes=5)
WIDE = 130
"""Columns of a terminal that everything fits into."""
NARROW = ("waiting", "longest_wait", "agents.available", "speed_of_answer.average", "service_levels")
"""What fits into 80, beside trend and age."""

SORTS: dict[str, Callable[[Snapshot], object]] = {
    "name": lambda one: ((one.target.name or one.target.id).casefold(), one.target.source),
    "source": lambda one: (one.target.source, (one.target.name or one.target.id).casefold()),
    "waiting": lambda one: -(one.realtime.waiting if one.realtime and one.realtime.waiting is not None else -1),
    "longest-wait": lambda one: -_longest(one).total_seconds(),
    "available": lambda one: one.realtime.agents.available if one.realtime and one.realtime.agents.available else 0,
}


def _longest(one: Snapshot) -> timedelta:
    found = one.realtime.longest_wait if one.realtime is not None else None
    return found if found is not None else timedelta(seconds=-1)


@dataclass(slots=True)
class Trends:
    """Whether more or fewer wait than five minutes ago."""

    _seen: dict[str, deque[tuple[datetime, int]]]

    @classmethod
    def new(cls) -> Trends:
        """Nothing seen yet."""
        return cls({})

    def add(self, snapshot: Snapshot, now: datetime) -> None:
        """One more look at a target."""
        waiting = snapshot.realtime.waiting if snapshot.realtime is not None else None
        if waiting is None:
            return
        seen = self._seen.setdefault(snapshot.target.key, deque())
        if not seen or seen[-1][1] != waiting:
            seen.append((now, waiting))
        while len(seen) > 1 and seen[1][0] <= now - TREND_OVER:
            seen.popleft()

    def arrow(self, snapshot: Snapshot) -> Text:
        """Up, down or level."""
        seen = self._seen.get(snapshot.target.key)
        if not seen or seen[0][1] == seen[-1][1]:
            return Text("=", style="dim")
        return Text("^", style="red") if seen[-1][1] > seen[0][1] else Text("v", style="green")


def board(
    snapshots: Sequence[Snapshot],
    stats: MonitorStats,
    trends: Trends,
    *,
    width: int,
    height: int,
    now: datetime,
    groups: Sequence[Business] = (),
) -> RenderableType:
    """Everything that fits, groups first; what does not is counted in the last line."""
    columns = [column for column in COLUMNS if width >= WIDE or column.path in NARROW]
    legend = Legend()
    grid = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 1), expand=True)
    grid.add_column("source", no_wrap=True, overflow="ellipsis", max_width=14)
    grid.add_column("name", no_wrap=True, overflow="ellipsis", ratio=1, min_width=8)
    for column in columns:
        grid.add_column(column.short, justify="right", no_wrap=True)
    grid.add_column("trend", justify="center")
    grid.add_column("age", justify="right", no_wrap=True)
    header = [_source(one, wide=width >= WIDE) for one in stats.sources]
    room = max(height - len(header) - len(groups) - 6, 5)
    for group in groups:
        source, _, *cells = group_row(group, None, legend, columns)
        oldest = group.coverage.oldest
        grid.add_row(source, *cells, Text(""), Text(clock(oldest) if oldest is not None else "-"))
    for snapshot in snapshots[:room]:
        grid.add_row(*_row(snapshot, columns, trends, legend, now))
    rest = Text(f"{len(snapshots) - room} more", style="dim") if len(snapshots) > room else Text("")
    marks = Text("  ".join(str(line) for line in legend.marks()), style="dim")
    return Group(*header, Text(""), grid, rest, marks)


def _row(snapshot: Snapshot, columns: Sequence[Column], trends: Trends, legend: Legend, now: datetime) -> list[Text]:
    target, window = snapshot.target, next(iter(snapshot.windows), "")
    status = snapshot.realtime.status if snapshot.realtime is not None else Status.FRESH
    name = Text(plain(target.name or target.id))
    style = {Status.FRESH: "", Status.STALE: "yellow", Status.FAILED: "red", Status.GONE: "dim"}[status]
    if status is not Status.FRESH:
        name.append(f" ({status.value})")
    name.stylize(style)
    cells = [cell_of(snapshot, column, window, legend) for column in columns]
    return [Text(target.source), name, *cells, trends.arrow(snapshot), Text(_age(snapshot, now), style=style)]


def _age(snapshot: Snapshot, now: datetime) -> str:
    seen = snapshot.realtime.observed_at if snapshot.realtime is not None else None
    return clock(max(now - seen.astimezone(UTC), timedelta(0))) if seen is not None else "-"


def _source(stats: SourceStats, *, wide: bool) -> Text:
    line = Text(f"{stats.source} ")
    line.append(stats.state.value, style=STYLES[stats.state])
    line.append(
        f"  {stats.targets} targets  budget {1 - stats.budget:.0%} used  late {stats.lateness_p99:.1f} s", style="dim"
    )
    if wide:
        counts = f"  {stats.requests} requests  {stats.rate_limited} limited  {stats.skipped} skipped"
        line.append(counts, style="dim")
    if stats.error is not None:
        line.append(f"  {stats.error}", style="red")
    return line
