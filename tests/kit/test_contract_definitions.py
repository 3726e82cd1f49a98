"""The contract suite holds what an adapter says of its numbers to what the adapter gives."""

from collections.abc import Mapping
from typing import Any

import pytest

from ccstats.model import Definitions, Kind
from ccstats.testing.defining import Defining

KINDS = "test_definitions_are_of_its_own_kinds_and_found_by_their_id"
CHEAP = "test_asking_again_for_definitions_costs_nothing"
GIVEN = "test_a_metric_that_is_defined_is_given"
MISREAD = "test_what_is_most_misread_is_defined_wherever_it_is_given"
WHOLE = "test_a_definition_leaves_nothing_out_and_names_its_source"
PROMISES = (KINDS, CHEAP, GIVEN, MISREAD, WHOLE)


def broken(plugin: Any) -> dict[str, str]:
    """The promises that the plugin does not keep, with what is said of each."""

    class Contract(Defining):
        adapter = plugin.adapter

    found = {}
    for promise in PROMISES:
        try:
            getattr(Contract(), promise)()
        except AssertionError as error:
            found[promise] = str(error).splitlines()[0]
        except pytest.skip.Exception as error:
            found[promise] = f"skipped: {error}"
    return found


def define(plugin: Any, patch: pytest.MonkeyPatch, metrics: Mapping[str, Any], kind: Kind, vendor: str) -> None:
    """Other definitions: None takes one away, a table changes its fields."""
    said = dict(plugin.definitions.QUEUE)
    for name, change in metrics.items():
        old = said.pop(name, said["realtime.longest_wait"])
        if change is not None:
            said[name] = old.model_copy(update=change)
    patch.setattr(type(plugin.adapter), "meaning", {kind: Definitions.declare(vendor, kind, said)})


@pytest.mark.parametrize(
    ("metrics", "promise", "said"),
    [
        ({}, None, ""),
        ({"window.handle": None}, MISREAD, "queue: given, and not defined"),
        ({"window.speed_of_answer": {}}, GIVEN, "queue window.speed_of_answer is defined, and by its abilities never"),
        ({"window.nonsense": {}}, GIVEN, "queue window.nonsense: no such metric"),
        ({"realtime.longest_wait": {"wait_starts_at": None}}, WHOLE, "queue realtime.longest_wait: say it, or that it"),
        ({"window.handle": {"handle_parts": None}}, WHOLE, "queue window.handle: say it, or that it is unknown"),
        ({"window.handle": {"population": None}}, WHOLE, "queue window.handle: say it, or that it is unknown"),
    ],
)
def test_a_planted_fault_breaks_its_promise_and_no_other(
    plugin: Any, monkeypatch: pytest.MonkeyPatch, metrics: Mapping[str, Any], promise: str | None, said: str
) -> None:
    define(plugin, monkeypatch, metrics, Kind.QUEUE, plugin.adapter.name)
    found = broken(plugin)
    assert list(found) == ([] if promise is None else [promise])
    assert all(line.startswith(said) for line in found.values())


@pytest.mark.parametrize("change", [{"names": ()}, {"names": ("",)}, {"address": "their wiki"}])
def test_a_meaning_without_a_source_breaks_a_promise(
    plugin: Any, monkeypatch: pytest.MonkeyPatch, change: Mapping[str, Any]
) -> None:
    source = plugin.definitions.QUEUE["window.handle"].source.model_copy(update=change)
    define(plugin, monkeypatch, {"window.handle": {"source": source}}, Kind.QUEUE, plugin.adapter.name)
    assert broken(plugin)[WHOLE].startswith("queue window.handle: which fields of the vendor")


@pytest.mark.parametrize(("kind", "vendor"), [(Kind.QUEUE, "another"), (Kind.WORKFLOW, "planted")])
def test_the_meaning_of_what_is_not_its_own_breaks_a_promise(
    plugin: Any, monkeypatch: pytest.MonkeyPatch, kind: Kind, vendor: str
) -> None:
    define(plugin, monkeypatch, {}, kind, vendor)
    assert KINDS in broken(plugin)


def test_definitions_made_for_every_question_break_a_promise(plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def anew(*given: Any) -> Mapping[Kind, Definitions]:
        return {Kind.QUEUE: Definitions.declare(plugin.adapter.name, Kind.QUEUE, plugin.definitions.QUEUE)}

    monkeypatch.setattr(type(plugin.adapter), "definitions", anew)
    assert list(broken(plugin)) == [CHEAP]


def test_an_adapter_that_defines_nothing_has_nothing_to_keep(plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(plugin.adapter), "meaning", {})
    assert broken(plugin) == {MISREAD: "skipped: it says of no number what it means"}
