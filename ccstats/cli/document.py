"""docs/metrics.md: the catalogue, and beside it what each adapter gives and what its numbers mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ccstats.adapter import Ability, Adapter, Support, defined
from ccstats.metrics import CATALOG, CONTEXT, TIME_PARTS
from ccstats.model import Comparability, Definitions, Kind, MetricDefinition, comparable
from ccstats.registry import options_of_example

HEAD = """# Metrics

Made by `make docs` from the catalogue (`ccstats.metrics.CATALOG`) and from what the adapters declare; a test fails
where this page and the code differ. `ccstats metrics --json` prints the catalogue for machines.

A number that is None has a reason in `gaps`. Over several queues a metric *adds*, is *weighted* (counts and sums add,
the average follows), or has a *maximum*; what *never* adds is refused by roll-ups and groups.
"""
LACKING = frozenset({Support.UNSUPPORTED, Support.NOT_IMPLEMENTED})
SUPPORT = {Support.FULL: "the vendor's own", Support.DERIVED: "derived", Support.ON_REQUEST: "on request"}
WORDS = {Support.UNSUPPORTED: "has no such number", Support.NOT_IMPLEMENTED: "is not read"}


def page(adapters: Mapping[str, Adapter[Any]]) -> str:
    """The whole page, with a chapter per adapter and the comparison of each pair."""
    chapters = [HEAD, *_catalog()]
    declared: dict[str, Mapping[Kind, Definitions]] = {}
    for kind in Kind:
        chapters += _matrix(adapters, kind)
    for name, adapter in adapters.items():
        declared[name] = defined(adapter, options_of_example(adapter), None)
    chapters += _comparisons(declared)
    for name, found in declared.items():
        chapters += _chapter(name, found)
    return "\n".join(chapters).rstrip() + "\n"


def _catalog() -> Iterator[str]:
    yield "## Every metric\n"
    header = ("metric", "unit", "kind", "over queues", "definition", "source", "Prometheus")
    yield _table(
        header,
        (
            (
                f"`{metric.name}`",
                metric.unit.value,
                metric.shape.value,
                metric.additivity.value + (f": {metric.refusal}" if metric.refusal else ""),
                metric.definition,
                metric.source,
                f"`{metric.prometheus}`" if metric.prometheus is not None else "-",
            )
            for metric in CATALOG.values()
        ),
    )
    yield (
        "In Prometheus the kind of target is in the name (`ccstats_queue_..`, `ccstats_group_..`), and of a time of a "
        "window there are `_measured`, `_sum_seconds`, `_average_seconds` and `_max_seconds`.\n"
    )
    yield "A time of a window has these parts:\n"
    yield _table(("part", "meaning"), ((f"`{name}`", text) for name, text in TIME_PARTS.items()))
    yield "Beside the metrics stand:\n"
    yield _table(("value", "meaning"), ((f"`{name}`", text) for name, text in CONTEXT.items()))


def _matrix(adapters: Mapping[str, Adapter[Any]], kind: Kind) -> Iterator[str]:
    """What each vendor says of a kind of target, metric by metric: where it comes from, and what its absence means."""
    tables = {name: one.abilities[kind] for name, one in adapters.items() if kind in one.abilities}
    if not tables:
        return
    yield f"## {kind.value.capitalize()}: the vendors side by side\n"
    rows = []
    for metric in CATALOG:
        cells = [_cell(_nearest(table, metric)) for table in tables.values()]
        rows.append((f"`{metric}`", *cells))
    yield _table(("metric", *tables), rows)


def _nearest(table: Mapping[str, Ability], metric: str) -> Ability | None:
    """What is declared of a metric, or of the one that it is a part of."""
    while metric.count("."):
        if metric in table:
            return table[metric]
        metric = metric.rpartition(".")[0]
    return None


def _cell(ability: Ability | None) -> str:
    if ability is None:
        return "is not read"
    if ability.support in LACKING:
        return f"{WORDS[ability.support]}: {ability.note}"
    parts = [f"{SUPPORT[ability.support]}: {ability.origin}", f"absent means {ability.absence.value}", ability.note]
    return "; ".join(filter(None, parts))


def _chapter(name: str, declared: Mapping[Kind, Definitions]) -> Iterator[str]:
    for kind, found in declared.items():
        yield f"## {name}: what the numbers of {kind.value}s mean\n"
        yield _definitions(found.metrics)


def _definitions(metrics: Mapping[str, MetricDefinition]) -> str:
    rows = []
    for name, one in metrics.items():
        told = one.model_dump(mode="json", exclude_none=True, exclude={"source", "note", "version"})
        said = "; ".join(f"{field} = {_value(value)}" for field, value in told.items())
        source = f"{', '.join(one.source.names)} ({one.source.address}, read {one.source.read_on})"
        rows.append((f"`{name}`", said, one.note, source))
    return _table(("metric", "definition", "note", "source"), rows)


def _value(value: object) -> str:
    if isinstance(value, list):
        return " + ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items())
    return str(value)


def _comparisons(declared: Mapping[str, Mapping[Kind, Definitions]]) -> Iterator[str]:
    """How the vendors' queues compare, metric by metric."""
    names = [name for name in declared if Kind.QUEUE in declared[name]]
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            mine, theirs = declared[one][Kind.QUEUE], declared[other][Kind.QUEUE]
            yield f"## {one} and {other}: how their queues compare\n"
            yield f"With the options of both adapters as they are by default. Differences are {one} / {other}.\n"
            rows = []
            for metric in dict.fromkeys((*mine.metrics, *theirs.metrics)):
                found = comparable(mine, theirs, metric)
                words = found.verdict.value.replace("_", " ")
                rows.append((f"`{metric}`", words, found.detail if found.verdict is not Comparability.EXACT else ""))
            yield _table(("metric", "comparison", "differences"), rows)


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(header)
    lines = [_row(heads), _row(["---"] * len(heads)), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
