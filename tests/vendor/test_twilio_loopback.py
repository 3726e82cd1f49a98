"""The Twilio adapter against a simulated account: credentials, errors, limits, discovery, and what is never sent."""

import json
from datetime import timedelta

import pytest
from vendor_honesty import unexplained
from vendor_loopback import Unhurried, account, fetched, of, opened, served

from ccstats.errors import BrokenAnswerError, NotFoundError, RateLimitedError
from ccstats.http import RetryPolicy
from ccstats.model import Family, Kind, SourceStatus, Status
from ccstats.simulator.center import generate_spec

NOW = frozenset({Family.REALTIME})
FOREIGN = "WQ" + "f" * 32


@pytest.fixture
async def twilio():
    async with account("twilio") as open_account:
        yield open_account


async def test_every_target_of_every_kind_is_read_and_every_none_is_explained(twilio) -> None:
    targets = await twilio.discover()
    snapshots = await twilio.poll(targets, "30m", "today@Europe/Berlin")

    assert {target.kind for target in targets} == {Kind.QUEUE, Kind.WORKFLOW, Kind.WORKSPACE}
    assert snapshots.keys() == {target.id for target in targets}
    for snapshot in snapshots.values():
        assert snapshot.realtime.status is Status.FRESH
        assert snapshot.realtime.waiting is not None
        assert snapshot.windows.keys() == {"30m", "today@Europe/Berlin"}
        assert all(window.offered is not None for window in snapshot.windows.values())
        assert unexplained(snapshot) == []


async def test_agents_are_read_where_they_are_wanted() -> None:
    async with account("twilio", select={"kinds": ["agent"]}) as twilio:
        targets = await twilio.discover()
        snapshots = await twilio.poll(targets, "30m")

        assert len(targets) == len(twilio.world.center.spec.agents)
        assert {snapshot.realtime.agents.total for snapshot in snapshots.values()} == {1}
        assert all(snapshot.windows["30m"].activity_durations for snapshot in snapshots.values())
        assert [name for snapshot in snapshots.values() for name in unexplained(snapshot)] == []
        assert twilio.sent["GET {WorkspaceSid}/Workers"] == 1


async def test_an_api_key_is_as_good_as_the_account_token() -> None:
    async with served("twilio") as running:
        tenant = running.face.tenant(running.world)
        key = {"api_key_sid": tenant.key_sid, "api_key_secret": tenant.key_secret, "auth_token": None}
        result = await fetched(running, **key, account_sid=None)

    assert result.sources[0].status is SourceStatus.OK


async def test_a_wrong_secret_is_tried_once_and_never_shown(canary, caplog) -> None:
    async with served("twilio") as running:
        result = await fetched(running, auth_token=canary)
        (report,) = result.sources

        assert running.world.requests.total == report.requests == 1
    assert (report.status, report.error.type, report.error.code) == (SourceStatus.FAILED, "AuthError", "20003")
    assert canary not in f"{result!r}{result.model_dump_json()}{caplog.text}"


async def test_errors_name_the_endpoint_and_the_request_and_not_the_secret(twilio) -> None:
    targets = of(Kind.QUEUE, await twilio.discover())
    twilio.fault("CumulativeStatistics", status=500, headers={"Twilio-Request-Id": "RQ1"}, body=b"<html>")
    snapshots = await twilio.poll(targets, "30m")
    error = snapshots[targets[0].id].windows["30m"].error

    assert (error.type, error.status, error.request_id) == ("UnavailableError", 500, "RQ1")
    assert error.endpoint == "GET /v1/Workspaces/{workspace}/TaskQueues/{sid}/CumulativeStatistics"
    assert snapshots[targets[0].id].realtime.status is Status.FRESH
    assert twilio.options.auth_token.reveal() not in repr(snapshots)


async def test_a_restricted_key_is_told_what_is_missing(twilio) -> None:
    (space,) = of(Kind.WORKSPACE, await twilio.discover())
    body = json.dumps({"code": 70051, "message": "Authorization Error", "status": 401}).encode()
    twilio.fault("Workers/CumulativeStatistics", status=401, body=body)
    (snapshot,) = (await twilio.poll([space], "30m")).values()

    assert snapshot.windows["30m"].offered is not None, "a side request never fails the read that it belongs to"
    assert snapshot.gap("windows.30m.activity_durations").reason.value == "not_permitted"
    assert twilio.sent["GET Workers/CumulativeStatistics"] == 1, "new credentials would not help"
    assert twilio.source.learned.no_worker_statistics == frozenset()


async def test_a_queue_that_is_gone_costs_nobody_else(twilio) -> None:
    targets = of(Kind.QUEUE, await twilio.discover())
    twilio.fault(f"{targets[1].id}/CumulativeStatistics", status=404)
    snapshots = await twilio.poll(targets, "30m")

    assert [one.windows["30m"].status.value for one in snapshots.values()] == ["fresh", "gone", *["fresh"] * 4]
    assert {one.realtime.status for one in snapshots.values()} == {Status.FRESH}


async def test_a_429_that_says_when_is_obeyed_and_counted() -> None:
    async with account("twilio", retry=RetryPolicy()) as twilio:
        targets = of(Kind.QUEUE, await twilio.discover())
        twilio.fault("TaskQueues/RealTimeStatistics", status=429, times=2, headers={"Retry-After": "0"})
        readings = await twilio.read(twilio.plan(targets, families=NOW))

        assert {reading.error for reading in readings} == {None}
        assert (twilio.source.traffic.rate_limited, twilio.source.traffic.retries) == (2, 2)


async def test_a_429_beyond_all_patience_is_an_error_of_that_batch_only() -> None:
    async with account("twilio", retry=RetryPolicy()) as twilio:
        targets = await twilio.discover()
        body = b'{"code":20429,"message":"Too Many Requests","status":429}'
        twilio.fault("TaskQueues/RealTimeStatistics", status=429, headers={"Retry-After": "3600"}, body=body)
        snapshots = await twilio.poll(targets, families=NOW)
        limited = {one.target.kind for one in snapshots.values() if one.realtime.error is not None}
        error = snapshots[of(Kind.QUEUE, targets)[0].id].realtime.error

        assert limited == {Kind.QUEUE}
        assert (error.type, error.code, error.retry_after) == ("RateLimitedError", "20429", 3600.0)
        assert twilio.sent["POST TaskQueues/RealTimeStatistics"] == 1


async def test_the_limit_of_an_operation_is_that_of_a_workspace() -> None:
    """One request of an operation in ten seconds, and a clock that stands still."""
    async with account("twilio", generate_spec(1, sites=2), face={"requests_per_second": 0.1}) as twilio:
        spaces = of(Kind.WORKSPACE, await twilio.discover())
        batches = twilio.plan(spaces, families=NOW)
        first, second = await twilio.read(batches), await twilio.read(batches)

        assert [reading.error for reading in first] == [None, None]
        assert [type(reading.error) for reading in second] == [RateLimitedError, RateLimitedError]


async def test_a_sid_that_discovery_did_not_see_is_never_sent(twilio) -> None:
    targets = of(Kind.QUEUE, await twilio.discover())
    stranger = targets[0].model_copy(update={"id": FOREIGN})
    readings = await twilio.read(twilio.plan([*targets, stranger], "30m"))
    refused = [reading for reading in readings if reading.target.id == FOREIGN]

    assert [type(reading.error) for reading in refused] == [NotFoundError, NotFoundError]
    assert {reading.error for reading in readings if reading.target.id != FOREIGN} == {None}
    assert all(FOREIGN not in f"{record.path}{record.query}{record.body!r}" for record in twilio.world.requests)


async def test_a_queue_of_another_workspace_is_never_sent_to_this_one() -> None:
    async with account("twilio", generate_spec(1, sites=2)) as twilio:
        first, second = of(Kind.WORKSPACE, await twilio.discover())
        targets = of(Kind.QUEUE, (await twilio.source.discover()).targets)
        twilio.world.requests.forget()
        await twilio.poll(targets, families=NOW)

        for record in twilio.world.requests:
            here, elsewhere = (first.id, second.id) if first.id in record.path else (second.id, first.id)
            own = {target.id for target in targets if target.scope == here}
            assert set(json.loads(record.body)["queueSids"]) == own
            assert elsewhere not in record.path


async def test_only_rows_of_queues_that_were_asked_for_are_used(twilio) -> None:
    targets = of(Kind.QUEUE, await twilio.discover())
    twilio.fault("TaskQueues/RealTimeStatistics", body=b'{"task_queue_data": [], "task_queue_response_count": 0}')
    snapshots = await twilio.poll(targets, families=NOW)

    assert {one.realtime.waiting for one in snapshots.values()} == {None}
    assert {one.gap("realtime.waiting").reason.value for one in snapshots.values()} == {"unknown"}


@pytest.mark.parametrize("sid", [None, [], {}, 5, True])
async def test_a_row_without_a_usable_sid_costs_only_its_own_queue(twilio, sid) -> None:
    targets = of(Kind.QUEUE, await twilio.discover())
    rows = [{"task_queue_sid": sid, "total_tasks": 1}, {"task_queue_sid": targets[0].id, "total_eligible_workers": 3}]
    twilio.fault("TaskQueues/RealTimeStatistics", body=json.dumps({"task_queue_data": rows}).encode())
    snapshots = await twilio.poll(targets, families=NOW)

    assert snapshots[targets[0].id].realtime.agents.total == 3
    assert snapshots[targets[1].id].realtime.error is None


async def test_of_two_rows_for_one_queue_the_last_holds(twilio) -> None:
    targets = of(Kind.QUEUE, await twilio.discover())
    rows = [{"task_queue_sid": targets[0].id, "total_eligible_workers": number} for number in (3, 7)]
    twilio.fault("TaskQueues/RealTimeStatistics", body=json.dumps({"task_queue_data": rows}).encode())
    snapshots = await twilio.poll(targets, families=NOW)

    assert snapshots[targets[0].id].realtime.agents.total == 7


async def test_counts_as_strings_are_the_same_counts() -> None:
    found = []
    for strings in (False, True):
        async with account("twilio", face={"strings": strings}) as twilio:
            found.append(await twilio.poll(await twilio.discover(), "30m"))

    assert found[0] == found[1]


async def test_a_broken_answer_fails_its_own_batch(twilio) -> None:
    targets = await twilio.discover()
    twilio.fault("TaskQueues/RealTimeStatistics", body=b"<html>maintenance</html>")
    readings = await twilio.read(twilio.plan(targets, families=NOW))
    broken = {reading.target.kind for reading in readings if isinstance(reading.error, BrokenAnswerError)}

    assert broken == {Kind.QUEUE}


@pytest.mark.parametrize("late_by", [timedelta(hours=3), timedelta(seconds=-90)])
async def test_windows_and_readings_follow_twilios_clock(late_by) -> None:
    async with served("twilio") as running:
        result = await fetched(running, late_by=late_by)
        moment = running.world.clock.now()
        queries = [record.query for record in running.world.requests if "CumulativeStatistics" in record.path]

    assert queries
    assert all("StartDate=2026-01-05T08:30:00Z&EndDate=2026-01-05T09:00:00Z" in query for query in queries)
    for snapshot in result.snapshots:
        assert abs(snapshot.realtime.observed_at - moment) <= timedelta(seconds=1)


@pytest.mark.parametrize("detail", ["full", "totals"])
async def test_raw_answers_are_kept_only_on_request(detail) -> None:
    async with served("twilio") as running:
        for keep_raw in (False, True):
            toolbox = Unhurried(clock=running.world.clock.now, keep_raw=keep_raw)
            async with opened(running, toolbox, detail=detail) as twilio:
                targets = of(Kind.QUEUE, await twilio.discover())
                snapshots = await twilio.poll(targets, "30m")

            for snapshot in snapshots.values():
                kept = {name: raw["task_queue_sid"] for name, raw in (snapshot.raw or {}).items()}
                assert kept == (dict.fromkeys(("realtime", "windows.30m"), snapshot.target.id) if keep_raw else {})


async def test_totals_do_not_ask_for_a_setting_that_is_set() -> None:
    async with account("twilio", detail="totals", activity_durations=True) as twilio:
        targets = of(Kind.QUEUE, await twilio.discover())
        snapshots = await twilio.poll(targets, "30m")

    for snapshot in snapshots.values():
        gap = snapshot.gap("windows.30m.activity_durations")
        assert gap is None or "activity_durations = true" not in gap.detail
