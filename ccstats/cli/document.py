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
WORDS = {Support.UNSUPPORTED: "has no such number", Support.NOT_IMPLEMENTED: "is not read"}


def page(adapters: Mapping[str, Adapter[Any]]) -> str:
    """The whole page, with a chapter per adapter and the comparison of each pair."""
    chapters = [HEAD, *_catalog()]
    declared: dict[str, Mapping[Kind, Definitions]] = {}
    for name, adapter in adapters.items():
        declared[name] = defined(adapter, options_of_example(adapter), None)
        chapters += _chapter(name, adapter, declared[name])
    chapters += _comparisons(declared)
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
                f"`{metric.prometheus}`",
            )
            for metric in CATALOG.values()
        ),
    )
    yield "A time of a window has these parts:\n"
    yield _table(("part", "meaning"), ((f"`{name}`", text) for name, text in TIME_PARTS.items()))
    yield "Beside the metrics stand:\n"
    yield _table(("value", "meaning"), ((f"`{name}`", text) for name, text in CONTEXT.items()))


def _chapter(name: str, adapter: Adapter[Any], declared: Mapping[Kind, Definitions]) -> Iterator[str]:
    for kind, abilities in adapter.abilities.items():
        yield f"## {name}: {kind.value}\n"
        rows = [(metric, ability) for metric, ability in abilities.items() if ability.support not in LACKING]
        cells = ((f"`{metric}`", _support(one), one.origin, one.absence.value, one.note) for metric, one in rows)
        yield _table(("metric", "number", "origin", "absent means", "note"), cells)
        yield "Missing:\n"
        missing = [(metric, ability) for metric, ability in abilities.items() if ability.support in LACKING]
        yield _table(("metric", "why"), ((f"`{one}`", f"{WORDS[two.support]}: {two.note}") for one, two in missing))
        if kind in declared:
            yield "What the numbers mean:\n"
            yield _definitions(declared[kind].metrics)


def _support(ability: Ability) -> str:
    words = {Support.FULL: "the vendor's own", Support.DERIVED: "derived", Support.ON_REQUEST: "on request"}
    return words[ability.support]


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
