"""The contract suite is worth its name: every planted fault breaks a promise.

That none breaks without a fault is seen where the plugin runs its own tests (tests/e2e/test_plugins.py).
"""

import asyncio
import inspect
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import random
from typing import Any

import pytest

from ccstats import lenient
from ccstats.adapter import Ability, Batch, HttpSource, Reading
from ccstats.errors import BrokenAnswerError, UnavailableError, VendorError
from ccstats.model import Kind
from ccstats.testing import AdapterContract

Plant = Callable[[Any, pytest.MonkeyPatch], None]
FAULTS: dict[str, tuple[str, Plant]] = {}


def breaks(promise: str) -> Callable[[Plant], Plant]:
    """A fault, by the promise that it breaks."""

    def note(plant: Plant) -> Plant:
        assert promise in dir(AdapterContract)
        FAULTS[plant.__name__] = promise, plant
        return plant

    return note


def contract(plugin: Any) -> Any:
    """The plugin's contract, as its own test file has it."""

    class Contract(AdapterContract):
        adapter = plugin.adapter
        face = plugin.face.PlantedFace()
        settings = {"requests_per_minute": 1_000_000}

    return Contract()


def declare(plugin: Any, patch: pytest.MonkeyPatch, path: str, ability: Ability | None) -> None:
    table = dict(plugin.adapter.abilities[Kind.QUEUE])
    del table[path]
    if ability is not None:
        table[path] = ability
    patch.setattr(type(plugin.adapter), "abilities", {Kind.QUEUE: table})


@breaks("test_what_is_declared_has_a_value_and_what_has_a_value_is_declared")
def an_ability_without_a_value(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    declare(plugin, patch, "window.talk", Ability.full("talk_seconds"))


@breaks("test_what_is_declared_has_a_value_and_what_has_a_value_is_declared")
def a_value_without_an_ability(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    declare(plugin, patch, "window.offered", Ability.unsupported("there is none"))


@breaks("test_its_table_speaks_for_every_metric")
def a_metric_that_nobody_speaks_for(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    declare(plugin, patch, "window.reservations", None)


@breaks("test_its_table_says_where_from_or_why_not")
def an_ability_without_an_origin(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    declare(plugin, patch, "window.offered", Ability.full(""))


@breaks("test_numbers_and_units_are_those_of_the_center")
def milliseconds_for_seconds(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lenient, "total_seconds", lenient.total_milliseconds)


@breaks("test_a_target_that_discovery_did_not_see_gets_no_numbers_and_costs_the_others_nothing")
def ids_that_nobody_has_seen(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(HttpSource, "read", lambda self, batch: self.read_seen(batch))


@breaks("test_a_broken_answer_is_an_error_or_a_reason_and_never_a_number")
def a_broken_answer_taken_for_zeros(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    count, realtime = lenient.count, plugin.parse.realtime
    patch.setattr(lenient, "count", lambda value: count(value) or 0)
    patch.setattr(plugin.parse, "realtime", lambda row, at: realtime(row or {}, at))
    decode = lenient.decode

    def forgiving(body: bytes, shape: Any) -> Any:
        try:
            return decode(body, shape)
        except BrokenAnswerError:
            return shape()

    patch.setattr(lenient, "decode", forgiving)


@breaks("test_what_is_absent_is_zero_only_where_the_table_says_so")
def an_absent_field_taken_for_zero(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    count, realtime = lenient.count, plugin.parse.realtime
    patch.setattr(lenient, "count", lambda value: count(value) or 0)
    patch.setattr(plugin.parse, "realtime", lambda row, at: realtime(row or {}, at))


@breaks("test_every_none_has_a_reason_and_every_reason_a_none")
def a_reason_for_a_value(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    realtime = plugin.parse.realtime
    patch.setattr(plugin.parse, "realtime", lambda row, at: (realtime(row, at)[0], {"waiting": plugin.parse.NOBODY}))


@breaks("test_fields_of_a_wrong_kind_are_unknown_and_cost_nobody_else_anything")
def a_bug_in_the_parser(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lenient, "count", lambda value: int(value))


@breaks("test_the_same_question_gets_the_same_plan")
def a_plan_that_throws_dice(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    plan = plugin.adapter.plan
    patch.setattr(type(plugin.adapter), "plan", lambda *given: sorted(plan(*given[1:]), key=lambda _: random()))


@breaks("test_a_plan_needs_no_account_no_loop_and_no_network")
def a_plan_that_reads_a_file(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    plan = plugin.adapter.plan

    def looks(self: Any, *given: Any) -> list[Batch]:
        with open(__file__) as file:  # noqa: PTH123 - the door that the promise watches
            assert file.readline()
        found: list[Batch] = plan(*given)
        return found

    patch.setattr(type(plugin.adapter), "plan", looks)


@breaks("test_every_target_is_read_in_every_family_exactly_once")
def a_target_that_is_left_out(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    plan = plugin.adapter.plan
    patch.setattr(type(plugin.adapter), "plan", lambda self, *given: plan(*given)[:-1])


@breaks("test_requests_are_let_out_by_the_budget_that_the_batch_names")
def requests_past_the_budget(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(HttpSource, "budgets", lambda *given: ())


@breaks("test_a_batch_sends_no_more_than_it_says")
def one_request_too_many(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    read = plugin.source.PlantedSource.read_seen

    async def twice(self: Any, batch: Batch) -> list[Reading]:
        await read(self, batch)
        readings: list[Reading] = await read(self, batch)
        return readings

    patch.setattr(plugin.source.PlantedSource, "read_seen", twice)


@breaks("test_a_spent_limit_is_a_rate_limited_error_that_pauses_the_budget")
def a_spent_limit_taken_for_an_outage(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(plugin.adapter.dialect), "fault", lambda *given: UnavailableError("out"))


@breaks("test_wrong_credentials_are_an_access_error_after_few_requests")
def refused_credentials_taken_for_an_outage(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(plugin.adapter.dialect), "means", {"401": 503})
    patch.setattr(type(plugin.adapter.dialect), "code", lambda *given: "401")


@breaks("test_a_read_can_be_cancelled_and_leaves_nothing_behind")
def a_cancellation_that_is_swallowed(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    read = plugin.source.PlantedSource.read_seen

    async def deaf(self: Any, batch: Batch) -> list[Reading]:
        try:
            readings: list[Reading] = await read(self, batch)
            return readings
        except asyncio.CancelledError:
            return []

    patch.setattr(plugin.source.PlantedSource, "read_seen", deaf)


@breaks("test_every_target_of_a_batch_has_one_reading_per_family")
def a_reading_that_is_missing(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    readings = HttpSource.readings
    patch.setattr(HttpSource, "readings", lambda *given: readings(*given)[:-1])


@breaks("test_readings_say_when_their_numbers_were_true")
def numbers_of_the_epoch(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    readings = HttpSource.readings
    old = datetime(1970, 1, 1, tzinfo=UTC)
    patch.setattr(HttpSource, "readings", lambda self, batch, at, rows, read: readings(self, batch, old, rows, read))


@breaks("test_every_secret_is_declared_and_every_declared_secret_is_one")
def a_secret_that_is_not_declared(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plugin.config.PlantedOptions, "secrets", ())


@breaks("test_no_secret_is_logged_or_told")
def a_secret_in_the_log(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    headers = plugin.config.Bearer.headers

    async def chatty(self: Any) -> Any:
        found = await headers(self)
        logging.getLogger("planted").debug("sending %s", found)
        return found

    patch.setattr(plugin.config.Bearer, "headers", chatty)


@breaks("test_it_is_written_for_this_version_of_the_plugin_api")
def another_plugin_api(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(plugin.adapter), "api_version", 2)


@breaks("test_its_options_extend_those_of_every_source")
def options_of_its_own(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(plugin.adapter), "options", dict)


@breaks("test_opening_sends_nothing")
def a_request_at_opening(plugin: Any, patch: pytest.MonkeyPatch) -> None:
    opened = plugin.adapter.open

    @asynccontextmanager
    async def eager(self: Any, *given: Any) -> AsyncGenerator[Any]:
        async with opened(*given) as source:
            await source.discover()
            yield source

    patch.setattr(type(plugin.adapter), "open", eager)


def run(plugin: Any, promise: str, request: pytest.FixtureRequest) -> None:
    """Try one promise, as often as it has parameters."""
    test = getattr(contract(plugin), promise)
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    fixtures = [name for name in inspect.signature(test).parameters if name in ("monkeypatch", "caplog")]
    given = {name: request.getfixturevalue(name) for name in fixtures}
    for values in [{marks[0].args[0]: value} for value in marks[0].args[1]] if marks else [{}]:
        test(**values, **given)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_breaks_its_promise(
    plugin: Any, fault: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    promise, plant = FAULTS[fault]
    with monkeypatch.context() as patch:
        plant(plugin, patch)
        with pytest.raises((AssertionError, pytest.fail.Exception, VendorError)):
            run(plugin, promise, request)
