"""From readings to snapshots: one per target, the latest of each family, and a reason for every None."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ccstats.adapter import Ability, Reading, Support
from ccstats.errors import AuthError, NotFoundError, Origin, UnavailableError, VendorError
from ccstats.model import Agents, Family, Gap, GapReason, Kind, Realtime, Snapshot, Status, Target, TimeStat, Window
from ccstats.poller import Merger

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
ONE, TWO = (Target(source="us", vendor="acme", kind=Kind.QUEUE, id=ident) for ident in ("Q1", "Q2"))
ABILITIES = {Kind.QUEUE: {"realtime.agents.busy": Ability(Support.UNSUPPORTED, note="multi-tasking")}}


def realtime(target: Target = ONE, at: datetime = NOW, **more: Any) -> Reading:
    return Reading(target, Family.REALTIME, at, **more)


def window(target: Target = ONE, name: str = "30m", at: datetime = NOW, **more: Any) -> Reading:
    return Reading(target, Family.WINDOW, at, window=name, **more)


def merged(*readings: Reading) -> Snapshot:
    merger = Merger(ABILITIES)
    for reading in readings:
        merger.add(reading)
    (snapshot,) = merger.snapshots()
    return snapshot


def test_the_families_of_a_target_meet_in_one_snapshot() -> None:
    snapshot = merged(
        realtime(values=Realtime(waiting=3)),
        window(values=Window(offered=40)),
        window(name="today", values=Window(offered=90)),
    )
    assert snapshot.target == ONE
    assert snapshot.realtime is not None
    assert snapshot.realtime.waiting == 3
    assert {name: found.offered for name, found in snapshot.windows.items()} == {"30m": 40, "today": 90}


def test_snapshots_come_in_the_order_in_which_targets_were_expected() -> None:
    merger = Merger(ABILITIES)
    merger.expect((TWO, ONE))
    merger.add(realtime(ONE, values=Realtime()))
    merger.add(realtime(TWO, values=Realtime()))
    assert [snapshot.target for snapshot in merger.snapshots()] == [TWO, ONE]


def test_an_expected_target_has_a_snapshot_even_if_nothing_is_read_of_it() -> None:
    merger = Merger(ABILITIES)
    merger.expect((ONE,))
    (snapshot,) = merger.snapshots()
    assert (snapshot.target, snapshot.realtime, snapshot.windows) == (ONE, None, {})


def test_of_two_readings_of_one_family_the_later_holds_with_its_own_gaps() -> None:
    gone = Gap(reason=GapReason.UNKNOWN, detail="only the first time")
    snapshot = merged(
        realtime(values=Realtime(longest_wait=timedelta(0)), gaps={"waiting": gone}, raw={"first": 1}),
        realtime(at=LATER, values=Realtime(waiting=3)),
    )
    assert snapshot.realtime is not None
    assert snapshot.realtime.waiting == 3
    assert "realtime.waiting" not in snapshot.gaps
    assert "realtime.longest_wait" in snapshot.gaps


def test_gaps_stand_at_metric_paths_below_their_family() -> None:
    mine = Gap(reason=GapReason.NOT_PERMITTED, detail="needs a permission")
    snapshot = merged(
        realtime(values=Realtime(agents=Agents(total=2))),
        window(name="1.5h", values=Window(handle=TimeStat(count=1)), gaps={"offered": mine}),
    )
    assert snapshot.gaps["realtime.agents.busy"] == Gap(reason=GapReason.UNSUPPORTED, detail="multi-tasking")
    assert snapshot.gaps["windows.1.5h.offered"] == mine
    assert snapshot.gap("windows.1.5h.handle.max") is not None
    assert "realtime.agents.total" not in snapshot.gaps


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnavailableError("down"), Status.FAILED),
        (AuthError("refused"), Status.FAILED),
        (VendorError("the adapter raised KeyError"), Status.FAILED),
        (NotFoundError("unknown"), Status.GONE),
    ],
)
def test_a_failure_is_said_as_status_error_and_one_gap_over_all(error: VendorError, status: Status) -> None:
    error.origin = Origin("acme", "us", "GET /queues/{id}", 503, "E42", "req-1")
    snapshot = merged(realtime(error=error), window(error=error))
    for family, path in ((snapshot.realtime, "realtime"), (snapshot.windows["30m"], "windows.30m")):
        assert family is not None
        assert family.error is not None
        assert (family.status, family.error.type, family.error.request_id) == (status, type(error).__name__, "req-1")
        assert family.observed_at == NOW
        gap = snapshot.gap(f"{path}.anything.at.all")
        assert gap is not None
        assert gap.reason is GapReason.FAILED
        assert error.message in gap.detail
    assert set(snapshot.gaps) == {"realtime", "windows.30m"}


def test_one_familys_failure_leaves_the_other_alone() -> None:
    snapshot = merged(realtime(error=UnavailableError("down")), window(values=Window(offered=40)))
    assert snapshot.windows["30m"].status is Status.FRESH
    assert snapshot.windows["30m"].offered == 40
    assert snapshot.realtime is not None
    assert snapshot.realtime.waiting is None, "never a zero"


def test_a_recovery_leaves_nothing_of_the_failure() -> None:
    snapshot = merged(realtime(error=UnavailableError("down")), realtime(at=LATER, values=Realtime(waiting=0)))
    assert snapshot.realtime is not None
    assert (snapshot.realtime.status, snapshot.realtime.error, snapshot.realtime.waiting) == (Status.FRESH, None, 0)
    assert GapReason.FAILED not in {gap.reason for gap in snapshot.gaps.values()}


def test_a_reading_without_values_and_without_an_error_has_failed() -> None:
    snapshot = merged(realtime())
    assert snapshot.realtime is not None
    assert snapshot.realtime.status is Status.FAILED
    assert snapshot.gaps["realtime"].reason is GapReason.FAILED


def test_raw_answers_are_kept_per_family_and_only_where_there_are_any() -> None:
    snapshot = merged(
        realtime(values=Realtime(), raw={"tasks": 1}),
        window(values=Window(), raw=[1]),
        window(name="x", values=Window()),
    )
    assert snapshot.raw == {"realtime": {"tasks": 1}, "windows.30m": [1]}
    assert merged(realtime(values=Realtime())).raw is None


def test_a_kind_without_any_declared_ability_still_explains_itself() -> None:
    agent = Target(source="us", vendor="acme", kind=Kind.AGENT, id="A1")
    snapshot = merged(realtime(agent, values=Realtime()))
    assert snapshot.gaps["realtime.waiting"].reason is GapReason.NOT_IMPLEMENTED
