"""The promises of `plan`: pure, stable, complete, and true about what it costs."""

from __future__ import annotations

import socket
from collections import Counter
from dataclasses import FrozenInstanceError
from typing import Any, NoReturn

import pytest

from ccstats.adapter import Batch, Want
from ccstats.config import SourceOptions, WindowSpec, validate
from ccstats.model import Family, Target
from ccstats.testing.stand import NAME, Stand
from ccstats.testing.terms import Terms

MANY = 250


class Planning(Terms):
    """How an adapter plans."""

    def test_a_plan_needs_no_account_no_loop_and_no_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*given: Any, **named: Any) -> NoReturn:
            raise AssertionError("plan() does I/O")

        options, want = self._forecast(MANY)
        with monkeypatch.context() as patch:
            patch.setattr(socket, "socket", refuse)
            patch.setattr("builtins.open", refuse)
            assert self.adapter.plan(options, want, None)

    def test_the_same_question_gets_the_same_plan(self) -> None:
        options, want = self._forecast(MANY)
        assert self.adapter.plan(options, want, None) == self.adapter.plan(options, want, None)

    def test_batches_have_keys_of_their_own(self) -> None:
        options, want = self._forecast(MANY)
        keys = Counter(batch.key for batch in self.adapter.plan(options, want, None))
        assert [key for key, number in keys.items() if number > 1] == []

    def test_batches_are_frozen_values(self) -> None:
        options, want = self._forecast(1)
        with pytest.raises(FrozenInstanceError):
            self.adapter.plan(options, want, None)[0].requests = 0  # type: ignore[misc]  # is what must not work

    def test_nothing_wanted_is_nothing_planned(self) -> None:
        options, want = self._forecast(0)
        assert self.adapter.plan(options, want, None) == []

    def test_every_target_is_read_in_every_family_exactly_once(self) -> None:
        options, want = self._forecast(MANY)
        first = covered(self.adapter.plan(options, want, None))
        assert {number for number in first.values() if number > 1} == set(), "a target is read twice"
        families = {(target, window) for target, window in first}
        asked = {self.window}
        named = {window for _, window in families if window is not None}
        for target in want.targets:
            assert (target.key, None) in first or self._no_realtime(target), f"{target.key} is never read"
            if asked & named:
                assert (target.key, self.window) in first, f"{target.key} has no window"

    def test_only_the_wanted_families_are_read(self) -> None:
        options, want = self._forecast(3)
        only = Want(want.targets, frozenset({Family.REALTIME}), want.windows)
        assert {batch.family for batch in self.adapter.plan(options, only, None)} == {Family.REALTIME}

    def test_every_batch_says_what_it_costs(self) -> None:
        options, want = self._forecast(MANY)
        for batch in self.adapter.plan(options, want, None):
            assert batch.requests >= 0
            assert batch.budget, f"{batch.operation} names no budget"
            assert batch.limit is not None, f"{batch.operation} names no limit"

    def test_a_forecast_is_what_is_then_read(self) -> None:
        async def promise(account: Stand) -> None:
            targets = await account.discover()
            want = Want(targets, frozenset(Family), (WindowSpec.parse(self.window),))
            forecast = self.adapter.plan(account.options, want, None)
            assert [one.key for one in forecast] == [one.key for one in account.plan(targets, self.window)]

        self.try_on(promise)

    def test_a_batch_sends_no_more_than_it_says(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            for batch in batches:
                account.world.requests.forget()
                await account.read(batch)
                assert account.world.requests.total <= batch.requests, f"{batch.key} says {batch.requests}"

        self.try_on(promise)

    def _forecast(self, number: int) -> tuple[SourceOptions, Want]:
        options = validate(self.adapter.options, {**self.adapter.example, **self.options})
        targets = tuple(
            Target(source=NAME, vendor=self.adapter.name, kind=kind, scope="scope", id=f"{kind.value}-{index}")
            for kind in self.kinds
            for index in range(number)
        )
        return options, Want(targets, frozenset(Family), (WindowSpec.parse(self.window),))

    def _no_realtime(self, target: Target) -> bool:
        table = self.adapter.abilities[target.kind]
        return not any(path.startswith("realtime") and ability.origin for path, ability in table.items())


def covered(batches: list[Batch]) -> Counter[tuple[str, str | None]]:
    """How often a target is read in a family: its key, and the window's name or None."""
    found: Counter[tuple[str, str | None]] = Counter()
    for batch in batches:
        for target in batch.targets:
            found[target.key, None if batch.family is Family.REALTIME else _window(batch)] += 1
            if batch.family is Family.REALTIME and batch.window is not None:
                found[target.key, _window(batch)] += 1
    return found


def _window(batch: Batch) -> str:
    return batch.window.name if batch.window is not None else ""
