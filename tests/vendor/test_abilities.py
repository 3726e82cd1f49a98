"""What the adapters declare is about metrics that exist, and about all of them."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from ccstats.adapter import Absence, Support
from ccstats.model import Realtime, Window
from ccstats.model.part import Part, fields_of
from ccstats_genesys import adapter as genesys
from ccstats_genesys.abilities import STATS
from ccstats_twilio import adapter as twilio

NOT_METRICS = {"observed_at", "status", "error"}
TABLES = {
    **{f"twilio {kind}": table for kind, table in twilio.abilities.items()},
    **{f"genesys {kind}": table for kind, table in genesys.abilities.items()},
    "genesys stats": STATS,
}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | Part):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _paths(model: type[BaseModel], above: str) -> Iterator[tuple[str, bool]]:
    """Every metric path of a family, and whether there are others below it."""
    for name, field in fields_of(model).items():
        inner = list(_models(field.annotation))
        if name not in NOT_METRICS:
            yield f"{above}.{name}", bool(inner)
            for part in inner:
                yield from _paths(part, f"{above}.{name}")


PATHS = dict([*_paths(Realtime, "realtime"), *_paths(Window, "window")])


def covered(path: str, table: Mapping[str, Any]) -> bool:
    while path.count("."):
        if path in table:
            return True
        path = path.rpartition(".")[0]
    return False


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_every_declared_path_is_a_metric(table) -> None:
    assert table.keys() - PATHS.keys() == set()


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_every_metric_is_declared_or_below_one_that_is(table) -> None:
    leaves = {path for path, inner in PATHS.items() if not inner}

    assert {path for path in leaves if not covered(path, table)} == set()


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_a_metric_has_an_origin_where_the_vendor_has_it_and_a_note_where_it_has_not(table) -> None:
    for path, ability in table.items():
        if ability.support in (Support.FULL, Support.DERIVED):
            assert ability.origin, path
        else:
            assert ability.note, path
            assert ability.absence is Absence.UNKNOWN, path
