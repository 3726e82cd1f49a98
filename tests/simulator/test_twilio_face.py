"""The Twilio face says what is true in the center, in the columns that TaskRouter sends."""

from dataclasses import replace

import pytest

from ccstats.simulator.center import generate_spec
from ccstats.simulator.truth import agents_now, queue_now, queue_window

TASKS_NOW = {
    "total_tasks",
    "tasks_by_status",
    "tasks_by_priority",
    "longest_task_waiting_age",
    "longest_task_waiting_sid",
}
QUEUE_NOW = TASKS_NOW | {"total_available_workers", "total_eligible_workers", "activity_statistics"}
RELATIVE = {"longest_relative_task_age_in_queue", "longest_relative_task_sid_in_queue"}
FRAME = {"account_sid", "workspace_sid", "url"}
OFFERS = {
    f"reservations_{outcome}" for outcome in ("created", "accepted", "rejected", "timed_out", "canceled", "rescinded")
}
WINDOW = {"start_time", "end_time", "avg_task_acceptance_time", "tasks_canceled", "tasks_moved"}
WAITS = {"wait_duration_until_accepted", "wait_duration_until_canceled", "split_by_wait_time"}
FULL = WINDOW | OFFERS | WAITS | {"tasks_completed", "tasks_deleted"}
WORKERS = OFFERS | {"start_time", "end_time", "activity_durations"}


async def test_queue_columns(api) -> None:
    queue = f"/TaskQueues/{api.queue}"
    now, past, both = [
        await api.read(f"{queue}/{kind}") for kind in ("RealTimeStatistics", "CumulativeStatistics", "Statistics")
    ]

    assert set(now) == FRAME | QUEUE_NOW | RELATIVE | {"task_queue_sid"}
    in_queue = {"wait_duration_in_queue_until_accepted"}
    assert set(past) == FRAME | FULL | in_queue | {"task_queue_sid", "tasks_entered"}
    assert set(both) == FRAME | {"task_queue_sid", "realtime", "cumulative"}
    assert set(both["realtime"]) == QUEUE_NOW - {"tasks_by_priority"}
    assert set(both["cumulative"]) == WINDOW | OFFERS | {"tasks_deleted", "tasks_entered"}
    assert isinstance(past["avg_task_acceptance_time"], int)
    assert isinstance(both["cumulative"]["avg_task_acceptance_time"], float)


async def test_list_columns(api) -> None:
    body = await api.read("/TaskQueues/Statistics")
    both = await api.read(f"/TaskQueues/{api.queue}/Statistics")

    assert body["meta"]["key"] == "task_queues_statistics"
    assert [row["task_queue_sid"] for row in body["task_queues_statistics"]] == list(api.space.queues)
    assert body["task_queues_statistics"][0] == {name: value for name, value in both.items() if name != "url"}


async def test_workflow_columns(api) -> None:
    flow = f"/Workflows/{api.space.workflow_sid}"
    now, past, both = [
        await api.read(f"{flow}/{kind}") for kind in ("RealTimeStatistics", "CumulativeStatistics", "Statistics")
    ]

    assert set(now) == FRAME | TASKS_NOW | {"workflow_sid"}
    assert set(past) == FRAME | FULL | {"workflow_sid", "tasks_entered", "tasks_timed_out_in_workflow"}
    assert set(both["realtime"]) == TASKS_NOW - {"tasks_by_priority"}
    assert set(both["cumulative"]) == WINDOW | {
        "reservations_accepted",
        "reservations_rejected",
        "reservations_timed_out",
        "tasks_entered",
        "tasks_timed_out_in_workflow",
    }


async def test_workspace_columns(api) -> None:
    now, past, both = [
        await api.read(f"/{kind}") for kind in ("RealTimeStatistics", "CumulativeStatistics", "Statistics")
    ]

    assert set(now) == FRAME | TASKS_NOW | {"total_workers", "activity_statistics"}
    assert set(past) == FRAME | FULL | {"tasks_created", "tasks_timed_out_in_workflow"}
    assert set(both["realtime"]) == TASKS_NOW - {"tasks_by_priority"} | {"total_workers", "activity_statistics"}
    thin = {"tasks_created", "tasks_deleted", "tasks_timed_out_in_workflow"}
    assert set(both["cumulative"]) == WINDOW | OFFERS | thin


async def test_worker_columns(api) -> None:
    worker = next(iter(api.space.workers))
    now, past, both, one = [
        await api.read(f"/Workers/{kind}")
        for kind in ("RealTimeStatistics", "CumulativeStatistics", "Statistics", f"{worker}/Statistics")
    ]

    assert set(now) == FRAME | {"total_workers", "activity_statistics"}
    assert set(past) == FRAME | WORKERS
    assert both == {name: both[name] for name in FRAME} | {
        "realtime": {name: now[name] for name in ("total_workers", "activity_statistics")},
        "cumulative": {name: past[name] for name in WORKERS},
    }
    assert set(one) == FRAME | {"worker_sid", "cumulative"}
    assert set(one["cumulative"]) == WORKERS


async def test_bulk_rows_lack_the_relative_columns(api) -> None:
    sids = list(api.space.queues)[::-1]
    answer = await api.bulk(sids)
    alone = await api.read(f"/TaskQueues/{sids[0]}/RealTimeStatistics")
    rows = answer.body["task_queue_data"]

    assert answer.status == 200
    assert answer.body["task_queue_response_count"] == len(sids)
    assert [row["task_queue_sid"] for row in rows] == sids
    assert set(rows[0]) == QUEUE_NOW | {"task_queue_sid"}
    assert rows[0] == {name: alone[name] for name in rows[0]}


async def test_bulk_answers_zeros_for_queues_of_elsewhere(api) -> None:
    stranger = "WQ" + "f" * 32
    (row,) = (await api.bulk([stranger])).body["task_queue_data"]

    assert row["task_queue_sid"] == stranger
    assert row["tasks_by_status"] == {"pending": 0, "reserved": 0, "assigned": 0, "wrapping": 0}
    assert row["total_tasks"] == row["total_eligible_workers"] == row["longest_task_waiting_age"] == 0
    assert row["longest_task_waiting_sid"] is None
    assert {each["workers"] for each in row["activity_statistics"]} == {0}


@pytest.mark.parametrize("sids", [[], ["WQ" + "0" * 32] * 51, ["WQshort"], [7], "WQ" + "0" * 32, None])
async def test_bulk_refuses_what_the_documents_refuse(api, sids) -> None:
    answer = await api.bulk(sids)

    assert (answer.status, answer.body["code"]) == (400, 20001)


async def test_bulk_refuses_a_form(api) -> None:
    path = f"{api.root}/TaskQueues/RealTimeStatistics"
    answer = await api.ask("POST", path, data=f"queueSids={api.queue}", headers={"Content-Type": "application/json"})

    assert answer.status == 400


async def test_now_is_what_the_center_holds(api) -> None:
    busiest = max(api.space.queues, key=lambda sid: len(_holds(api, sid).waiting))
    now = _holds(api, busiest)
    body = await api.read(f"/TaskQueues/{busiest}/RealTimeStatistics")

    assert len(now.waiting) > 0
    assert body["tasks_by_status"] == {
        "pending": len(now.pending),
        "reserved": len(now.ringing),
        "assigned": len(now.talking),
        "wrapping": len(now.wrapping),
    }
    assert body["total_tasks"] == sum(body["tasks_by_status"].values()) == sum(body["tasks_by_priority"].values())
    assert body["longest_task_waiting_age"] == body["longest_relative_task_age_in_queue"] == int(now.longest_wait)
    assert body["longest_task_waiting_sid"] == api.tenant.task_sid(now.waiting[0])


def _holds(api, sid: str):
    return queue_now(api.world.center, [api.space.queues[sid]], api.at)


async def test_single_tasking_agents_stand_in_the_activities_of_their_work(open_twilio) -> None:
    async with open_twilio(replace(generate_spec(4), ring_timeout_share=0.3)) as api:
        await _until(api, lambda now: now.ringing and now.busy and now.not_responding and now.available)
        agents = agents_now(api.world.center, None, api.at)
        body = await api.read("/RealTimeStatistics")
    counts = {each["friendly_name"]: each["workers"] for each in body["activity_statistics"]}

    assert counts["Reserved"] == agents.ringing
    assert counts["Busy"] == agents.busy
    assert counts["Unresponsive"] == agents.not_responding
    assert counts["Available"] == agents.available
    assert counts["Offline"] == agents.offline
    assert sum(counts.values()) == body["total_workers"] == agents.total


async def test_available_workers_of_a_queue_are_the_idle_ones(open_twilio) -> None:
    async with open_twilio(generate_spec(4)) as api:
        await _until(api, lambda now: now.available > 3)
        for sid, queue in api.space.queues.items():
            agents = agents_now(api.world.center, [queue], api.at)
            body = await api.read(f"/TaskQueues/{sid}/RealTimeStatistics")
            assert body["total_available_workers"] == agents.available
            assert body["total_eligible_workers"] == agents.total
        everyone = agents_now(api.world.center, range(6), api.at)

    assert 0 < everyone.available < everyone.in_state("available")


async def _until(api, condition) -> None:
    for _ in range(2000):
        if condition(agents_now(api.world.center, None, api.at)):
            return
        api.clock.advance(1)
    raise AssertionError("it never happened")


async def test_multi_tasking_agents_keep_their_activity(open_twilio) -> None:
    async with open_twilio(generate_spec(3, single_tasking=False)) as api:
        await _until(api, lambda agents: agents.busy and agents.ringing and agents.not_responding)
        agents = agents_now(api.world.center, None, api.at)
        body = await api.read("/RealTimeStatistics")
        queue = await api.read(f"/TaskQueues/{api.queue}")
        space = await api.read(api.root)

    counts = {each["friendly_name"]: each["workers"] for each in body["activity_statistics"]}
    standing = [agent for agent in agents.agents if not agent.not_responding]
    assert set(counts) == {"Available", "Break", "Em pausa", "Meal", "Besprechung", "Offline", "Unresponsive"}
    assert counts["Available"] == sum(agent.state == "available" for agent in standing)
    assert counts["Unresponsive"] == agents.not_responding
    assert queue["assignment_activity_sid"] is queue["reservation_activity_sid"] is None
    assert space["multi_task_enabled"] is True


async def test_each_site_is_a_workspace(open_twilio) -> None:
    async with open_twilio(generate_spec(5, queues=7, agents=20, sites=3)) as api:
        spaces = (await api.read("/v1/Workspaces"))["workspaces"]
        parts = [await api.read(f"/v1/Workspaces/{space['sid']}/CumulativeStatistics") for space in spaces]
        workers = [await api.read(f"/v1/Workspaces/{space['sid']}/Workers") for space in spaces]
        window = queue_window(api.world.center, range(7), 2700.0, 3600.0)

    assert [space["friendly_name"] for space in spaces] == ["São Paulo", "Berlin", "Phoenix"]
    assert sum(part["tasks_created"] for part in parts) == window.offered
    assert sum(len(each["workers"]) for each in workers) == 20


async def test_resources_lead_to_each_other(api) -> None:
    space = await api.read(api.root)
    (workflow,) = (await api.read("/Workflows"))["workflows"]
    queues = (await api.read("/TaskQueues"))["task_queues"]
    activities = {each["sid"]: each for each in (await api.read("/Activities"))["activities"]}

    assert activities[space["timeout_activity_sid"]]["available"] is False
    assert activities[space["default_activity_sid"]]["friendly_name"] == "Offline"
    assert activities[queues[0]["assignment_activity_sid"]]["friendly_name"] == "Busy"
    assert activities[queues[0]["reservation_activity_sid"]]["friendly_name"] == "Reserved"
    assert [each["sid"] for each in activities.values() if each["available"]] == [api.space.activities[0].sid]
    assert await api.read(workflow["url"]) == workflow
    assert await api.read(queues[-1]["url"]) == queues[-1]
    assert (await api.read(queues[0]["links"]["real_time_statistics"]))["task_queue_sid"] == queues[0]["sid"]


async def test_workers_are_listed_by_queue_activity_and_name(api) -> None:
    everybody = (await api.read("/Workers"))["workers"]
    busy = (await api.read("/Workers", ActivityName="Busy"))["workers"]
    free = (await api.read("/Workers", Available="true"))["workers"]
    queue = (await api.read("/Workers", TaskQueueSid=api.queue))["workers"]
    named = (await api.read("/Workers", FriendlyName=everybody[3]["friendly_name"]))["workers"]
    agents = agents_now(api.world.center, None, api.at)

    assert (len(busy), len(free)) == (agents.busy, agents.available)
    assert len(queue) == len(api.world.center.members(0))
    assert named == [everybody[3]]
    assert everybody[3]["attributes"] is None
    assert (await api.read(everybody[3]["url"]))["attributes"] == "{}"


async def test_a_worker_says_since_when_it_stands_there(api) -> None:
    workers = (await api.read("/Workers", ActivityName="Busy"))["workers"]
    talking = {contact.agent: contact for contact in queue_now(api.world.center, range(6), api.at).talking}
    for worker in workers:
        contact = talking.get(api.space.workers[worker["sid"]])
        if contact is not None:
            since = api.world.center.moment(contact.accepted).replace(microsecond=0)
            assert worker["date_status_changed"] == since.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(talking) > 3


@pytest.mark.parametrize(
    "path",
    [
        "/v1/Workspaces/WS" + "0" * 32,
        "/v1/Workspaces/WS" + "0" * 32 + "/TaskQueues",
        "{root}/TaskQueues/WQ" + "0" * 32 + "/Statistics",
        "{root}/Workflows/WW" + "0" * 32,
        "{root}/Workflows/WW" + "0" * 32 + "/RealTimeStatistics",
        "{root}/Workers/WK" + "0" * 32 + "/Statistics",
        "/v2/Workspaces",
    ],
)
async def test_what_is_not_there_is_not_found(api, path) -> None:
    answer = await api.get(path.format(root=api.root))

    assert (answer.status, answer.body["code"], answer.body["status"]) == (404, 20404, 404)
