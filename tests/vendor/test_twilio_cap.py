"""Worker statistics that Twilio refuses above a hundred workers: gaps that say so, and no more asking."""

import json

import pytest
from vendor_honesty import unexplained
from vendor_loopback import account, fetched, of, served

from ccstats.model import Family, GapReason, Kind, SourceStatus
from ccstats.simulator.center import generate_spec

LARGE = generate_spec(1, queues=3, agents=101)
OVER, NOW = frozenset({Family.WINDOW}), frozenset({Family.REALTIME})
CAP = "100 workers"


@pytest.fixture
async def twilio():
    async with account("twilio", LARGE, activity_durations=True) as open_account:
        yield open_account


async def test_activity_durations_have_a_gap_that_names_the_cap(twilio) -> None:
    targets = [one for one in await twilio.discover() if one.kind is not Kind.WORKFLOW]
    snapshots = await twilio.poll(targets, "30m")

    for snapshot in snapshots.values():
        gap = snapshot.gap("windows.30m.activity_durations")
        assert (gap.reason, CAP in gap.detail) == (GapReason.NOT_PERMITTED, True)
        assert snapshot.windows["30m"].offered is not None
        assert snapshot.realtime.activities, "the workspace's and the queues' own statistics count the activities"
        assert unexplained(snapshot) == []


async def test_what_was_refused_once_is_not_asked_for_again_until_the_next_discovery(twilio) -> None:
    targets = of(Kind.QUEUE, await twilio.discover())
    first = twilio.plan(targets, "30m", families=OVER)
    await twilio.read(first)
    refused = twilio.sent["GET Workers/Statistics"]
    second = twilio.plan(targets, "30m", families=OVER)
    twilio.world.requests.forget()
    await twilio.read(second)

    assert refused == 1
    assert (sum(one.requests for one in first), sum(one.requests for one in second)) == (6, 3)
    assert twilio.world.requests.total == 3
    assert any(CAP in note for note in twilio.source.notes)
    await twilio.source.discover()
    assert sum(one.requests for one in twilio.plan(targets, "30m", families=OVER)) == 6
    assert twilio.source.notes == ()


@pytest.mark.parametrize("detail", ["full", "totals"])
async def test_a_workflow_has_gaps_that_name_the_cap_in_both_families(detail) -> None:
    async with account("twilio", LARGE, detail=detail) as twilio:
        targets = of(Kind.WORKFLOW, await twilio.discover())
        (snapshot,) = (await twilio.poll(targets, "30m")).values()

        assert snapshot.windows.keys() == {"30m"}
        for path in ("realtime.waiting", "windows.30m.offered"):
            assert snapshot.gap(path).reason is GapReason.NOT_PERMITTED
            assert CAP in snapshot.gap(path).detail
        assert unexplained(snapshot) == []


async def test_refused_statistics_of_agents_are_not_asked_for_agent_by_agent_again() -> None:
    few = generate_spec(1, queues=3, agents=8)
    async with account("twilio", few, face={"worker_statistics_cap": 7}, select={"kinds": ["agent"]}) as twilio:
        targets = await twilio.discover()
        snapshots = await twilio.poll(targets, "30m")

        assert {one.realtime.agents.total for one in snapshots.values()} == {1}, "the list of workers has no cap"
        assert {CAP in one.gap("windows.30m.answered").detail for one in snapshots.values()} == {True}
        assert sum(one.requests for one in twilio.plan(targets, "30m", families=OVER)) < len(targets)


async def test_the_cap_is_a_note_and_not_a_failure() -> None:
    async with served("twilio", LARGE) as running:
        result = await fetched(running, select={"kinds": ["workspace"]})
        (report,) = result.sources

    assert (report.status, report.failed_targets) == (SourceStatus.OK, 0)
    assert any(CAP in note for note in report.notes)


@pytest.mark.parametrize("status", [400, 402, 403, 405, 409, 422])
async def test_any_refusal_but_the_usual_ones_is_taken_for_the_cap(status) -> None:
    async with account("twilio", activity_durations=True) as twilio:
        targets = of(Kind.QUEUE, await twilio.discover())
        twilio.fault("Workers/Statistics", status=status)
        snapshots = await twilio.poll(targets, "30m", families=OVER)

        assert {CAP in one.gap("windows.30m.activity_durations").detail for one in snapshots.values()} == {True}
        assert twilio.sent["GET Workers/Statistics"] == 1


@pytest.mark.parametrize(("status", "reason"), [(401, "failed"), (404, "failed"), (429, "failed"), (500, "failed")])
async def test_a_usual_refusal_is_not_the_cap(status, reason) -> None:
    async with account("twilio", activity_durations=True) as twilio:
        targets = of(Kind.QUEUE, await twilio.discover())
        twilio.fault("Workers/Statistics", status=status, headers={"Retry-After": "0"})
        snapshots = await twilio.poll(targets, "30m", families=OVER)

        assert {one.gap("windows.30m.activity_durations").reason.value for one in snapshots.values()} == {reason}
        assert twilio.source.learned.no_worker_statistics == frozenset()


async def test_a_workspace_that_leaves_its_activities_out_has_those_of_all_its_workers() -> None:
    async with account("twilio") as twilio:
        (space,) = targets = of(Kind.WORKSPACE, await twilio.discover())
        (whole,) = (await twilio.poll(targets, families=NOW)).values()
        body = json.dumps({"total_workers": 24, "total_tasks": 0, "tasks_by_status": {}}).encode()
        twilio.fault(f"{space.id}/RealTimeStatistics", body=body)
        (without,) = (await twilio.poll(targets, families=NOW)).values()

        assert without.realtime.activities == whole.realtime.activities
        assert without.realtime.agents.available == whole.realtime.agents.available


async def test_a_workspace_without_activities_that_may_not_ask_its_workers_has_a_gap() -> None:
    async with account("twilio", LARGE) as twilio:
        (space,) = targets = of(Kind.WORKSPACE, await twilio.discover())
        body = json.dumps({"total_workers": 101, "total_tasks": 0, "tasks_by_status": {}}).encode()
        twilio.fault(f"{space.id}/RealTimeStatistics", body=body)
        (snapshot,) = (await twilio.poll(targets, families=NOW)).values()

        assert (snapshot.realtime.agents.total, snapshot.realtime.activities) == (101, None)
        assert twilio.source.learned.no_worker_statistics == {space.id}
        assert unexplained(snapshot) == []
