"""One adapter's trouble costs only its own targets, and is said."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from ccstats.adapter import Batch, Reading
from ccstats.errors import AuthError, ConfigError, RateLimitedError, UnavailableError
from ccstats.model import Result, SourceStatus, Status, Target

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def whole(result: Result, source: str = "good") -> bool:
    """Whether everything of a source was read."""
    found = [snapshot for snapshot in result.snapshots if snapshot.target.source == source]
    fresh = [
        snapshot.realtime is not None and snapshot.realtime.waiting == 1 and set(snapshot.windows) == {"30m", "today"}
        for snapshot in found
    ]
    return fresh == [True] * 5


TROUBLES = [
    RuntimeError("bug"),
    KeyError("x"),
    TimeoutError(),
    RecursionError(),
    ExceptionGroup("several", [ValueError("x")]),
    AuthError("refused"),
    RateLimitedError("slow down"),
]


@pytest.fixture
def raising(center: type) -> Callable[[Exception, str], Any]:
    """A center that raises at one place."""

    class Raising(center):
        def __init__(self, trouble: Exception, where: str) -> None:
            super().__init__()
            self.trouble, self.where = trouble, where

        def check(self, where: str) -> None:
            if where == self.where:
                raise self.trouble

        def plan(self, *given: Any) -> Any:
            self.check("plan")
            return super().plan(*given)

        @asynccontextmanager
        async def open(self, *given: Any) -> AsyncIterator[Any]:
            self.check("open")
            async with super().open(*given) as source:
                yield source
            self.check("close")

        async def discover(self) -> Any:
            self.check("discover")
            return await super().discover()

        async def read(self, batch: Any) -> Any:
            self.check("read")
            return await super().read(batch)

    return Raising


@pytest.mark.parametrize("where", ["open", "discover", "plan", "read"])
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: type(trouble).__name__)
async def test_an_adapter_that_raises_costs_nobody_else_a_target(
    read: Any, trouble: Exception, where: str, raising: Any
) -> None:
    result = await read(raising(trouble, where))
    assert whole(result)
    good, other = result.sources
    assert (good.status, other.status) == (SourceStatus.OK, SourceStatus.FAILED)
    assert other.source == "other"
    assert other.error is not None


async def test_an_adapter_that_raises_while_closing_costs_nobody_anything(read: Any, raising: Any) -> None:
    assert whole(await read(raising(RuntimeError("bug"), "close")))


async def test_a_bug_in_an_adapter_is_logged_with_its_place_and_named_in_the_result(
    read: Any, caplog: Any, raising: Any
) -> None:
    result = await read(raising(KeyError("x"), "read"))
    assert "source other: now raised" in caplog.text
    error = result.snapshots[5].realtime.error
    assert (error.type, error.message) == ("VendorError", "the adapter raised KeyError in now")


async def test_a_failed_batch_fails_exactly_its_targets(read: Any, center: Any) -> None:
    class Broken(center):
        async def read(self, batch: Batch) -> list[Reading]:
            if batch.operation == "now" and batch.targets[0].id == "Q2":
                raise UnavailableError("down", retry_after=7)
            return await super().read(batch)

    result = await read(Broken())
    assert whole(result)
    other = {snapshot.target.id: snapshot for snapshot in result.snapshots if snapshot.target.source == "other"}
    failed = {ident for ident, snapshot in other.items() if snapshot.realtime.status is Status.FAILED}
    assert failed == {"Q2", "Q3"}
    assert all(window.status is Status.FRESH for snapshot in other.values() for window in snapshot.windows.values())
    report = result.sources[1]
    assert (report.status, report.targets, report.failed_targets, report.error) == (SourceStatus.PARTIAL, 5, 2, None)
    assert other["Q2"].realtime.error.retry_after == 7


async def test_one_bad_target_is_a_failed_reading_and_not_a_failed_batch(read: Any, center: Any) -> None:
    class Picky(center):
        def reading(self, batch: Batch, target: Target) -> Reading:
            if target.id == "Q1":
                window = batch.window.name if batch.window is not None else None
                return Reading(target, batch.family, NOW, window=window, error=UnavailableError("this one"))
            return super().reading(batch, target)

    report = (await read(Picky())).sources[1]
    assert (report.status, report.failed_targets) == (SourceStatus.PARTIAL, 1)


@pytest.mark.parametrize(
    "answer", [None, 7, [None], ["reading"], [{"target": "Q1"}]], ids=["nothing", "7", "a None", "a text", "a dict"]
)
async def test_an_adapter_that_returns_nonsense_costs_nobody_else_a_target(read: Any, answer: Any, center: Any) -> None:
    class Nonsense(center):
        async def read(self, batch: Batch) -> list[Reading]:
            return answer

    result = await read(Nonsense())
    assert whole(result)
    assert result.sources[1].status is SourceStatus.FAILED


async def test_a_reading_of_nothing_is_not_reported_as_success(read: Any, center: Any) -> None:
    class Silent(center):
        def reading(self, batch: Batch, target: Target) -> Reading:
            window = batch.window.name if batch.window is not None else None
            return Reading(target, batch.family, NOW, window=window)

    report = (await read(Silent())).sources[1]
    assert (report.status, report.failed_targets) == (SourceStatus.FAILED, 5)


@pytest.mark.parametrize("where", ["open", "discover", "read"])
async def test_a_wrong_configuration_comes_bare_and_is_never_shrugged_off(read: Any, where: str, raising: Any) -> None:
    mistake = ConfigError("no such workspace", key="workspaces")
    with pytest.raises(ConfigError) as caught:
        await read(raising(mistake, where))
    assert caught.value is mistake


async def test_sources_are_closed_also_when_one_fails(read: Any, raising: Any) -> None:
    for where in ("discover", "read"):
        other = raising(RuntimeError("bug"), where)
        await read(other)
        assert other.closed
