"""/analytics/stats/queues, which a tutorial describes: read on demand, and by `auto` where nothing else is there."""

import logging

import pytest
from vendor_honesty import unexplained
from vendor_loopback import Fault, account, fetched, of, served

from ccstats.model import Family, GapReason, Kind, SourceStatus, Status
from ccstats.simulator.center import generate_spec

NOW, OVER = frozenset({Family.REALTIME}), frozenset({Family.WINDOW})
STATS = {"apis": ["stats"]}
SENT = "POST stats/queues"
FEW = generate_spec(1, queues=5, agents=9)


def known(snapshot) -> tuple[object, ...]:
    agents, window = snapshot.realtime.agents, snapshot.windows["vendor"]
    return snapshot.realtime.waiting, agents.available, agents.busy, window.handle, window.wait


async def test_stats_take_the_body_that_the_tutorial_prints() -> None:
    async with account("genesys", FEW, face=STATS, api="stats") as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        await genesys.poll(targets, "30m")

        assert genesys.bodies("stats/queues") == [
            {
                "intervalType": "realtime",
                "queues": [target.id],
                "aggregates": [
                    "queue/waiting/count",
                    "queue/agentsAvailable/count",
                    "queue/agentsBusy/count",
                    "queue/avgHandleTime",
                    "queue/avgWaitTime",
                ],
            }
            for target in targets
        ]


@pytest.mark.parametrize("ids", [None, "id", "queueId"])
async def test_stats_say_the_same_with_and_without_ids(ids) -> None:
    async with account("genesys", FEW, face={**STATS, "stats_ids": ids}, api="stats") as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        first = await genesys.poll(targets, "30m")
        requests = genesys.sent[SENT]
        second = await genesys.poll(targets, "30m")

        assert requests == 5
        assert genesys.sent[SENT] - requests == (5 if ids is None else 1)
        assert [known(one) for one in first.values()] == [known(one) for one in second.values()]
        assert {one.realtime.waiting for one in first.values()} != {None}
        assert [path for one in second.values() for path in unexplained(one)] == []
        assert all(one.windows.keys() == {"vendor"} for one in first.values())


async def test_stats_agree_with_the_observations_of_the_same_moment() -> None:
    numbers = []
    for api in ("stats", "observations"):
        async with account("genesys", FEW, face={"apis": [api]}, api=api) as genesys:
            targets = of(Kind.QUEUE, await genesys.discover())
            snapshots = (await genesys.poll(targets, families=NOW)).values()
            numbers.append([(one.realtime.waiting, one.realtime.agents.available) for one in snapshots])

    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_auto_falls_back_where_the_published_queries_are_not_there(status, caplog) -> None:
    caplog.set_level(logging.INFO)
    async with account("genesys", FEW, face={"apis": ["observations", "stats"]}) as genesys:
        targets = await genesys.discover()
        for path in ("observations/query", "aggregates/query", "activity/query"):
            genesys.fault(path, status=status)
        snapshots = await genesys.poll(targets, "30m")
        (space,) = of(Kind.WORKSPACE, targets)

        for snapshot in snapshots.values():
            assert snapshot.realtime.error is None
            assert snapshot.windows.keys() == ({"30m"} if snapshot.target == space else {"30m", "vendor"})
            assert snapshot.gap("windows.30m.offered").reason is GapReason.UNSUPPORTED
        assert snapshots[space.id].gap("realtime.waiting").reason is GapReason.UNSUPPORTED
        assert [path for one in snapshots.values() for path in unexplained(one)] == []
        assert {batch.operation for batch in genesys.plan(targets, "30m")} == {"stats", "unsupported"}
        assert "read through /api/v2/analytics/stats/queues" in genesys.source.notes
        assert len([line for line in caplog.messages if "is not there" in line]) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
async def test_any_other_failure_is_a_failure_and_no_reason_to_fall_back(status) -> None:
    async with account("genesys", FEW, face={"apis": ["observations", "stats"]}) as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        genesys.fault("observations/query", status=status, headers={"Retry-After": "0"})
        readings = await genesys.read(genesys.plan(targets, families=NOW))

        assert None not in {reading.error for reading in readings}
        assert genesys.sent[SENT] == 0
        assert not genesys.source.learned.stats


async def test_who_asks_for_observations_gets_no_stats() -> None:
    async with account("genesys", FEW, face={"apis": ["stats"]}, api="observations") as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        snapshots = await genesys.poll(targets, "30m")

        assert {one.realtime.error.type for one in snapshots.values()} == {"NotFoundError"}
        assert genesys.sent[SENT] == 0


async def test_the_next_discovery_tries_the_published_queries_again() -> None:
    async with account("genesys", FEW, face={"apis": ["observations", "stats"]}) as genesys:
        targets = await genesys.discover()
        genesys.fault("observations/query", status=404, times=1)
        await genesys.poll(targets, families=NOW)
        fallen_back = genesys.source.learned.stats
        await genesys.source.discover()

        assert (fallen_back, genesys.source.learned.stats) == (True, False)
        assert "observations" in {batch.operation for batch in genesys.plan(targets)}


async def test_where_neither_is_there_every_queue_has_failed() -> None:
    async with served("genesys", FEW) as running:
        running.world.faults.add(Fault("/analytics/", status=404))
        result = await fetched(running, select={"kinds": ["queue"]})

    assert result.sources[0].status is not SourceStatus.OK
    assert result.sources[0].failed_targets == len(result.snapshots) == 5
    assert {one.realtime.error.type for one in result.snapshots} == {"NotFoundError"}


async def test_aggregates_alone_that_are_not_there_cost_the_windows_and_no_more() -> None:
    async with account("genesys", FEW, face={"apis": ["observations", "stats"]}) as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        genesys.fault("aggregates/query", status=404)
        for _ in range(2):
            snapshots = await genesys.poll(targets, "30m")

            assert {one.realtime.in_progress is None for one in snapshots.values()} == {False}
            assert {one.gap("windows.30m.offered").reason for one in snapshots.values()} == {GapReason.UNSUPPORTED}
        assert genesys.sent[SENT] == 0


@pytest.mark.parametrize("ids", [None, "id"])
@pytest.mark.parametrize("families", [frozenset(Family), NOW, OVER], ids=["both", "now", "window"])
async def test_a_404_of_one_queue_is_a_failed_reading_of_that_queue_only(ids, families) -> None:
    async with account("genesys", FEW, face={**STATS, "stats_ids": ids}, api="stats") as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        await genesys.poll(targets)  # teaches whether rows carry ids
        gone = targets[2].model_copy(update={"id": "00000000-0000-4000-8000-00000000dead"})
        snapshots = await genesys.poll([*targets[:2], gone, *targets[3:]], families=families)

        for ident, snapshot in snapshots.items():
            found = [family for family in (snapshot.realtime, *snapshot.windows.values()) if family is not None]
            status = Status.GONE if ident == gone.id else Status.FRESH
            assert found
            assert {family.status for family in found} == {status}
            assert all("None" not in path for path in snapshot.gaps)


async def test_a_fallen_back_queue_that_is_gone_fails_alone() -> None:
    async with account("genesys", FEW, face=STATS) as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        gone = targets[2].model_copy(update={"id": "00000000-0000-4000-8000-00000000dead"})
        snapshots = await genesys.poll([gone, *targets], families=NOW)

        assert snapshots[gone.id].realtime.status is Status.GONE
        assert {one.realtime.status for ident, one in snapshots.items() if ident != gone.id} == {Status.FRESH}


async def test_a_row_of_another_queue_is_not_taken_for_the_one_that_was_asked_for() -> None:
    async with account("genesys", FEW, face=STATS, api="stats") as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        body = b'{"divisions":[{"queues":[{"id":"another","metrics":{"queue/waiting/count":9}}]}]}'
        genesys.fault("stats/queues", body=body)
        snapshots = await genesys.poll(targets)

        assert {one.realtime.waiting for one in snapshots.values()} == {None}
        assert {one.gap("realtime.waiting").reason for one in snapshots.values()} == {GapReason.UNKNOWN}
