"""The promises of an adapter that can be kept without an account: registration, options, secrets, table."""

from __future__ import annotations

import re
import typing
from typing import Any

import pytest

from ccstats.adapter import API_VERSION, Absence
from ccstats.config import Secret, SourceOptions, validate
from ccstats.errors import ConfigError
from ccstats.registry import ADAPTERS, FACES, installed, load, load_adapter
from ccstats.testing.honesty import declared, metric_paths
from ccstats.testing.terms import GIVEN, Terms

NAME = re.compile(r"[a-z][a-z0-9_-]*")
CANARY = "canary-" + "c0ffee" * 5


class Declaring(Terms):
    """What an adapter says of itself."""

    def test_it_is_registered_under_its_name_by_one_distribution(self) -> None:
        name = self.adapter.name
        assert NAME.fullmatch(name), f"{name!r}: small letters, digits, - and _"
        assert name in installed(ADAPTERS), f"no entry point {name!r} in the group {ADAPTERS!r}: is it installed?"
        assert type(load_adapter(name)) is type(self.adapter)

    def test_its_face_is_registered_under_the_same_name(self) -> None:
        assert self.face.name == self.adapter.name
        if self.adapter.name in installed(FACES):
            assert load(self.adapter.name, FACES)().name == self.adapter.name

    def test_it_is_written_for_this_version_of_the_plugin_api(self) -> None:
        assert self.adapter.api_version == API_VERSION

    def test_its_options_extend_those_of_every_source(self) -> None:
        assert issubclass(self.adapter.options, SourceOptions)
        assert self.adapter.options.model_config.get("extra") == "forbid"
        assert self.adapter.options.model_config.get("frozen") is True

    def test_its_example_is_valid(self) -> None:
        assert self.adapter.example["adapter"] == self.adapter.name
        assert validate(self.adapter.options, self.adapter.example).adapter == self.adapter.name

    def test_an_unknown_option_is_refused_by_name(self) -> None:
        with pytest.raises(ConfigError) as caught:
            validate(self.adapter.options, {**self.adapter.example, "no_such_option": 1})
        assert caught.value.key == "no_such_option"

    def test_a_required_option_that_is_missing_is_named(self) -> None:
        required = [name for name, field in self.adapter.options.model_fields.items() if field.is_required()]
        for name in set(required) & set(self.adapter.example):
            with pytest.raises(ConfigError) as caught:
                validate(self.adapter.options, {k: v for k, v in self.adapter.example.items() if k != name})
            assert caught.value.key == name

    def test_options_for_another_adapter_are_refused(self) -> None:
        with pytest.raises(ConfigError):
            validate(self.adapter.options, {**self.adapter.example, "adapter": "another"})

    def test_every_secret_is_declared_and_every_declared_secret_is_one(self) -> None:
        hints = typing.get_type_hints(self.adapter.options, include_extras=False)
        secret = {name for name in self.adapter.options.model_fields if _is_secret(hints[name])}
        assert secret == set(self.adapter.options.secrets)

    def test_no_secret_is_in_the_text_of_its_options(self) -> None:
        given = {**self.adapter.example, **dict.fromkeys(self._secrets_of_the_example(), CANARY)}
        options = validate(self.adapter.options, given)
        assert CANARY not in f"{options!r} {options} {options.model_dump()!r} {options.model_dump_json()}"

    def test_its_table_speaks_for_every_metric(self) -> None:
        leaves = {path for path, more in metric_paths().items() if not more}
        for kind, table in self.adapter.abilities.items():
            assert table.keys() - metric_paths().keys() == set(), f"{kind}: no such metrics"
            assert {path for path in leaves if declared(path, table) is None} == set(), f"{kind}: not declared"

    def test_its_table_says_where_from_or_why_not(self) -> None:
        for kind, table in self.adapter.abilities.items():
            for path, ability in table.items():
                if ability.support in GIVEN:
                    assert ability.origin, f"{kind} {path} names no field of the vendor"
                else:
                    assert ability.note, f"{kind} {path} says not why"
                    assert ability.absence is Absence.UNKNOWN, f"{kind} {path} is never there to be absent"

    def test_every_exemption_has_a_reason_and_a_metric(self) -> None:
        for path, reason in self.exempt.items():
            assert reason.strip(), f"{path} is excused without a reason"
            assert path.rpartition(":")[2] in metric_paths(), f"{path} is no metric"

    def _secrets_of_the_example(self) -> list[str]:
        return [name for name in self.adapter.options.secrets if name in self.adapter.example]


def _is_secret(annotation: Any) -> bool:
    return annotation is Secret or any(_is_secret(part) for part in typing.get_args(annotation))
