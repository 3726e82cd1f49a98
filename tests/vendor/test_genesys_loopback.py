"""The Genesys adapter against a simulated organization: tokens, permissions, discovery, limits."""

import asyncio
import json
from datetime import timedelta

import pytest
from vendor_honesty import unexplained
from vendor_loopback import Unhurried, account, fetched, of, opened, served

from ccstats.errors import AuthError, BrokenAnswerError, RateLimitedError
from ccstats.http import RetryPolicy
from ccstats.model import Family, GapReason, Kind, SourceStatus, Status
from ccstats.simulator.center import generate_spec
from ccstats.simulator.face import Fault
from ccstats_genesys.face import PERMISSIONS

NOW, OVER = frozenset({Family.REALTIME}), frozenset({Family.WINDOW})
TOKEN = "POST oauth/token"


def without(*permissions: str) -> dict[str, object]:
    return {"permissions": PERMISSIONS - set(permissions)}


@pytest.fixture
async def genesys():
    async with account("genesys") as open_account:
        yield open_account


async def test_every_target_is_read_and_every_none_is_explained(genesys) -> None:
    targets = await genesys.discover()
    snapshots = await genesys.poll(targets, "30m", "today@Europe/Berlin")

    assert {target.kind for target in targets} == {Kind.QUEUE, Kind.WORKSPACE}
    for snapshot in snapshots.values():
        assert snapshot.realtime.status is Status.FRESH
        assert snapshot.realtime.waiting is not None
        assert snapshot.realtime.agents.total is not None
        assert all(window.handle is not None for window in snapshot.windows.values())
        assert unexplained(snapshot) == []


async def test_the_agents_of_the_whole_organization_are_counted_once_each(genesys) -> None:
    (space,) = of(Kind.WORKSPACE, await genesys.discover())
    (snapshot,) = (await genesys.poll([space], families=NOW)).values()
    agents = snapshot.realtime.agents

    assert agents.total == len(genesys.world.center.spec.agents)
    assert None not in agents.model_dump().values()
    assert sum(activity.agents for activity in snapshot.realtime.activities) == agents.total


async def test_a_wrong_secret_is_tried_once_and_never_shown(canary, caplog) -> None:
    async with served("genesys") as running:
        result = await fetched(running, client_secret=canary)
        (report,) = result.sources

        assert running.world.requests.total == report.requests == 1
    assert (report.status, report.error.type, report.error.code) == (SourceStatus.FAILED, "AuthError", "invalid_client")
    assert canary not in f"{result!r}{result.model_dump_json()}{caplog.text}"


@pytest.mark.parametrize("status", [400, 401])
async def test_a_secret_rotated_in_its_file_is_read_again_at_the_login(tmp_path, status) -> None:
    """Whichever status the login refuses the old one with."""
    file = tmp_path / "secret"
    file.write_text("the old one")
    async with served("genesys") as running:
        secret = running.source()["client_secret"]
        running.world.faults.add(Fault("oauth", times=1, status=status, body=b'{"error":"invalid_client"}'))
        async with opened(running, client_secret={"file": str(file)}) as genesys:
            file.write_text(str(secret))

            assert await genesys.source.discover()
            assert genesys.sent[TOKEN] == 2


async def test_an_expired_token_is_refreshed_once_however_many_reads_meet_it() -> None:
    async with account("genesys", generate_spec(1, queues=40), queues_per_query=1) as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        genesys.clock.advance(86_401)
        batches = genesys.plan(targets, families=NOW)
        readings = await asyncio.gather(*(genesys.source.read(batch) for batch in batches))

        assert {reading.error for answer in readings for reading in answer} == {None}
        assert genesys.sent[TOKEN] == 1


async def test_a_token_that_is_refused_twice_is_an_error(genesys) -> None:
    targets = await genesys.discover()
    genesys.fault("observations/query", status=401, body=b'{"code":"bad.credentials","message":"Invalid login."}')
    readings = await genesys.read(genesys.plan(of(Kind.QUEUE, targets), families=NOW))

    assert {type(reading.error) for reading in readings} == {AuthError}
    assert genesys.sent["POST observations/query"] == 2
    assert genesys.sent[TOKEN] == 1


async def test_an_address_that_is_not_allowed_is_not_tried_with_another_token(genesys) -> None:
    targets = await genesys.discover()
    genesys.fault("observations/query", status=401, body=b'{"code":"ip.not.authorized","message":"Not from here."}')
    await genesys.read(genesys.plan(of(Kind.QUEUE, targets), families=NOW))

    assert genesys.sent["POST observations/query"] == 1
    assert genesys.sent[TOKEN] == 0


async def test_two_sources_of_one_client_share_one_token() -> None:
    async with served("genesys") as running:
        toolbox = Unhurried(clock=running.world.clock.now)
        async with opened(running, toolbox) as first, opened(running, toolbox) as second:
            await asyncio.gather(first.source.discover(), second.source.discover())

            assert first.sent[TOKEN] == 1


async def test_without_the_permission_for_aggregates_windows_are_gaps_that_name_it() -> None:
    async with served("genesys", face=without("analytics:conversationAggregate:view")) as running:
        result = await fetched(running)
        (report,) = result.sources

    assert (report.status, report.failed_targets) == (SourceStatus.OK, 0)
    assert any("analytics:conversationAggregate:view" in note for note in report.notes)
    for snapshot in result.snapshots:
        gap = snapshot.gap("windows.30m.offered")
        assert gap.reason is GapReason.NOT_PERMITTED
        assert "analytics:conversationAggregate:view" in gap.detail
        assert snapshot.realtime.waiting is not None
        assert unexplained(snapshot) == []


async def test_a_missing_permission_is_met_once_and_then_costs_nothing() -> None:
    async with account("genesys", face=without("analytics:conversationAggregate:view")) as genesys:
        targets = await genesys.discover()
        await genesys.poll(targets, "30m", families=OVER)
        genesys.world.requests.forget()
        await genesys.poll(targets, "30m", families=OVER)

        assert genesys.world.requests.total == 0


async def test_without_the_permission_for_agent_states_the_organization_has_no_agents() -> None:
    async with account("genesys", face=without("analytics:agentState:view")) as genesys:
        targets = of(Kind.WORKSPACE, await genesys.discover())
        for expected in (2, 1):
            genesys.world.requests.forget()
            (snapshot,) = (await genesys.poll(targets, families=NOW)).values()
            assert genesys.world.requests.total == expected

        assert snapshot.realtime.waiting is not None
        for path in ("realtime.agents.total", "realtime.activities"):
            assert "analytics:agentState:view" in snapshot.gap(path).detail
        assert unexplained(snapshot) == []


async def test_without_the_permission_for_observations_real_time_fails_and_windows_do_not() -> None:
    async with served("genesys", face=without("analytics:queueObservation:view")) as running:
        result = await fetched(running)

    assert result.sources[0].status is SourceStatus.PARTIAL
    for snapshot in result.snapshots:
        assert snapshot.realtime.error.type == "NotPermittedError"
        assert "analytics:queueObservation:view" in snapshot.realtime.error.message
        assert snapshot.windows["30m"].offered is not None


async def test_without_the_permission_to_view_queues_the_slim_list_does() -> None:
    async with account("genesys", face=without("routing:queue:view")) as genesys:
        found = await genesys.source.discover()
        snapshots = await genesys.poll(of(Kind.QUEUE, found.targets), "30m")

        assert len(found.targets) == 7
        assert genesys.sent["GET divisionviews/all"] == 1
        assert any("routing:queue:view" in note for note in found.notes)
        for snapshot in snapshots.values():
            assert snapshot.windows["30m"].service_levels[0].threshold is None
            assert unexplained(snapshot) == []


async def test_without_any_permission_to_list_queues_the_source_fails() -> None:
    async with served("genesys", face=without("routing:queue:view", "routing:queue:search")) as running:
        result = await fetched(running)

    assert (result.sources[0].status, result.sources[0].error.type) == (SourceStatus.FAILED, "NotPermittedError")
    assert "routing:queue:search" in result.sources[0].error.message


async def test_without_the_permission_for_presences_activities_have_no_names_and_a_note_says_so() -> None:
    async with account("genesys", face=without("presence:presenceDefinition:view")) as genesys:
        found = await genesys.source.discover()
        snapshots = await genesys.poll(of(Kind.QUEUE, found.targets), families=NOW)
        activities = [activity for one in snapshots.values() for activity in one.realtime.activities]

        assert any("presence:presenceDefinition:view" in note for note in found.notes)
        assert {activity.name for activity in activities} == {None}
        assert "unknown" not in {activity.state.value for activity in activities}, "answers carry their meanings"
        assert [path for one in snapshots.values() for path in unexplained(one)] == []


@pytest.mark.parametrize("queues", [100, 101])
async def test_more_than_a_hundred_queues_take_a_second_page(queues) -> None:
    async with account("genesys", generate_spec(2, queues=queues, agents=5)) as genesys:
        targets = of(Kind.QUEUE, (await genesys.source.discover()).targets)

        assert len(targets) == queues
        assert genesys.sent["GET routing/queues"] == (queues + 99) // 100


async def test_of_two_rows_for_one_queue_the_last_holds_and_odd_totals_end_the_list(genesys) -> None:
    page = {"entities": [{"id": "q1", "name": name} for name in ("before", "after")], "pageCount": "many"}
    genesys.fault("/routing/queues", times=1, body=json.dumps(page).encode())
    genesys.fault("/routing/queues", times=1, body=b'{"entities": null}')
    targets = of(Kind.QUEUE, (await genesys.source.discover()).targets)

    assert [(target.id, target.name) for target in targets] == [("q1", "after")]
    assert genesys.source.traffic.repeated == 1


async def test_endless_pages_come_to_an_end(genesys) -> None:
    genesys.fault("/routing/queues", body=b'{"entities": [{"id": "q1"}], "pageCount": 1000000}')
    with pytest.raises(BrokenAnswerError, match="more than 200 pages"):
        await genesys.source.discover()

    assert genesys.sent["GET routing/queues"] == 200


async def test_a_429_that_says_when_is_obeyed_and_one_beyond_patience_is_an_error() -> None:
    async with account("genesys", retry=RetryPolicy()) as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        body = b'{"code":"too.many.requests.retry.after","contextId":"c-1","status":429,"message":"Rate limit"}'
        genesys.fault("observations/query", status=429, times=1, headers={"Retry-After": "0"}, body=body)
        genesys.fault("aggregates/query", status=429, headers={"Retry-After": "7200"}, body=body)
        readings = await genesys.read(genesys.plan(targets, families=NOW))
        limited = await genesys.read(genesys.plan(targets, "30m", families=OVER))

        assert {reading.error for reading in readings} == {None}
        assert {type(reading.error) for reading in limited} == {RateLimitedError}
        assert (limited[0].error.retry_after, limited[0].error.origin.request_id) == (7200.0, "c-1")
        assert genesys.sent["POST aggregates/query"] == 1


@pytest.mark.parametrize("late_by", [timedelta(hours=3), timedelta(seconds=-90)])
async def test_windows_waits_and_readings_follow_the_vendors_clock(late_by) -> None:
    async with served("genesys") as running:
        result = await fetched(running, late_by=late_by)
        moment = running.world.clock.now()
        bodies = [json.loads(one.body) for one in running.world.requests if "aggregates" in one.path]
    waits = [one.realtime.longest_wait for one in result.snapshots if one.realtime.waiting]

    assert {body["interval"] for body in bodies} == {"2026-01-05T08:30:00.000Z/2026-01-05T09:00:00.000Z"}
    assert waits
    assert all(timedelta(0) < wait < timedelta(hours=1) for wait in waits)
    for snapshot in result.snapshots:
        assert abs(snapshot.realtime.observed_at - moment) <= timedelta(seconds=1)


async def test_personal_data_is_never_asked_for(genesys) -> None:
    await genesys.poll(await genesys.discover(), "30m")

    assert all("detailMetrics" not in record.body.decode() for record in genesys.world.requests)
    assert all('"details"' not in record.body.decode() for record in genesys.world.requests)


async def test_a_queue_that_is_missing_from_the_answer_is_unknown_and_not_empty(genesys) -> None:
    first, *others = of(Kind.QUEUE, await genesys.discover())
    group = {"group": {"queueId": first.id}}
    genesys.fault("observations/query", body=json.dumps({"results": [group]}).encode())
    snapshots = await genesys.poll([first, *others], families=NOW)

    assert snapshots[first.id].realtime.waiting == 0
    for target in others:
        snapshot = snapshots[target.id]
        assert (snapshot.realtime.waiting, snapshot.realtime.agents.total, snapshot.realtime.error) == (None,) * 3
        assert snapshot.gap("realtime.waiting").reason is GapReason.UNKNOWN


async def test_a_queue_without_a_group_in_the_aggregates_is_one_where_nothing_happened(genesys) -> None:
    targets = of(Kind.QUEUE, await genesys.discover())
    genesys.fault("aggregates/query", body=b'{"results": []}')
    snapshots = await genesys.poll(targets, "30m", families=OVER)

    for snapshot in snapshots.values():
        window = snapshot.windows["30m"]
        assert (window.offered, window.answered, window.handled) == (0, 0, 0)
        assert snapshot.gap("windows.30m.handle.average").reason is GapReason.NO_DATA
