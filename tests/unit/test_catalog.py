"""The catalogue: every metric of the model, once, with all that is generated from it in step."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from ccstats.cli.document import page
from ccstats.metrics import CATALOG, CONTEXT, Additivity, Shape, Unit, metric_of
from ccstats.model import Realtime, TimeStat, Window
from ccstats.model.part import Part, fields_of
from ccstats.registry import load_adapter

NOT_METRICS = {"observed_at", "status", "error", "vendor_names", "id", "name", "state", "comparator"}
PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | Part):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _leaves(model: type[BaseModel], above: str) -> Iterator[str]:
    for name, field in fields_of(model).items():
        if name in NOT_METRICS:
            continue
        inner = [one for one in _models(field.annotation) if one is not TimeStat]
        if not inner:
            yield f"{above}.{name}"
        for part in inner:
            yield from _leaves(part, f"{above}.{name}")


def test_every_metric_of_the_model_is_in_the_catalogue_and_nothing_else() -> None:
    leaves = {*_leaves(Realtime, "realtime"), *_leaves(Window, "window")}

    assert leaves == CATALOG.keys() | CONTEXT.keys()
    assert CATALOG.keys().isdisjoint(CONTEXT)


@pytest.mark.parametrize("metric", CATALOG.values(), ids=CATALOG.keys())
def test_a_metric_is_complete(metric) -> None:
    assert metric.definition
    assert metric.source
    assert (metric.additivity is Additivity.NEVER) == bool(metric.refusal)
    assert (metric.unit is Unit.SHARE) == (metric.shape is Shape.RATIO)
    assert (metric.family == "realtime") == (metric.shape is Shape.GAUGE or metric.name.endswith("longest_wait"))
    assert f"{metric.family}.{metric.path}" == metric.name


def test_prometheus_names_are_valid_and_distinct() -> None:
    names = [metric.prometheus for metric in CATALOG.values() if metric.prometheus is not None]

    assert len(set(names)) == len(names) > 30
    assert all(re.fullmatch(r"ccstats_queue_[a-z][a-z0-9_]*", name) for name in names)
    assert CATALOG["window.handle"].prometheus == "ccstats_queue_window_handle_average_seconds"
    assert CATALOG["window.handle"].exported("group", "count") == "ccstats_group_window_handle_measured"
    assert CATALOG["realtime.waiting"].prometheus == "ccstats_queue_waiting"
    assert CATALOG["realtime.longest_wait"].exported("workflow") == "ccstats_workflow_longest_wait_seconds"
    assert (
        CATALOG["window.service_levels.vendor_ratio"].prometheus == "ccstats_queue_window_service_levels_vendor_ratio"
    )


def test_a_part_of_a_time_belongs_to_its_metric() -> None:
    assert metric_of("window.handle.average") is CATALOG["window.handle"]
    assert metric_of("window.no_such_thing") is None


def test_the_page_is_what_the_code_says() -> None:
    made = page({name: load_adapter(name) for name in ("twilio", "genesys")})

    assert PAGE.read_text(encoding="utf-8") == made, "run make docs"


def test_the_page_has_every_metric_with_its_definition() -> None:
    text = PAGE.read_text(encoding="utf-8")

    for metric in CATALOG.values():
        assert f"| `{metric.name}` |" in text
        assert metric.definition in text


def test_the_schema_describes_every_metric(capsys: pytest.CaptureFixture[str]) -> None:
    from ccstats.cli.app import run

    assert run(["schema"]) == 0
    text = json.dumps(json.loads(capsys.readouterr().out))
    missing = {name for name, one in CATALOG.items() if "by_channel.service" not in name and one.definition not in text}

    assert missing == set()


def test_the_catalogue_is_printed_for_machines_and_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    from ccstats.cli.app import run

    assert run(["metrics", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == list(CATALOG)
    assert {row["type"] for row in rows} == {"metric"}
    assert run(["metrics"]) == 0
    shown = capsys.readouterr().out
    assert all(name.partition(".")[2].rpartition(".")[2] in shown for name in CATALOG)
    assert run(["metrics", "--markdown", "--adapter", "twilio", "--adapter", "genesys"]) == 0
    assert capsys.readouterr().out == PAGE.read_text(encoding="utf-8")


def test_the_page_sets_the_vendors_side_by_side_with_origins_absences_and_differences() -> None:
    text = PAGE.read_text(encoding="utf-8")
    _, _, queues = text.partition("## Queue: the vendors side by side")
    rows = [line for line in queues.partition("\n## ")[0].splitlines() if line.startswith("| `")]

    assert [row.split("`")[1] for row in rows] == list(CATALOG)
    assert all(row.count("|") == 4 for row in rows)
    assert "absent means zero" in queues
    assert "oWaiting.count" in queues
    assert "wait_starts_at: task_created / queue_entered" in text
