"""What the model refuses, and what it computes."""

import copy
import json
import pickle
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import FrozenInstanceError
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ccstats.model import (
    Activity,
    ActivityDuration,
    Agents,
    ChannelRealtime,
    ChannelWindow,
    ErrorInfo,
    Model,
    Realtime,
    Reservations,
    ServiceLevel,
    ServiceLevelRule,
    SourceReport,
    TimeStat,
    Window,
)
from ccstats.model.part import fields_of, table
from ccstats.model.values import MAX_COUNT, MAX_TOTAL, MAX_WAIT

COUNTS = [
    *((Agents, name) for name in fields_of(Agents)),
    *((Reservations, name) for name in fields_of(Reservations)),
    *((Realtime, name) for name in ("waiting", "offering", "in_progress", "after_call_work")),
    *((ChannelRealtime, name) for name in ("waiting", "offering", "in_progress")),
    *((Window, name) for name in ("offered", "answered", "abandoned", "short_abandoned", "handled")),
    *((Window, name) for name in ("transferred", "flowed_out")),
    *((ChannelWindow, name) for name in ("offered", "answered", "abandoned", "handled")),
    *((ServiceLevel, name) for name in ("met", "missed", "abandoned_within", "abandoned_beyond")),
    (TimeStat, "count"),
    (Activity, "agents"),
]
REPORTED = [(SourceReport, name) for name in ("targets", "failed_targets", "requests")]
WAITS = [
    (Realtime, "longest_wait"),
    (ChannelRealtime, "longest_wait"),
    (TimeStat, "min"),
    (TimeStat, "max"),
    (TimeStat, "average"),
    (ServiceLevel, "threshold"),
    *((ActivityDuration, name) for name in ("average", "min", "max")),
]
TOTALS = [(TimeStat, "sum"), (ActivityDuration, "total")]
RATIOS = [(ServiceLevel, "vendor_ratio")]
NEVER = ["-1", "NaN", "Infinity", "-Infinity", "1e999", '"10"', "true", "[]", "{}"]
"""As JSON text: what no number of the model may be."""
REQUIRED = {
    Activity: {"id": "A"},
    ActivityDuration: {"id": "A"},
    SourceReport: {"source": "us", "vendor": "acme", "status": "ok"},
}


def _taken(model: type[Model], field: str, values: Iterable[str]) -> list[str]:
    """Those of the values, given as JSON text, that a field takes in Python or in JSON."""
    taken, rest = [], REQUIRED.get(model, {})
    for value in values:
        with suppress(ValidationError):
            model.model_validate({**rest, field: json.loads(value)})
            taken.append(f"{value} in Python")
        with suppress(ValidationError):
            model.model_validate_json(json.dumps({**rest, field: "HERE"}).replace('"HERE"', value))
            taken.append(f"{value} in JSON")
    return taken


@pytest.mark.parametrize(("model", "field"), COUNTS)
def test_a_count_refuses_what_is_no_count(model: type[Model], field: str) -> None:
    assert _taken(model, field, [*NEVER, str(MAX_COUNT + 1), "1.5"]) == []


@pytest.mark.parametrize(("model", "field"), REPORTED)
def test_a_figure_of_a_report_refuses_what_is_no_count(model: type[Model], field: str) -> None:
    assert _taken(model, field, [*NEVER, "1.5"]) == []


@pytest.mark.parametrize(("model", "field"), WAITS)
def test_a_time_refuses_what_is_no_time(model: type[Model], field: str) -> None:
    assert _taken(model, field, [*NEVER, str(MAX_WAIT.total_seconds() + 1), "1e300"]) == []


@pytest.mark.parametrize(("model", "field"), TOTALS)
def test_a_sum_of_times_refuses_what_is_no_time(model: type[Model], field: str) -> None:
    assert _taken(model, field, [*NEVER, str(MAX_TOTAL.total_seconds() + 1), "1e300"]) == []


@pytest.mark.parametrize(("model", "field"), RATIOS)
def test_a_ratio_refuses_what_is_no_ratio(model: type[Model], field: str) -> None:
    assert _taken(model, field, [*NEVER, "1.01"]) == []


@pytest.mark.parametrize("value", ["NaN", "1e999", "-1e999"])
def test_the_waiting_time_of_an_error_is_a_finite_number(value: str) -> None:
    with pytest.raises(ValidationError):
        ErrorInfo.model_validate_json('{"type": "X", "message": "", "retry_after": HERE}'.replace("HERE", value))


@pytest.mark.parametrize(("model", "field"), [*COUNTS, *REPORTED])
def test_a_count_goes_from_nothing_to_ten_million(model: type[Model], field: str) -> None:
    for value in (0, MAX_COUNT):
        made = model.model_validate({**REQUIRED.get(model, {}), field: value})
        assert getattr(made, field) == value
        assert json.loads(made.model_dump_json())[field] == value


@pytest.mark.parametrize(("model", "field"), WAITS + TOTALS)
def test_a_time_is_a_timedelta_in_python_and_seconds_in_json(model: type[Model], field: str) -> None:
    rest = REQUIRED.get(model, {})
    in_python = model.model_validate({**rest, field: timedelta(minutes=1, milliseconds=500)})
    in_json = model.model_validate_json(json.dumps({**rest, field: 60.5}))
    assert in_python == in_json
    assert getattr(in_json, field) == timedelta(seconds=60.5)
    assert json.loads(in_python.model_dump_json())[field] == 60.5


def test_priorities_refuse_counts_that_are_none() -> None:
    for value in ("-1", '"10"', "true", "1e999", "1.5"):
        with pytest.raises(ValidationError):
            Realtime.model_validate_json(f'{{"waiting_by_priority": {{"0": {value}}}}}')


def test_a_refusal_does_not_repeat_what_it_refuses() -> None:
    with pytest.raises(ValidationError) as caught:
        Realtime.model_validate({"waiting": "canary in the wrong field"})
    assert "canary" not in str(caught.value)


def test_the_model_cannot_be_changed_after_the_fact() -> None:
    with pytest.raises(FrozenInstanceError):
        TimeStat(count=1).count = 2
    with pytest.raises(ValidationError, match="frozen"):
        Realtime(waiting=1).waiting = 2


counts = st.integers(0, MAX_COUNT)


@given(counts.filter(bool), st.timedeltas(timedelta(0), timedelta(days=100)))
def test_an_average_is_its_sum_over_its_count_whatever_was_claimed(count: int, total: timedelta) -> None:
    assert TimeStat(count=count, sum=total, average=timedelta(days=7)).average == total / count


def test_the_average_of_nothing_is_none_and_not_zero() -> None:
    assert TimeStat(count=0, sum=timedelta(0), average=timedelta(0)).average is None


@pytest.mark.parametrize("known", [{"count": 3}, {"sum": timedelta(seconds=3)}, {}])
def test_a_bare_average_of_a_vendor_stands_as_it_is(known: dict[str, object]) -> None:
    assert TimeStat(**known, average=timedelta(seconds=5)).average == timedelta(seconds=5)
    assert TimeStat(**known).average is None


MISS, IGNORED = ServiceLevelRule.ABANDONED_MISS, ServiceLevelRule.ABANDONED_IGNORED
WITHIN_IGNORED, WITHIN_MET = ServiceLevelRule.ABANDONED_WITHIN_IGNORED, ServiceLevelRule.ABANDONED_WITHIN_MET


@pytest.mark.parametrize(
    ("rule", "ratio", "reads"),
    [
        (MISS, 860 / 1060, 81.1),
        (IGNORED, 860 / 1000, 86.0),
        (WITHIN_IGNORED, 860 / 1040, 82.7),
        (WITHIN_MET, 880 / 1060, 83.0),
    ],
)
def test_one_day_reads_points_apart_under_four_rules(rule: ServiceLevelRule, ratio: float, reads: float) -> None:
    # 1000 answered, 860 of them within 20 s; 60 abandoned, 20 of them within 20 s.
    day = ServiceLevel(threshold=timedelta(seconds=20), met=860, missed=140, abandoned_within=20, abandoned_beyond=40)
    assert day.ratio(rule) == pytest.approx(ratio)
    assert round(100 * ratio, 1) == reads


BESIDE = {"offered"}  # what a threshold alone never tells
NEEDED = {
    ServiceLevelRule.OF_OFFERED: BESIDE,
    ServiceLevelRule.OF_OFFERED_WITHOUT_SHORT: BESIDE,
    ServiceLevelRule.WITHOUT_SHORT_ABANDONED: BESIDE,
    ServiceLevelRule.REMOVED_WITHIN: BESIDE,
    MISS: {"met", "missed", "abandoned_within", "abandoned_beyond"},
    IGNORED: {"met", "missed"},
    WITHIN_IGNORED: {"met", "missed", "abandoned_beyond"},
    WITHIN_MET: {"met", "missed", "abandoned_within", "abandoned_beyond"},
}


@pytest.mark.parametrize("rule", ServiceLevelRule)
@pytest.mark.parametrize("missing", ["met", "missed", "abandoned_within", "abandoned_beyond"])
def test_a_rule_is_silent_exactly_where_a_count_it_needs_is_missing(rule: ServiceLevelRule, missing: str) -> None:
    known = {"met": 6, "missed": 2, "abandoned_within": 1, "abandoned_beyond": 1}
    del known[missing]
    assert (ServiceLevel(**known).ratio(rule) is None) == (missing in NEEDED[rule] or NEEDED[rule] is BESIDE)


@given(counts, counts, counts, counts, st.sampled_from(ServiceLevelRule))
def test_a_service_level_is_a_share_or_nothing(met: int, missed: int, within: int, beyond: int, rule) -> None:
    level = ServiceLevel(met=met, missed=missed, abandoned_within=within, abandoned_beyond=beyond)
    ratio = level.ratio(rule)
    assert ratio is None or 0 <= ratio <= 1
    if met + missed:
        strict, kind = level.ratio(MISS), level.ratio(IGNORED)
        assert strict is not None
        assert kind is not None
        assert strict <= (ratio or 0) or rule is not WITHIN_MET
        assert strict <= kind


@pytest.mark.parametrize("rule", ServiceLevelRule)
def test_the_service_level_of_nothing_is_none(rule: ServiceLevelRule) -> None:
    assert ServiceLevel(met=0, missed=0, abandoned_within=0, abandoned_beyond=0).ratio(rule) is None


def test_a_trusted_model_is_the_one_that_validation_would_have_made() -> None:
    second = timedelta(seconds=1)
    trusted = TimeStat.of(2, 3 * second, second, 2 * second)
    validated = TimeStat(count=2, sum=3 * second, min=second, max=2 * second)

    assert trusted == validated
    assert hash(trusted) == hash(validated)
    assert trusted.model_dump_json() == validated.model_dump_json()
    assert pickle.loads(pickle.dumps(trusted)) == copy.deepcopy(trusted) == trusted.model_copy() == validated  # noqa: S301 - written a moment ago


@pytest.mark.parametrize("model", [Realtime, Window, Agents, TimeStat], ids=lambda model: model.__name__)
def test_a_trusted_model_without_values_has_every_default(model: type[Model]) -> None:
    assert model.trusted() == model()
    assert table(model.trusted()) == table(model())
    assert table(model.trusted()) is not table(model.trusted())


def test_a_trusted_model_is_as_frozen_as_any_other() -> None:
    with pytest.raises(FrozenInstanceError):
        Agents.trusted(total=1).total = 2
    with pytest.raises(ValidationError, match="frozen"):
        Window.trusted(offered=1).offered = 2


def test_a_part_answers_to_the_names_of_a_model() -> None:
    agents = Agents(total=3, busy=1)

    assert Agents.model_validate(agents.model_dump()) == agents
    assert Agents.model_validate_json(agents.model_dump_json()) == agents
    assert json.loads(agents.model_dump_json(exclude_none=True)) == {"total": 3, "busy": 1}
    with pytest.raises(ValidationError, match="total"):
        Agents.model_validate({"total": -1})


def test_models_of_two_kinds_are_never_equal() -> None:
    assert Agents() != Realtime()
    assert Agents() != table(Agents())
    assert Agents().but(total=3) == Agents(total=3) != Agents()
