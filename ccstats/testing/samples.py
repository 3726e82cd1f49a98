"""Sample snapshots for the tests of apps: a full one, an empty one, one that failed, one that is stale."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ccstats.model import (
    Activity,
    ActivityState,
    Agents,
    ErrorInfo,
    Gap,
    GapReason,
    Kind,
    Realtime,
    ServiceLevel,
    Snapshot,
    Status,
    Target,
    TimeStat,
    Window,
)

AT: Final = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
NO_TALK: Final = Gap(reason=GapReason.UNSUPPORTED, detail="the sample vendor has no talk time")


def sample_target(name: str = "Billing", *, source: str = "us", vendor: str = "fake", **more: Any) -> Target:
    """A queue called `name`."""
    return Target(**{"source": source, "vendor": vendor, "kind": Kind.QUEUE, "id": name.lower(), "name": name, **more})


def sample_snapshot(name: str = "Billing", *, source: str = "us", **realtime: Any) -> Snapshot:
    """A queue on a busy morning; `realtime` replaces some of its real-time numbers: `waiting=0`."""
    now = Realtime(
        observed_at=AT,
        waiting=6,
        offering=2,
        longest_wait=timedelta(seconds=95),
        in_progress=5,
        after_call_work=1,
        agents=Agents(total=9, available=1, busy=5, unavailable=2, offline=1, off_queue=3, not_responding=0),
        activities=(
            Activity(id="a1", name="Available", agents=6, state=ActivityState.AVAILABLE),
            Activity(id="a2", name="Em pausa", agents=3, state=ActivityState.UNAVAILABLE),
        ),
    ).model_copy(update=realtime)
    return Snapshot(
        target=sample_target(name, source=source),
        realtime=now,
        windows={"30m": _window()},
        gaps={
            "realtime.waiting_by_priority": NO_TALK,
            "realtime.by_channel": NO_TALK,
            **{f"windows.30m.{metric}": NO_TALK for metric in _ABSENT},
            "windows.30m.service_levels.vendor_ratio": NO_TALK,
        },
    )


def quiet_snapshot(name: str = "Night line") -> Snapshot:
    """A queue where nothing happens: zeros where nothing is counted, and no longest wait, for that reason."""
    nobody = Agents(total=0, available=0, busy=0, unavailable=0, offline=0, off_queue=0, not_responding=0)
    nothing = Gap(reason=GapReason.NO_DATA, detail="nobody waits")
    loud = sample_snapshot(
        name, waiting=0, offering=0, longest_wait=None, in_progress=0, after_call_work=0, agents=nobody, activities=()
    )
    return loud.model_copy(update={"windows": {}, "gaps": {**_realtime(loud), "realtime.longest_wait": nothing}})


def failed_snapshot(name: str = "Claims", *, error: str = "UnavailableError", message: str = "no answer") -> Snapshot:
    """A queue that could not be read."""
    info = ErrorInfo(type=error, message=message)
    now = Realtime(observed_at=AT, status=Status.FAILED, error=info)
    gap = Gap(reason=GapReason.FAILED, detail=f"{error}: {message}")
    return Snapshot(target=sample_target(name), realtime=now, gaps={"realtime": gap})


def stale_snapshot(name: str = "Sales") -> Snapshot:
    """A queue with its last good numbers, which are old."""
    old = sample_snapshot(name)
    assert old.realtime is not None
    info = ErrorInfo(type="UnavailableError", message="no answer")
    return old.model_copy(update={"realtime": old.realtime.model_copy(update={"status": Status.STALE, "error": info})})


_ABSENT: Final = (
    "complete_until",
    "short_abandoned",
    "transferred",
    "flowed_out",
    "wait",
    "abandon_wait",
    "talk",
    "hold",
    "after_call_work",
    "activity_durations",
    "reservations",
    "by_channel",
    "handle.min",
    "handle.max",
)


def _window() -> Window:
    seconds = timedelta(seconds=1)
    return Window(
        observed_at=AT,
        start=AT - timedelta(minutes=30),
        end=AT,
        offered=40,
        answered=35,
        abandoned=3,
        handled=34,
        speed_of_answer=TimeStat(count=35, sum=490 * seconds, min=seconds, max=100 * seconds),
        handle=TimeStat(count=34, sum=6120 * seconds),
        service_levels=(
            ServiceLevel(threshold=20 * seconds, met=26, missed=9, abandoned_within=1, abandoned_beyond=2),
        ),
    )


def _realtime(snapshot: Snapshot) -> dict[str, Gap]:
    return {path: gap for path, gap in snapshot.gaps.items() if path.startswith("realtime")}
