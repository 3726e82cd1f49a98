"""Twilio's lists: pages are followed by address only, never to another origin and never in a circle."""

import json
from urllib.parse import parse_qs

import pytest
from vendor_loopback import account, of, served

from ccstats.errors import BrokenAnswerError, NotFoundError
from ccstats.model import Family, Kind
from ccstats.simulator.center import generate_spec

LISTS = ("TaskQueues", "Activities", "Workflows", "Workers")
TWO_SITES = generate_spec(1, sites=2)


def page(key: str, rows: list[object], following: str | None) -> bytes:
    return json.dumps({key: rows, "meta": {"key": key, "next_page_url": following}}).encode()


async def test_every_list_is_asked_for_in_the_largest_pages() -> None:
    async with account("twilio", select={"kinds": list(Kind)}) as twilio:
        await twilio.source.discover()
        lists = [record for record in twilio.world.requests if record.path.split("/")[-1] in (*LISTS, "Workspaces")]

        assert len(lists) == 5
        assert {record.query for record in lists} == {"PageSize=1000"}


@pytest.mark.parametrize("extra", [0, 1])
async def test_more_than_a_thousand_queues_take_a_second_page(extra) -> None:
    spec = generate_spec(1, queues=1000 + extra, agents=3)
    async with account("twilio", spec, detail="totals", face={"bulk_per_second": 1000}) as twilio:
        targets = of(Kind.QUEUE, (await twilio.source.discover()).targets)
        pages = twilio.sent["GET {WorkspaceSid}/TaskQueues"]
        twilio.world.requests.forget()
        (batch,) = twilio.plan(targets, "30m")
        readings = await twilio.read([batch])

        assert pages == batch.requests == twilio.world.requests.total == 1 + extra
        assert len(targets) == 1000 + extra
        assert len(readings) == 2 * len(targets)
        assert {reading.error for reading in readings} == {None}
        second = list(twilio.world.requests)[1:]
        assert all({"PageToken", "Page", "PageSize", "SplitByWaitTime"} <= parse_qs(one.query).keys() for one in second)


async def test_a_page_on_another_host_is_refused_and_gets_no_credentials() -> None:
    many = generate_spec(1, queues=1001, agents=3)
    async with served("twilio") as elsewhere:
        async with account("twilio", many, face={"next_page_host": elsewhere.base_url}) as twilio:
            with pytest.raises(BrokenAnswerError, match="another origin") as caught:
                await twilio.source.discover()

            assert twilio.sent["GET {WorkspaceSid}/TaskQueues"] == 1
        assert elsewhere.world.requests.total == 0
        assert elsewhere.base_url not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["https://evil.example/v1/Workspaces", "//evil.example/v1", "/v1/Workspaces", "%zz", ""]
)
async def test_an_address_that_does_not_lead_to_a_page_of_this_host_is_a_broken_answer(address) -> None:
    async with account("twilio") as twilio:
        twilio.fault("/v1/Workspaces", times=1, body=page("workspaces", [], address))
        with pytest.raises(BrokenAnswerError):
            await twilio.source.discover()

        assert twilio.world.requests.total == 1


@pytest.mark.parametrize("steps", [1, 2])
async def test_pages_that_run_in_a_circle_are_a_broken_answer(steps) -> None:
    async with account("twilio") as twilio:
        there = f"{twilio.running.base_url}/v1/Workspaces"
        addresses = [f"{there}?PageSize=1000", f"{there}?PageSize=1000&Page=1"][-steps:]
        for number in range(6):
            following = addresses[(number + 1) % len(addresses)] if steps == 2 else addresses[0]
            twilio.fault("/v1/Workspaces", times=1, body=page("workspaces", [], following))
        with pytest.raises(BrokenAnswerError, match="circle"):
            await twilio.source.discover()

        assert twilio.world.requests.total <= 3


async def test_endless_pages_come_to_an_end() -> None:
    async with account("twilio") as twilio:
        there = f"{twilio.running.base_url}/v1/Workspaces"
        for number in range(300):
            twilio.fault("/v1/Workspaces", times=1, body=page("workspaces", [], f"{there}?Page={number}"))
        with pytest.raises(BrokenAnswerError, match="more than 200 pages"):
            await twilio.source.discover()

        assert twilio.world.requests.total == 200


async def test_of_two_rows_for_one_id_the_last_holds() -> None:
    async with account("twilio", select={"kinds": list(Kind)}) as twilio:
        rows = {
            "TaskQueues": ("task_queues", "WQ" + "1" * 32),
            "Workflows": ("workflows", "WW" + "1" * 32),
            "Workers": ("workers", "WK" + "1" * 32),
        }
        for name, (key, sid) in rows.items():
            twins = [{"sid": sid, "friendly_name": label} for label in ("before", "after")]
            twilio.fault(f"/{name}", times=1, body=page(key, twins, None))
        targets = (await twilio.source.discover()).targets

        assert {target.id: target.name for target in targets if target.kind is not Kind.WORKSPACE} == dict.fromkeys(
            (sid for _, sid in rows.values()), "after"
        )
        assert len(targets) == 4
        assert twilio.source.traffic.repeated == 3


@pytest.mark.parametrize("key", ["workspaces", "task_queues", "activities"])
async def test_a_list_without_its_rows_is_a_broken_answer(key) -> None:
    names = {"workspaces": "/v1/Workspaces", "task_queues": "/TaskQueues", "activities": "/Activities"}
    async with account("twilio") as twilio:
        twilio.fault(names[key], times=1, body=b'{"meta": {"next_page_url": null}}')
        with pytest.raises(BrokenAnswerError, match="another shape"):
            await twilio.source.discover()


async def test_configured_workspaces_are_fetched_one_by_one_and_an_unknown_one_is_noted() -> None:
    async with served("twilio", TWO_SITES) as running:
        known = next(iter(running.face.tenant(running.world).workspaces))
        unknown = "WS" + "0" * 32
    async with account("twilio", TWO_SITES, workspaces=[known, unknown, known]) as twilio:
        found = await twilio.source.discover()

        assert {target.scope for target in found.targets} == {known}
        assert [note for note in found.notes if unknown in note] == list(found.notes)
        assert len(found.notes) == 1
        assert twilio.sent["GET v1/Workspaces"] == 0
        assert twilio.sent["GET Workspaces/{Sid}"] == 2, "a workspace that is named twice is fetched once"


async def test_without_any_of_the_configured_workspaces_there_is_nothing_to_read() -> None:
    async with account("twilio", workspaces=["WS" + "0" * 32, "WS" + "1" * 32]) as twilio:
        with pytest.raises(NotFoundError, match="none of the configured workspaces"):
            await twilio.source.discover()


async def test_lists_are_only_read_for_kinds_that_are_wanted() -> None:
    async with account("twilio", select={"kinds": ["queue"]}) as twilio:
        await twilio.source.discover()

        assert twilio.sent["GET {WorkspaceSid}/Workers"] == twilio.sent["GET {WorkspaceSid}/Workflows"] == 0


async def test_a_worker_that_left_since_discovery_costs_only_itself() -> None:
    async with account("twilio", select={"kinds": ["agent"]}) as twilio:
        targets = await twilio.discover()
        rows = [{"sid": targets[0].id, "available": True}, {"sid": targets[0].id, "available": False}]
        twilio.fault("/Workers", body=page("workers", rows, None))
        snapshots = await twilio.poll(targets, families=frozenset({Family.REALTIME}))

        assert snapshots[targets[0].id].realtime.agents.available == 0, "the last of two rows holds"
        assert {one.realtime.status.value for one in snapshots.values()} == {"fresh", "gone"}
