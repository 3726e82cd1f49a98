"""The latest table as Prometheus reads it: a series for every value that is there, and none for what is not.

https://prometheus.io/docs/instrumenting/exposition_formats/ and
https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from operator import attrgetter
from typing import Any

from ccstats.metrics import CATALOG, TIME_PARTS, Metric, Shape
from ccstats.model import Group, Snapshot, Status

LINES = 1000
"""How many values are looked at before others have their turn."""
EXPORTED_PARTS = ("count", "sum", "average", "max")
Labelled = tuple[str, Any]
"""Labels as they are written, and what a value is taken from."""


@dataclass(slots=True)
class Rows:
    """What there is of one kind: the families whose numbers are true now, with their labels."""

    realtime: list[Labelled] = field(default_factory=list)
    window: list[Labelled] = field(default_factory=list)
    levels: list[Labelled] = field(default_factory=list)

    def add(self, labels: str, one: Snapshot | Group) -> None:
        """One target or group. What is stale, failed or gone is no longer true: its series end."""
        now = one.realtime
        if now is not None and now.status is Status.FRESH:
            self.realtime.append((f"{{{labels}}} ", now))
        for name, window in one.windows.items():
            if window.status is not Status.FRESH:
                continue
            within = f'{labels},window="{escaped(name)}"'
            self.window.append((f"{{{within}}} ", window))
            for level in window.service_levels or ():
                seconds = level.threshold.total_seconds() if level.threshold is not None else None
                threshold = f"{seconds:g}" if seconds is not None else ""
                self.levels.append((f'{{{within},threshold="{threshold}"}} ', level))


def gathered(
    snapshots: Iterable[Snapshot], groups: Iterable[Group], rows: dict[str, Rows] | None = None
) -> dict[str, Rows]:
    """Everything by kind, added to what there is."""
    rows = {} if rows is None else rows
    for one in snapshots:
        kind = one.target.kind.value
        rows.setdefault(kind, Rows()).add(labels(one), one)
    for group in groups:
        rows.setdefault("group", Rows()).add(f'group="{escaped(group.name)}"', group)
    return rows


def labels(one: Snapshot) -> str:
    """What a series is known by: the source and the vendor's id; the name is for people."""
    target = one.target
    return f'source="{escaped(target.source)}",id="{escaped(target.id)}",name="{escaped(target.name or target.id)}"'


def escaped(text: str) -> str:
    """A label's value as it is written; names come from vendors, and may hold anything."""
    if text.isascii() and text.isalnum():
        return text
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def exposed(rows: Mapping[str, Rows]) -> Iterator[str]:
    """The text, in parts of which none takes long."""
    for kind, found in rows.items():
        for metric in CATALOG.values():
            if metric.prometheus is None:
                continue
            for name, help_, take in _columns(metric, kind):
                yield from _column(name, help_, take, _rows_of(metric, found))


def _columns(metric: Metric, kind: str) -> Iterator[tuple[str, str, Callable[[Any], Any]]]:
    """The series of a metric: one, or for a time of a window one for each of its parts."""
    if metric.family == "window" and metric.shape is Shape.TIME:
        stat = attrgetter(metric.path)
        for part in EXPORTED_PARTS:
            yield metric.exported(kind, part), f"{metric.definition}: {TIME_PARTS[part]}", _part_of(stat, part)
    else:
        path = metric.path.removeprefix("service_levels.")
        yield metric.exported(kind), metric.definition, _through(path)


def _part_of(stat: Callable[[Any], Any], part: str) -> Callable[[Any], Any]:
    take = attrgetter(part)

    def value(window: Any) -> Any:
        found = stat(window)
        return take(found) if found is not None else None

    return value


def _through(path: str) -> Callable[[Any], Any]:
    """What stands at `path`; None where something above it is None."""
    if not path.startswith("reservations."):
        return attrgetter(path)  # agents are always there
    return _part_of(attrgetter("reservations"), path.partition(".")[2])


def _rows_of(metric: Metric, rows: Rows) -> list[Labelled]:
    if metric.family == "realtime":
        return rows.realtime
    return rows.levels if metric.path.startswith("service_levels.") else rows.window


def _column(name: str, help_: str, take: Callable[[Any], Any], rows: list[Labelled]) -> Iterator[str]:
    headed = False
    for first in range(0, len(rows), LINES):
        lines = []
        for written, family in rows[first : first + LINES]:
            value = take(family)
            if value is not None:
                number = value.total_seconds() if isinstance(value, timedelta) else value
                lines.append(f"{name}{written}{number}\n")
        if lines and not headed:
            lines.insert(0, header(name, help_, "gauge"))
            headed = True
        yield "".join(lines)


def header(name: str, help_: str, kind: str) -> str:
    """What stands above the series of one name."""
    words = help_.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {name} {words}\n# TYPE {name} {kind}\n"
