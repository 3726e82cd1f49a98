"""Reading a configuration once: every target of every source, in order."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ccstats.config import Config
from ccstats.model import Result, SourceStatus
from ccstats.poller import fetch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def whole(result: Result, source: str = "good") -> bool:
    """Whether everything of a source was read."""
    found = [snapshot for snapshot in result.snapshots if snapshot.target.source == source]
    fresh = [
        snapshot.realtime is not None and snapshot.realtime.waiting == 1 and set(snapshot.windows) == {"30m", "today"}
        for snapshot in found
    ]
    return fresh == [True] * 5


async def test_every_target_of_every_source_is_read_in_order(read: Any) -> None:
    result = await read()
    assert [snapshot.target.key for snapshot in result.snapshots] == [
        f"{source}:queue:Q{i}" for source in ("good", "other") for i in range(5)
    ]
    assert whole(result)
    assert whole(result, "other")
    report = result.sources[0]
    assert (report.source, report.status, report.error) == ("good", SourceStatus.OK, None)
    assert (report.targets, report.failed_targets, report.requests) == (5, 0, 9)
    assert report.notes == ("found by looking", "read through the front door")


async def test_only_what_is_selected_is_read(read: Any) -> None:
    result = await read(only=lambda target: target.source == "good" and target.id in ("Q1", "Q3"))
    assert [snapshot.target.key for snapshot in result.snapshots] == ["good:queue:Q1", "good:queue:Q3"]
    assert [(report.targets, report.status) for report in result.sources] == [
        (2, SourceStatus.OK),
        (0, SourceStatus.OK),
    ]


async def test_select_is_applied_by_the_core(install_adapters: Callable[..., None], center: Any) -> None:
    install_adapters(good=center())
    table = {"adapter": "good", "select": {"match": ["Queue 1", "Q4"]}}
    result = await fetch(Config(sources={"good": table}), clock=lambda: NOW)
    assert [snapshot.target.id for snapshot in result.snapshots] == ["Q1", "Q4"]


@pytest.mark.parametrize("raw", [True, False])
async def test_raw_answers_come_on_request_only(read: Any, raw: bool) -> None:
    found = (await read(raw=raw)).snapshots[0].raw
    assert found == (
        {"realtime": {"id": "Q0"}, "windows.30m": {"id": "Q0"}, "windows.today": {"id": "Q0"}} if raw else None
    )


async def test_progress_counts_every_batch_of_every_source(read: Any) -> None:
    seen: dict[str, list[tuple[int, int]]] = {}
    await read(progress=lambda source, done, total: seen.setdefault(source, []).append((done, total)))
    assert seen == {source: [(done, 9) for done in range(1, 10)] for source in ("good", "other")}
