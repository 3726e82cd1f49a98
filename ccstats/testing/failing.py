"""The promises for bad days: refusals, spent limits, broken answers, cancellation. Each costs what it touches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import pytest

from ccstats.adapter import Absence
from ccstats.errors import AccessError, RateLimitedError, VendorError
from ccstats.model import Kind, Snapshot, Target
from ccstats.testing.declaring import CANARY
from ccstats.testing.honesty import declared, known, unexplained
from ccstats.testing.stand import MOST_BYTES, Stand
from ccstats.testing.terms import Terms

PATIENCE: Final = 5
"""Requests that a refused credential may cost."""
BROKEN: Final = {
    "empty": b"",
    "a page": b"<html><body>busy</body></html>",
    "no text": b"\xff\xfe\x00",
    "cut off": b'{"a": [1, 2',
    "deep": b"[" * 50_000,
    "null": b"null",
    "a list": b"[]",
    "a number": b"17",
    "a text": b'"x"',
    "too long": b'{"x": "' + b"x" * MOST_BYTES + b'"}',
}
BENT: Final[dict[str, Any]] = {
    "null": None,
    "negative": -1,
    "text": "x",
    "true": True,
    "a list": [],
    "an object": {},
    "absurd": 10**30,
}
OF_ITS_OWN: Final = {"start", "end", "threshold", "comparator"}
"""What a reading knows without an answer: the window that was asked for, the threshold that was set."""


class Failing(Terms):
    """What an adapter does where something goes wrong."""

    def test_wrong_credentials_are_an_access_error_after_few_requests(self) -> None:
        async def promise(account: Stand) -> None:
            with pytest.raises(AccessError) as caught:
                await account.discover()
            assert account.world.requests.total <= PATIENCE
            assert CANARY not in f"{caught.value} {caught.value!r} {vars(caught.value)!r}"

        for wrong in self._wrong():
            self.try_on(promise, **wrong)

    def test_no_secret_is_logged_or_told(self, caplog: pytest.LogCaptureFixture) -> None:
        async def promise(account: Stand) -> None:
            with suppress(VendorError):
                await account.discover()
            assert CANARY not in f"{account.source!r} {vars(account.source)!r} {account.source.notes}"

        with caplog.at_level(logging.DEBUG):
            for wrong in self._wrong():
                self.try_on(promise, **wrong)
        assert CANARY not in caplog.text

    def test_a_spent_limit_is_a_rate_limited_error_that_pauses_the_budget(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            account.world.faults.add(self.throttled)
            for batch in {batch.budget: batch for batch in batches}.values():
                for reading in await account.read(batch):
                    assert isinstance(reading.error, RateLimitedError), f"{batch.key}: {reading.error!r}"
                assert batch.budget in account.toolbox.metered, f"{batch.budget} is not the budget that was spent"
                assert account.toolbox.metered[batch.budget].paused_for() > 0
            assert account.bugs == []

        self.try_on(promise)

    def test_requests_are_let_out_by_the_budget_that_the_batch_names(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            for batch in batches:
                account.world.requests.forget()
                before = {key: budget.spent for key, budget in account.toolbox.metered.items()}
                await account.read(batch)
                assert batch.budget in account.toolbox.metered, f"{batch.key} spends nothing of its budget"
                spent = account.toolbox.metered[batch.budget].spent - before.get(batch.budget, 0)
                assert 0 < spent <= account.world.requests.total, f"{batch.key} spends {spent} of its budget"
                assert account.source.traffic.requests >= account.world.requests.total

        self.try_on(promise)

    def test_two_sources_of_one_account_share_its_budgets(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            await account.read(*batches)
            alone = set(account.toolbox.metered)
            async with self.adapter.open("twin", account.options, account.toolbox) as twin:
                await twin.discover()
                for batch in batches:
                    await twin.read(batch)
            assert set(account.toolbox.metered) == alone

        self.try_on(promise)

    def test_one_refused_batch_costs_the_others_nothing(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            account.fault(status=500, times=1)
            first, *others = [await account.read(batch) for batch in batches]
            assert any(one.error is not None for one in first) or any(one.gaps for one in first)
            assert [one.error for readings in others for one in readings if one.error] == []
            assert account.bugs == []

        self.try_on(promise)

    def test_a_target_that_discovery_did_not_see_gets_no_numbers_and_costs_the_others_nothing(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            for batch in batches:
                if batch.targets[-1].kind is Kind.WORKSPACE:
                    continue  # a site or account as a whole is not asked for by its id
                ghost = batch.targets[-1].model_copy(update={"id": "no-such-id", "name": "nobody"})
                readings = await account.read(replace(batch, targets=(*batch.targets[:-1], ghost)))
                assert account.bugs == []
                for snapshot in account.merged(readings):
                    self._check_ghost(snapshot, ghost)

        self.try_on(promise)

    @pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
    def test_a_broken_answer_is_an_error_or_a_reason_and_never_a_number(self, body: bytes) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            account.fault(status=200, body=body, headers={"Content-Type": "application/json"})
            for batch in batches:
                for snapshot in account.merged(await account.read(batch)):
                    assert unexplained(snapshot) == []
                    assert _told(snapshot) == set(), f"{batch.key} tells numbers"
            assert account.bugs == []

        self.try_on(promise)

    def test_what_is_absent_is_zero_only_where_the_table_says_so(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            account.fault(status=200, body=b"{}", headers={"Content-Type": "application/json"})
            for snapshot in account.merged(await account.read(*batches)):
                table = self.adapter.abilities[snapshot.target.kind]
                entries = {path: table.get(declared(path, table) or "") for path in _told(snapshot)}
                wrong = {path for path, entry in entries.items() if entry is None or entry.absence is not Absence.ZERO}
                assert wrong == set(), f"{snapshot.target.kind}: told of an answer with nothing in it"
                assert unexplained(snapshot) == []
            assert account.bugs == []

        self.try_on(promise)

    @pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
    def test_discovery_fails_as_a_vendor_does_or_finds_nothing(self, body: bytes) -> None:
        async def promise(account: Stand) -> None:
            account.fault(status=200, body=body, headers={"Content-Type": "application/json"})
            with suppress(VendorError):
                assert await account.discover() == ()

        self.try_on(promise)

    @pytest.mark.parametrize("value", BENT.values(), ids=BENT.keys())
    def test_fields_of_a_wrong_kind_are_unknown_and_cost_nobody_else_anything(self, value: object) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            for twist in (_numbers(value), _every(value)):
                account.face.twist = twist
                for snapshot in account.merged(await account.read(*batches)):
                    assert unexplained(snapshot) == []
                    assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot
            assert account.bugs == []

        self.try_on(promise)

    def test_a_redirect_is_not_followed(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            account.fault(status=302, headers={"Location": "http://127.0.0.1:9/elsewhere"})
            readings = await account.read(batches[0])
            assert readings
            assert all(isinstance(one.error, VendorError) for one in readings)
            assert account.bugs == []

        self.try_on(promise)

    def test_a_read_can_be_cancelled_and_leaves_nothing_behind(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            account.fault(delay_s=3600.0)
            before = asyncio.all_tasks()
            reading = asyncio.ensure_future(account.source.read(batches[0]))
            while not account.world.requests.counts.total():  # noqa: ASYNC110 - a face has no event for that
                await asyncio.sleep(0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            account.world.faults.clear()
            # With one request in flight at most, this ends only if the cancelled one has given back its slot.
            assert all(one.error is None for one in await account.read(batches[0]))
            assert {task for task in asyncio.all_tasks() - before if "ccstats" in repr(task.get_coro())} == set()

        self.try_on(promise, limits={"concurrency": 1})

    def _wrong(self) -> list[dict[str, Any]]:
        """Options with one wrong secret each, of those with which the face is read."""

        async def configured(account: Stand) -> list[str]:
            table = account.face.configuration("http://127.0.0.1", account.world)
            return [name for name in self.adapter.options.secrets if name in table]

        names = self.try_on(configured)
        assert names, "the face is read without any secret"
        return [{name: CANARY} for name in names]

    def _check_ghost(self, snapshot: Snapshot, ghost: Target) -> None:
        if snapshot.target.key == ghost.key:
            assert _told(snapshot) == set(), "numbers of a target that does not exist"
        else:
            families = [snapshot.realtime, *snapshot.windows.values()]
            assert [one.error for one in families if one is not None and one.error] == []


def _told(snapshot: Snapshot) -> set[str]:
    return {path for path in known(snapshot) if path.rpartition(".")[2] not in OF_ITS_OWN}


def _numbers(value: object) -> Callable[[Any], Any]:
    """Every number of an answer replaced."""

    def bend(body: Any) -> Any:
        if isinstance(body, dict):
            return {key: bend(item) for key, item in body.items()}
        if isinstance(body, list):
            return [bend(item) for item in body]
        return value if isinstance(body, int | float) and not isinstance(body, bool) else body

    return bend


def _every(value: object) -> Callable[[Any], Any]:
    """Every member of the innermost objects replaced, whatever it was."""

    def bend(body: Any) -> Any:
        if isinstance(body, list):
            return [bend(item) for item in body]
        if isinstance(body, dict) and any(isinstance(item, dict | list) for item in body.values()):
            return {key: bend(item) if isinstance(item, dict | list) else item for key, item in body.items()}
        return dict.fromkeys(body, value) if isinstance(body, dict) else body

    return bend
