"""Definitions: what travels with a number, and how far two numbers of one name compare."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ccstats
from ccstats.adapter import defined
from ccstats.config import Secret
from ccstats.metrics import CATALOG
from ccstats.model import (
    AbandonRule,
    Comparability,
    Comparison,
    CountedUnit,
    Definitions,
    HandlePart,
    Kind,
    MetricDefinition,
    Origin,
    Population,
    ServiceLevel,
    Snapshot,
    Target,
    TimeBasis,
    Told,
    WaitStart,
    Window,
    comparable,
    definitions_of,
)
from ccstats_genesys import GenesysOptions
from ccstats_genesys import adapter as genesys
from ccstats_genesys.plan import Learned
from ccstats_twilio import TwilioOptions
from ccstats_twilio import adapter as twilio

EIGHT = {
    "realtime.waiting",
    "realtime.longest_wait",
    "realtime.agents.available",
    "realtime.agents.busy",
    "window.wait",
    "window.speed_of_answer",
    "window.abandoned",
    "window.service_levels",
}
SECRET = Secret("x")


def of_twilio(**options: Any) -> Any:
    return twilio.definitions(TwilioOptions(account_sid="AC" + "0" * 32, auth_token=SECRET, **options), None)


def of_genesys(learned: object = None, **options: Any) -> Any:
    given = GenesysOptions(region="us-east-1", client_id="c", client_secret=SECRET, **options)
    return genesys.definitions(given, learned)


def test_both_vendors_define_what_is_most_misread() -> None:
    assert of_twilio()[Kind.QUEUE].metrics.keys() >= EIGHT
    assert EIGHT | {"window.handle"} == of_genesys()[Kind.QUEUE].metrics.keys()


@pytest.mark.parametrize("declared", [of_twilio(), of_twilio(detail="totals"), of_genesys(), of_genesys(api="stats")])
def test_definitions_are_of_metrics_that_exist_and_name_their_source(declared: Any) -> None:
    for kind, one in declared.items():
        assert one.kind is kind
        for name, definition in one.metrics.items():
            assert name in CATALOG or name == "window.service_levels"
            assert definition.source.names
            assert definition.source.address.startswith(("https://", "/api/"))


def test_asking_again_gives_the_same_object() -> None:
    assert of_twilio()[Kind.QUEUE] is of_twilio()[Kind.QUEUE]
    assert of_genesys()[Kind.QUEUE] is of_genesys()[Kind.QUEUE]


def test_options_that_change_the_meaning_change_the_definition() -> None:
    usual, entered = of_twilio()[Kind.QUEUE], of_twilio(longest_wait="since_queue_entry")[Kind.QUEUE]
    assert usual.metrics["realtime.longest_wait"].wait_starts_at is WaitStart.TASK_CREATED
    assert entered.metrics["realtime.longest_wait"].wait_starts_at is WaitStart.QUEUE_ENTERED
    assert usual.id != entered.id
    totals = of_twilio(detail="totals")[Kind.QUEUE].metrics
    assert totals["window.speed_of_answer"].wait_starts_at is WaitStart.TASK_CREATED
    assert "window.service_levels" not in totals


def test_the_api_that_answers_decides_what_the_numbers_mean() -> None:
    instead = of_genesys(Learned(stats=True))
    assert instead == of_genesys(api="stats")
    assert instead[Kind.QUEUE].metrics["window.wait"].population is Population.UNKNOWN
    assert of_genesys(Learned(stats=True), api="observations") == of_genesys()


def test_definitions_are_hashable_and_read_back_equal() -> None:
    for one in (of_twilio()[Kind.QUEUE], of_genesys()[Kind.QUEUE]):
        assert Definitions.model_validate_json(one.model_dump_json()) == one
        assert len({*one.metrics.values()}) == len(one.metrics)


def test_a_definition_is_reached_from_a_snapshot() -> None:
    target = Target(source="us", vendor="twilio", kind=Kind.QUEUE, id="WQ1")
    one = Snapshot(target=target, definitions=of_twilio()[Kind.QUEUE].id)
    read = Snapshot.model_validate_json(one.model_dump_json())
    found = read.definition("window.speed_of_answer")
    assert found is not None
    assert found.wait_starts_at is WaitStart.QUEUE_ENTERED
    assert read.definition("window.nonsense") is None
    assert Snapshot(target=target).definition("window.wait") is None


def test_definitions_of_a_json_line_are_found_once_remembered() -> None:
    text = of_twilio()[Kind.QUEUE].model_dump(mode="json") | {"id": "acme:queue:1"}
    assert definitions_of("acme:queue:1") is None
    read = Definitions.model_validate_json(json.dumps(text))
    read.remember()
    assert definitions_of("acme:queue:1") is read


def test_an_adapter_that_defines_nothing_is_compared_with_nothing() -> None:
    class Bare:
        name = "bare"

    assert defined(Bare(), None, None) == {}  # type: ignore[arg-type]  # as an older plugin might be
    target = Target(source="us", vendor="bare", kind=Kind.QUEUE, id="1")
    found = comparable(Snapshot(target=target), of_twilio()[Kind.QUEUE], "window.wait")
    assert found == Comparison(verdict=Comparability.NOT_COMPARABLE, detail="bare has no definition of window.wait")


@pytest.mark.parametrize(
    ("metric", "verdict", "differing"),
    [
        ("realtime.waiting", Comparability.APPROXIMATE, {"ring_included", "unit_of_count"}),
        ("realtime.longest_wait", Comparability.APPROXIMATE, {"wait_starts_at", "ring_included", "unit_of_count"}),
        ("window.speed_of_answer", Comparability.APPROXIMATE, {"unit_of_count", "retroactive"}),
        ("window.handle", Comparability.NOT_COMPARABLE, set()),
    ],
)
def test_the_two_vendors_compare_as_far_as_their_definitions_do(metric: str, verdict: Any, differing: Any) -> None:
    found = ccstats.comparable(of_twilio()[Kind.QUEUE], of_genesys()[Kind.QUEUE], metric)
    assert found.verdict is verdict
    assert set(found.differing) == differing


def test_service_levels_at_unlike_thresholds_are_not_comparable() -> None:
    def at(seconds: int) -> Snapshot:
        level = ServiceLevel(threshold=timedelta(seconds=seconds), met=1, missed=0)
        target = Target(source="us", vendor="twilio", kind=Kind.QUEUE, id=f"WQ{seconds}")
        windows = {"30m": Window(service_levels=(level,))}
        return Snapshot(target=target, windows=windows, definitions=of_twilio()[Kind.QUEUE].id)

    assert comparable(at(20), at(20), "window.service_levels").verdict is Comparability.EXACT
    found = comparable(at(20), at(30), "window.service_levels")
    assert (found.verdict, found.differing) == (Comparability.NOT_COMPARABLE, ("threshold",))
    assert found.detail == "threshold: 20 s / 30 s"


definitions = st.builds(
    MetricDefinition,
    population=st.sampled_from([Population.ANSWERED, Population.OFFERED, Population.UNKNOWN]),
    ring_included=st.none() | st.sampled_from(Told),
    handle_parts=st.none() | st.just(()) | st.just((HandlePart.TALK,)),
    unit_of_count=st.sampled_from([CountedUnit.CONTACT, CountedUnit.UNKNOWN]),
    time_basis=st.just(TimeBasis.ANSWER),
    retroactive=st.sampled_from(Told),
    origin=st.sampled_from(Origin),
    source=st.just(next(iter(of_genesys()[Kind.QUEUE].metrics.values())).source),
)


def declared(vendor: str, definition: MetricDefinition) -> Definitions:
    return Definitions(id=f"{vendor}:x", vendor=vendor, kind=Kind.QUEUE, metrics={"window.wait": definition})


@settings(max_examples=100, deadline=None)
@given(definitions, definitions)
def test_comparing_is_symmetric_and_exact_only_where_nothing_differs(one: Any, other: Any) -> None:
    mine, theirs = declared("a", one), declared("b", other)
    there, back = comparable(mine, theirs, "window.wait"), comparable(theirs, mine, "window.wait")
    assert (there.verdict, there.differing) == (back.verdict, back.differing)
    assert comparable(mine, mine, "window.wait").verdict is Comparability.EXACT
    if there.verdict is Comparability.EXACT and one != other:
        assert "unknown" not in {one.population, one.ring_included, one.unit_of_count, one.retroactive}
    if {one.population, other.population} == {Population.ANSWERED, Population.OFFERED}:
        assert there.verdict is Comparability.NOT_COMPARABLE
        assert "population: " in there.detail


def test_another_treatment_of_abandoned_contacts_is_not_comparable() -> None:
    level = of_twilio()[Kind.QUEUE].metrics["window.service_levels"]
    against, ignored = (
        declared(rule.value, level.model_copy(update={"abandon_rule": rule}))
        for rule in (AbandonRule.COUNT_AGAINST, AbandonRule.EXCLUDE_ALL)
    )
    found = comparable(against, ignored, "window.wait")
    assert found.verdict is Comparability.NOT_COMPARABLE
    assert "abandon_rule" in found.differing
