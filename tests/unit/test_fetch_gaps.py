"""Every null in what is read has its reason, whatever went wrong."""

import json
from typing import Any

from ccstats.adapter import Batch, Reading
from ccstats.errors import UnavailableError
from ccstats.model import Family, GapReason, Result


def nulls(value: Any, path: str) -> list[str]:
    """The paths of every null, without list indexes and keys of by_channel."""
    if value is None:
        return [path]
    if isinstance(value, list):
        return [found for item in value for found in nulls(item, path)]
    if isinstance(value, dict):
        keyed = path.endswith((".by_channel", ".waiting_by_priority"))
        return [found for key, item in value.items() for found in nulls(item, path if keyed else f"{path}.{key}")]
    return []


def unexplained(result: Result) -> set[str]:
    found = set()
    for snapshot in result.snapshots:
        written = json.loads(snapshot.model_dump_json())
        paths = nulls(written["realtime"], "realtime")
        for name, window in written["windows"].items():
            paths += nulls(window, f"windows.{name}")
        metrics = (path for path in paths if path.rpartition(".")[2] not in ("observed_at", "error"))
        found.update(path for path in metrics if snapshot.gap(path) is None)
    return found


async def test_every_null_of_every_snapshot_has_its_reason(read: Any, center: Any) -> None:
    class Down(center):
        async def read(self, batch: Batch) -> list[Reading]:
            raise UnavailableError("down")

    result = await read(Down())
    assert unexplained(result) == set()
    gaps = result.snapshots[0].gaps
    assert gaps["windows.30m.handle"].reason is GapReason.UNSUPPORTED
    assert gaps["windows.30m.wait.average"].reason is GapReason.NO_DATA
    assert gaps["realtime.offering"].reason is GapReason.NOT_IMPLEMENTED
    assert result.snapshots[5].gap("realtime.agents.busy").reason is GapReason.FAILED


async def test_a_family_that_was_not_asked_for_says_so(read: Any) -> None:
    for family in Family:
        result = await read(families=frozenset({family}))
        assert unexplained(result) == set()
    assert result.snapshots[0].realtime is None
    assert result.snapshots[0].gap("realtime.waiting").reason is GapReason.NOT_REQUESTED


async def test_a_target_that_its_batch_says_nothing_of_is_not_passed_over_in_silence(read: Any, center: Any) -> None:
    class Forgetful(center):
        async def read(self, batch: Batch) -> list[Reading]:
            return (await super().read(batch))[1:]

    result = await read(Forgetful())
    assert unexplained(result) == set()
    silent = [
        name
        for snapshot in result.snapshots
        for name in ("30m", "today")
        if name not in snapshot.windows and snapshot.gap(f"windows.{name}") is None
    ]
    assert silent == []
