"""What the demo prints: no null without a reason, and numbers wherever the vendor has them."""

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccstats.cli.app import run
from ccstats.metrics import CATALOG, Shape

FIXTURES = Path(__file__).parent.parent / "fixtures"
MUST = json.loads((FIXTURES / "must_be_numbers.json").read_text(encoding="utf-8"))
KEYED = {"by_channel", "waiting_by_priority"}
NOT_METRICS = {"error", "observed_at"}
PARTS = ("count", "sum")


@pytest.fixture(scope="module")
def demo() -> list[dict[str, Any]]:
    """The snapshots of a demo of both vendors, as it prints them."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out):
        assert run(["demo", "--once", "--json", "--queues", "8", "--seed", "3"]) == 0
    out.seek(0)
    rows = [json.loads(line) for line in out.read().splitlines()]
    return [row for row in rows if row["type"] == "snapshot"]


def nulls(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    """The metric paths of all nulls: without the indexes of lists and the keys of tables of channels."""
    if value is None:
        yield ".".join(path)
    elif isinstance(value, list):
        for item in value:
            yield from nulls(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            for part in item.values() if key in KEYED and item is not None else [item]:
                yield from nulls(part, (*path, key))


def reason(row: dict[str, Any], path: str) -> str | None:
    while path:
        if path in row["gaps"]:
            return str(row["gaps"][path]["reason"])
        path = path.rpartition(".")[0]
    return None


def families(row: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    yield "realtime", "realtime", row["realtime"]
    for name, window in row["windows"].items():
        yield "window", f"windows.{name}", window


def test_no_null_metric_is_without_a_gap(demo: list[dict[str, Any]]) -> None:
    assert {row["target"]["vendor"] for row in demo} == {"twilio", "genesys"}
    found = 0
    for row in demo:
        for _, place, family in families(row):
            for path in nulls(family, tuple(place.split("."))):
                if path.rpartition(".")[2] not in NOT_METRICS:
                    found += 1
                    assert reason(row, path) is not None, f"{row['target']['key']}: {path}"
    assert found > 50


def values(value: Any, path: list[str]) -> Iterator[Any]:
    if not path or value is None:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from values(item, path)
    elif path[0] in value:
        yield from values(value[path[0]], path[1:])
    else:  # a table by channel or priority
        for item in value.values():
            yield from values(item, path)


def is_number(name: str, value: Any) -> bool:
    if isinstance(value, dict) and CATALOG[name].shape is Shape.TIME:
        return all(isinstance(value[part], int | float) for part in PARTS)
    if isinstance(value, dict):  # counts by priority
        return all(isinstance(item, int) for item in value.values())
    return isinstance(value, int | float) and not isinstance(value, bool)


@pytest.mark.parametrize("vendor", ["twilio", "genesys"])
def test_what_the_vendor_has_is_a_number(demo: list[dict[str, Any]], vendor: str) -> None:
    rows = [row for row in demo if row["target"]["vendor"] == vendor]
    assert len(rows) == 8
    seen: dict[str, int] = {}
    for row in rows:
        for family, place, content in families(row):
            for name in MUST[vendor]:
                if not name.startswith(f"{family}."):
                    continue
                path = name.partition(".")[2]
                for value in values(content, path.split(".")):
                    if value is None:
                        assert reason(row, f"{place}.{path}") == "no_data", f"{row['target']['key']}: {name}"
                    else:
                        assert is_number(name, value), f"{row['target']['key']}: {name} is {value!r}"
                        seen[name] = seen.get(name, 0) + 1
        waits = row["realtime"]["longest_wait"] is not None
        assert waits == (row["realtime"]["waiting"] > 0)
    # Whether anybody waits is up to the second in which the demo is read.
    assert [name for name in MUST[vendor] if name not in seen and not name.endswith("longest_wait")] == []


def test_the_list_is_of_metrics_that_exist_and_is_long_enough_to_mean_something() -> None:
    for vendor in ("twilio", "genesys"):
        assert set(MUST[vendor]) <= CATALOG.keys()
        assert len(MUST[vendor]) == len(set(MUST[vendor])) >= 30
