"""The promises of an adapter that says what its numbers mean. One that says nothing of that has nothing to keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from ccstats.adapter import defined
from ccstats.config import SourceOptions, validate
from ccstats.metrics import CATALOG
from ccstats.model import Definitions, Kind, MetricDefinition, definitions_of
from ccstats.testing.honesty import declared
from ccstats.testing.terms import GIVEN, Terms

LEVELS: Final = "window.service_levels"
WAIT: Final = ("wait_starts_at", "wait_ends_at", "ring_included")
TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "realtime.waiting": ("ring_included",),
    "realtime.longest_wait": WAIT,
    "realtime.agents.available": (),
    "realtime.agents.busy": (),
    "window.wait": WAIT,
    "window.speed_of_answer": WAIT,
    "window.abandoned": ("abandon_rule",),
    "window.handle": ("handle_parts",),
    LEVELS: (*WAIT, "abandon_rule", "threshold_set_by", "comparator"),
}
"""The metrics that are most misread, and what is to be told of each beside who is counted."""


class Defining(Terms):
    """What an adapter's numbers mean, under the options of every variation."""

    def test_definitions_are_of_its_own_kinds_and_found_by_their_id(self) -> None:
        for _, kind, one in self._defined():
            assert kind in self.adapter.abilities, f"{kind}: it declares no such targets"
            assert (one.vendor, one.kind) == (self.adapter.name, kind)
            assert definitions_of(one.id) == one, f"{kind}: made without Definitions.declare"

    def test_asking_again_for_definitions_costs_nothing(self) -> None:
        for options, kind, one in self._defined():
            again = defined(self.adapter, options, None)[kind]
            assert again is one, f"{kind}: made anew for every question"

    def test_a_metric_that_is_defined_is_given(self) -> None:
        for _, kind, one in self._defined():
            for name in one.metrics:
                assert name in CATALOG or name == LEVELS, f"{kind} {name}: no such metric"
                assert self._given(kind, name), f"{kind} {name} is defined, and by its abilities never there"

    def test_what_is_most_misread_is_defined_wherever_it_is_given(self) -> None:
        found: dict[Kind, set[str]] = {}
        for _, kind, one in self._defined():
            found.setdefault(kind, set()).update(one.metrics)
        if not found:
            pytest.skip("it says of no number what it means")
        for kind in self.kinds:
            silent = [name for name in TOLD if self._given(kind, name) and name not in found.get(kind, ())]
            assert silent == [], f"{kind}: given, and not defined"

    def test_a_definition_leaves_nothing_out_and_names_its_source(self) -> None:
        for _, kind, one in self._defined():
            for name, definition in one.metrics.items():
                needed = ("population", *TOLD.get(name, ()))
                silent = [field for field in needed if getattr(definition, field) is None]
                assert silent == [], f"{kind} {name}: say it, or that it is unknown"
                assert _sourced(definition), f"{kind} {name}: which fields of the vendor, in which document?"

    def _defined(self) -> Iterator[tuple[SourceOptions, Kind, Definitions]]:
        """The definitions of each kind of target, under the options of each variation."""
        for variation in self.variations:
            given: dict[str, Any] = {**self.adapter.example, **self.options, **variation}
            options = validate(self.adapter.options, given)
            for kind, one in defined(self.adapter, options, None).items():
                yield options, kind, one

    def _given(self, kind: Kind, name: str) -> bool:
        """Whether the table promises a value of the metric, or of a part of it."""
        table = self.adapter.abilities.get(kind, {})
        entry = declared(name, table)
        entries = [path for path in table if path.startswith(f"{name}.")] + ([entry] if entry is not None else [])
        return any(table[path].support in GIVEN for path in entries)


def _sourced(definition: MetricDefinition) -> bool:
    source = definition.source
    return bool(source.names) and all(source.names) and source.address.startswith(("https://", "/"))
