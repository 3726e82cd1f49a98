"""Faults strike, requests are recorded, and the server comes and goes cleanly."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import pytest

from ccstats.simulator.center import Center, generate_spec
from ccstats.simulator.clock import ManualClock, WallClock
from ccstats.simulator.face import Fault, Faults, RequestLog, World

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
LIST = ("GET", "/v1/Workspaces/{WorkspaceSid}/TaskQueues")


async def test_requests_are_recorded_without_credentials(api) -> None:
    await api.get(f"{api.root}/TaskQueues", PageSize=2)
    await api.bulk([api.queue])
    await api.get("/v1/Workspaces/WSnone")
    record, bulk, missing = api.world.requests

    assert (record.method, record.path, record.query) == ("GET", f"{api.root}/TaskQueues", "PageSize=2")
    assert record.at == api.clock.now()
    assert "Authorization" not in record.headers
    assert "Host" in record.headers
    assert api.tenant.auth_token not in repr(list(api.world.requests))
    assert bulk.body == b'{"queueSids": ["%s"]}' % api.queue.encode()
    assert [record.status, bulk.status, missing.status] == [200, 200, 404]


async def test_requests_are_counted_by_route(api) -> None:
    for _ in range(3):
        await api.get(f"{api.root}/TaskQueues")
    await api.get(f"{api.root}/Workers/{next(iter(api.space.workers))}")
    counts = api.world.requests.counts

    assert counts[LIST] == 3
    assert counts["GET", "/v1/Workspaces/{WorkspaceSid}/Workers/{Sid}"] == 1
    assert api.world.requests.total == 4
    api.world.requests.forget()
    assert (api.world.requests.total, len(api.world.requests)) == (0, 0)


async def test_the_log_is_bounded_and_the_counts_are_exact(api) -> None:
    for _ in range(5):
        await api.get(api.root)
    records = list(api.world.requests)
    log = RequestLog(keep=2)
    log.extend(records)

    assert list(log) == records[-2:]
    assert api.world.requests.maxlen == 10_000
    assert api.world.requests.counts["GET", "/v1/Workspaces/{Sid}"] == 5


async def test_a_fault_strikes_where_it_fits_and_as_often_as_it_says(api) -> None:
    api.world.faults.add(
        Fault("TaskQueues", times=2, status=503, headers={"Retry-After": "7"}, body=b'{"message": "later"}')
    )
    elsewhere = await api.get(f"{api.root}/Workers")
    struck = [await api.get(f"{api.root}/TaskQueues") for _ in range(3)]

    assert elsewhere.status == 200
    assert [answer.status for answer in struck] == [503, 503, 200]
    assert (struck[0].headers["Retry-After"], struck[0].body) == ("7", {"message": "later"})
    assert api.world.requests.counts[LIST] == 3
    assert [record.status for record in api.world.requests][1:] == [503, 503, 200]


async def test_faults_show_the_time_of_the_world_too(api) -> None:
    api.world.faults.add(Fault(status=500))
    answer = await api.get(api.root)

    assert parsedate_to_datetime(answer.headers["Date"]) == api.clock.now()


async def test_a_fault_can_change_headers_or_the_body_alone(api) -> None:
    api.world.faults.add(Fault("TaskQueues", headers={"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}))
    api.world.faults.add(Fault("Workers", body=b"{}"))
    queues = await api.get(f"{api.root}/TaskQueues")
    workers = await api.get(f"{api.root}/Workers")

    assert len(queues.body["task_queues"]) == 6
    assert queues.headers["Date"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert (workers.status, workers.body) == (200, {})


async def test_a_dropped_connection_brings_no_answer(api) -> None:
    api.world.faults.add(Fault(times=1, drop=True))

    # A POST, because the client of aiohttp repeats a GET once by itself.
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api.bulk([api.queue])
    assert api.world.requests[-1].status is None
    assert (await api.get(f"{api.root}/TaskQueues")).status == 200


@pytest.mark.looptime
async def test_a_delayed_answer_outlasts_an_impatient_client(api) -> None:
    api.world.faults.add(Fault(times=1, delay_s=3600))
    began = asyncio.get_running_loop().time()

    with pytest.raises(TimeoutError):
        await api.ask("GET", api.root, timeout=aiohttp.ClientTimeout(total=60))
    assert asyncio.get_running_loop().time() - began == pytest.approx(60, abs=1)


async def test_cleared_faults_are_gone(api) -> None:
    api.world.faults.add(Fault(status=500))
    api.world.faults.clear()

    assert (await api.get(api.root)).status == 200


def test_the_first_fault_that_fits_strikes() -> None:
    faults = Faults()
    once, always = Fault("/a", times=1, status=500), Fault("/", status=503)
    faults.add(once)
    faults.add(always)

    assert [faults.strike(path, START) for path in ("/a", "/a", "/b")] == [once, always, always]
    assert Faults().strike("/a", START) is None


def test_a_share_strikes_that_part_of_the_requests() -> None:
    faults = Faults(seed=3)
    faults.add(Fault(share=0.25, status=500))
    struck = Counter(faults.strike("/", START) is not None for _ in range(2000))

    assert struck[True] / 2000 == pytest.approx(0.25, abs=0.03)


async def test_the_server_listens_on_the_local_machine_and_then_no_more(open_twilio) -> None:
    async with open_twilio() as api:
        address = api.running.base_url
        assert address.startswith("http://127.0.0.1:")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(address)


async def test_the_center_follows_the_clock(api) -> None:
    first = await api.read("/CumulativeStatistics", Minutes=60)
    api.clock.advance(3600)
    second = await api.read("/CumulativeStatistics", Minutes=60)

    assert first["end_time"] == second["start_time"]
    assert first["tasks_created"] != 0 != second["tasks_created"]


def test_clocks() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    clock = ManualClock(start)
    clock.advance(1.5)
    world = World(Center(generate_spec(1), start), clock)

    assert clock.now() == start + timedelta(seconds=1.5) == world.now()
    clock.set(start)
    assert clock.now() == start
    assert world.now() == start + timedelta(seconds=1.5)
    assert WallClock().now().tzinfo is UTC
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2026, 1, 5))  # noqa: DTZ001 - without a zone on purpose
