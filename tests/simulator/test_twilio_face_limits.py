"""Credentials, pages, limits, headers and oddities of the Twilio face."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import pytest

from ccstats.simulator.center import Center, generate_spec
from ccstats.simulator.face import ManualClock, World
from ccstats_twilio.face import TwilioFace


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": aiohttp.encode_basic_auth(user, password)}


async def test_the_token_and_the_api_key_open_the_account(api) -> None:
    tenant = api.tenant
    for user, password in ((tenant.account_sid, tenant.auth_token), (tenant.key_sid, tenant.key_secret)):
        answer = await api.ask("GET", "/v1/Workspaces", headers=basic(user, password))
        assert answer.status == 200


async def test_nothing_else_opens_the_account(api) -> None:
    tenant = api.tenant
    wrong = [
        basic(tenant.account_sid, "wrong"),
        basic(tenant.key_sid, tenant.auth_token),
        basic("", ""),
        {"Authorization": "Basic ???"},
        {"Authorization": f"Bearer {tenant.auth_token}"},
        {"Authorization": ""},
    ]
    for headers in wrong:
        answer = await api.ask("GET", f"{api.root}/TaskQueues", headers=headers)
        assert (answer.status, answer.body["code"], answer.body["message"]) == (401, 20003, "Authenticate")


async def test_the_configuration_reads_this_face(api) -> None:
    source = api.running.source()

    assert next(iter(source)) == "adapter"
    assert source == {
        "adapter": "twilio",
        "account_sid": api.tenant.account_sid,
        "auth_token": api.tenant.auth_token,
        "base_url": api.running.base_url,
    }
    assert api.running.configuration("us") == {"sources": {"us": source}}


def test_equal_worlds_have_equal_sids_and_others_do_not() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)

    def sids(seed: int, credentials: str) -> tuple[str, str]:
        world = World(Center(generate_spec(seed), start), ManualClock(start), credentials_seed=credentials)
        tenant = TwilioFace().tenant(world)
        return tenant.account_sid, next(iter(tenant.workspaces))

    assert sids(1, "a") == sids(1, "a")
    assert sids(1, "a")[0] == sids(2, "a")[0]
    assert len({sids(1, "a")[1], sids(2, "a")[1], sids(1, "b")[1]}) == 3
    assert all(len(sid) == 34 for sid in sids(1, "a"))


async def walk(api, path: str, key: str, size: int) -> list[dict]:
    pages, url = [], f"{api.running.base_url}{api.root}{path}?PageSize={size}"
    for _ in range(100):
        body = await api.read(url)
        pages.append(body)
        assert body["meta"]["key"] == key
        url = body["meta"]["next_page_url"]
        if url is None:
            return pages
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize(
    ("path", "key", "items"),
    [
        ("/TaskQueues", "task_queues", 6),
        ("/Workers", "workers", 24),
        ("/Activities", "activities", 9),
        ("/TaskQueues/Statistics", "task_queues_statistics", 6),
    ],
)
@pytest.mark.parametrize("size", [1, 4, 6, 1000])
async def test_pages_hold_everything_once(api, path, key, items, size) -> None:
    pages = await walk(api, path, key, size)
    sids = [item.get("sid") or item["task_queue_sid"] for page in pages for item in page[key]]

    assert len(sids) == len(set(sids)) == items
    assert [len(page[key]) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert [page["meta"]["page"] for page in pages] == list(range(len(pages)))


async def test_pages_lead_back_as_well(api) -> None:
    first, second, third = await walk(api, "/TaskQueues", "task_queues", 2)

    assert first["meta"]["previous_page_url"] is None
    assert (await api.read(third["meta"]["previous_page_url"]))["task_queues"] == second["task_queues"]
    assert (await api.read(third["meta"]["first_page_url"]))["task_queues"] == first["task_queues"]
    assert (await api.read(second["meta"]["url"])) == second


async def test_the_next_page_keeps_the_question(api) -> None:
    body = await api.read("/TaskQueues/Statistics", PageSize=2, Minutes=60, TaskChannel="voice")
    following = await api.read(body["meta"]["next_page_url"])

    assert following["task_queues_statistics"][0]["cumulative"]["start_time"] == "2026-01-05T08:00:00Z"
    assert "Minutes=60&TaskChannel=voice" in body["meta"]["next_page_url"]


async def test_the_default_page_holds_fifty(open_twilio) -> None:
    async with open_twilio(generate_spec(1, queues=51)) as api:
        body = await api.read("/TaskQueues")

    assert len(body["task_queues"]) == body["meta"]["page_size"] == 50


@pytest.mark.parametrize(
    "params",
    [{"Page": 1}, {"Page": "x"}, {"PageSize": 0}, {"PageSize": 1001}, {"PageToken": "PA0"}, {"PageSize": "many"}],
)
async def test_pages_that_the_server_did_not_name_are_refused(api, params) -> None:
    answer = await api.get(f"{api.root}/TaskQueues", **params)

    assert answer.status == 400
    assert (await api.get(f"{api.root}/TaskQueues", Page=0)).status == 200


@pytest.mark.parametrize(
    ("host", "origin"), [("elsewhere.test", "http://elsewhere.test"), ("https://b.test:8", "https://b.test:8")]
)
async def test_the_next_page_can_point_elsewhere(open_twilio, host, origin) -> None:
    async with open_twilio(next_page_host=host) as api:
        meta = (await api.read("/TaskQueues", PageSize=1))["meta"]

        assert meta["next_page_url"].startswith(f"{origin}{api.root}/TaskQueues?")
        assert meta["url"].startswith(api.running.base_url)


async def test_bulk_allows_fifty_requests_in_ten_seconds(api) -> None:
    statuses = [(await api.bulk([api.queue])).status for _ in range(51)]
    refused = await api.bulk([api.queue])
    api.clock.advance(9.9)
    early = await api.bulk([api.queue])
    api.clock.advance(0.1)
    later = await api.bulk([api.queue])

    assert statuses == [200] * 50 + [429]
    assert (refused.status, refused.body["code"]) == (429, 20429)
    assert (refused.headers["X-Rate-Limit-Limit"], refused.headers["X-Rate-Limit-Remaining"]) == ("5", "0")
    assert "Retry-After" not in refused.headers
    assert (early.status, later.status) == (429, 200)
    assert later.headers["X-Rate-Limit-Remaining"] == "49"
    assert "Bulk" in later.headers["X-Rate-Limit-Config"]


async def test_each_workspace_and_operation_has_its_own_budget(open_twilio) -> None:
    async with open_twilio(generate_spec(1, sites=2), requests_per_second=0.2) as api:
        here, there = (f"/v1/Workspaces/{sid}" for sid in api.tenant.workspaces)
        statuses = [(await api.get(f"{here}/RealTimeStatistics")).status for _ in range(3)]
        other_operation = (await api.get(f"{here}/CumulativeStatistics")).status
        other_workspace = (await api.get(f"{there}/RealTimeStatistics")).status

    assert statuses == [200, 200, 429]
    assert (other_operation, other_workspace) == (200, 200)


@pytest.mark.looptime
async def test_requests_beyond_the_concurrency_are_refused(open_twilio) -> None:
    async with open_twilio(concurrency=2, latency_s=30) as api:
        answers = await asyncio.gather(*(api.get(f"{api.root}/TaskQueues") for _ in range(5)))
        after = await api.get(f"{api.root}/TaskQueues")

    assert sorted(answer.status for answer in answers) == [200, 200, 429, 429, 429]
    assert {answer.body.get("code") for answer in answers} == {None, 20429}
    assert after.status == 200
    assert after.headers["Twilio-Concurrent-Requests"] == "1"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Workers/Statistics", 403),
        ("/Workers/RealTimeStatistics", 403),
        ("/Workers/CumulativeStatistics", 403),
        ("/Workers/{worker}/Statistics", 403),
        ("/Workflows/{workflow}/Statistics", 403),
        ("/Workflows/{workflow}/RealTimeStatistics", 403),
        ("/Workflows/{workflow}/CumulativeStatistics", 403),
        ("/RealTimeStatistics", 200),
        ("/TaskQueues/Statistics", 200),
        ("/Workers", 200),
        ("/Workers/{worker}", 200),
    ],
)
async def test_worker_and_workflow_statistics_end_above_the_cap(open_twilio, path, status) -> None:
    async with open_twilio(worker_statistics_cap=23) as api:
        place = path.format(worker=next(iter(api.space.workers)), workflow=api.space.workflow_sid)
        answer = await api.get(f"{api.root}{place}")

    assert answer.status == status
    if status == 403:
        assert "23 Workers" in answer.body["message"]
        assert "code" not in answer.body


async def test_the_cap_is_a_hundred_and_can_be_lifted(open_twilio) -> None:
    spec = generate_spec(1, agents=101)
    for cap, status in ((100, 403), (101, 200), (None, 200)):
        async with open_twilio(spec, worker_statistics_cap=cap) as api:
            assert (await api.get(f"{api.root}/Workers/RealTimeStatistics")).status == status
    async with open_twilio(spec) as api:
        assert (await api.get(f"{api.root}/Workers/RealTimeStatistics")).status == 403


async def test_counts_can_be_strings(open_twilio) -> None:
    async with open_twilio(strings=True) as api:
        now = await api.read(f"/TaskQueues/{api.queue}/RealTimeStatistics")
        past = await api.read("/CumulativeStatistics", SplitByWaitTime=5)
        space = await api.read(api.root)

    assert all(isinstance(value, str) for value in now["tasks_by_status"].values())
    assert all(isinstance(each["workers"], str) for each in now["activity_statistics"])
    assert isinstance(now["total_eligible_workers"], str)
    assert isinstance(now["longest_task_waiting_age"], int)
    assert isinstance(past["split_by_wait_time"]["5"]["below"]["tasks_canceled"], str)
    assert isinstance(past["wait_duration_until_accepted"]["total"], int)
    assert space["multi_task_enabled"] is False


@pytest.mark.parametrize("settings", [{"speed": 1}, {"strings": 1}, {"bulk_per_second": "5"}, {"concurrency": True}])
def test_settings_that_make_no_sense_are_refused(settings) -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    world = World(Center(generate_spec(1), start), ManualClock(start))

    with pytest.raises(ValueError, match=next(iter(settings))):
        TwilioFace().app(world, settings)


async def test_answers_show_the_time_of_the_world(api) -> None:
    api.clock.set(datetime(2026, 1, 5, 12, 30, 15, 900_000, tzinfo=UTC))
    for path in ("/v1/Workspaces", "/v1/Nothing"):
        answer = await api.get(path)
        assert parsedate_to_datetime(answer.headers["Date"]) == datetime(2026, 1, 5, 12, 30, 15, tzinfo=UTC)


async def test_every_answer_has_an_id_of_its_own(api) -> None:
    answers = [await api.get("/v1/Workspaces") for _ in range(3)]
    ids = {answer.headers["Twilio-Request-Id"] for answer in answers}

    assert len(ids) == 3
    assert all(each.startswith("RQ") and len(each) == 34 for each in ids)


@pytest.mark.parametrize(("accepted", "sent"), [("gzip, deflate", "gzip"), ("identity", None)])
async def test_answers_are_compressed_for_those_who_ask(api, accepted, sent) -> None:
    answer = await api.ask("GET", f"{api.root}/Workers", headers={"Accept-Encoding": accepted})

    assert answer.headers.get("Content-Encoding") == sent
    assert len(answer.body["workers"]) == 24


async def test_other_methods_are_refused(api) -> None:
    answer = await api.ask("DELETE", "/v1/Workspaces")

    assert (answer.status, answer.body["code"]) == (405, 20004)
