"""Windows, filters and thresholds of the Twilio face."""

import pytest

from ccstats.simulator.truth import queue_window


async def test_a_window_is_what_happened_in_it(api) -> None:
    body = await api.read(f"/TaskQueues/{api.queue}/CumulativeStatistics", Minutes=30, SplitByWaitTime="5,20")
    window = queue_window(api.world.center, [0], 1800.0, 3600.0)
    waits = [int(wait) for wait in window.answer_waits]

    assert body["start_time"] == "2026-01-05T08:30:00Z"
    assert body["end_time"] == "2026-01-05T09:00:00Z"
    assert body["tasks_entered"] == window.offered
    assert body["reservations_accepted"] == window.answered > 0
    assert body["tasks_canceled"] == window.abandoned > 0
    assert body["tasks_completed"] == len(window.completed)
    assert body["reservations_created"] == window.reservations_created
    assert body["reservations_timed_out"] == window.reservations_timed_out
    assert body["reservations_canceled"] == window.reservations_rescinded
    assert body["wait_duration_until_accepted"] == {
        "avg": sum(waits) // len(waits),
        "min": min(waits),
        "max": max(waits),
        "total": sum(waits),
    }
    assert body["avg_task_acceptance_time"] == sum(waits) // len(waits)
    for threshold, sides in body["split_by_wait_time"].items():
        below = sum(wait <= int(threshold) for wait in window.answer_waits)
        assert sides["below"]["reservations_accepted"] == below
        assert sides["above"]["reservations_accepted"] == window.answered - below
        assert sum(side["tasks_canceled"] for side in sides.values()) == window.abandoned
    assert list(body["split_by_wait_time"]) == ["5", "20"]


async def test_the_default_window_is_the_last_quarter_of_an_hour(api) -> None:
    api.clock.advance(7.25)
    body = await api.read("/CumulativeStatistics")

    assert (body["start_time"], body["end_time"]) == ("2026-01-05T08:45:07Z", "2026-01-05T09:00:07Z")
    assert body["split_by_wait_time"] is None


async def test_dates_make_a_window(api) -> None:
    body = await api.read(
        "/CumulativeStatistics", StartDate="2026-01-05T08:10:00Z", EndDate="2026-01-05T10:20:00+02:00"
    )
    window = queue_window(api.world.center, range(6), 600.0, 1200.0)

    assert (body["start_time"], body["end_time"]) == ("2026-01-05T08:10:00Z", "2026-01-05T08:20:00Z")
    assert body["tasks_created"] == window.offered > 0


async def test_a_window_ends_now_at_the_latest(api) -> None:
    body = await api.read("/CumulativeStatistics", StartDate="2026-01-05T08:10:00Z", EndDate="2026-01-06T00:00:00Z")

    assert body["end_time"] == "2026-01-05T09:00:00Z"


@pytest.mark.parametrize(
    "params",
    [
        {"Minutes": 5, "StartDate": "2026-01-05T08:00:00Z", "EndDate": "2026-01-05T08:10:00Z"},
        {"Minutes": 5, "EndDate": "2026-01-05T08:10:00Z"},
        {"Minutes": "soon"},
        {"Minutes": 0},
        {"StartDate": "yesterday"},
        {"StartDate": "2026-01-05T08:30:00Z", "EndDate": "2026-01-05T08:10:00Z"},
        {"SplitByWaitTime": "5,x"},
        {"SplitByWaitTime": ""},
    ],
)
async def test_parameters_that_make_no_sense_are_refused(api, params) -> None:
    answer = await api.get(f"{api.root}/TaskQueues/{api.queue}/CumulativeStatistics", **params)

    assert (answer.status, answer.body["code"]) == (400, 20001)


async def test_unknown_parameters_are_ignored(api) -> None:
    body = await api.read("/CumulativeStatistics", minutes=60)

    assert body["start_time"] == "2026-01-05T08:45:00Z"


async def test_task_channel_by_name_and_by_sid(api) -> None:
    center = api.world.center
    mixed = next(sid for sid, queue in api.space.queues.items() if len(center.spec.queues[queue].channels) > 1)
    chat = next(sid for sid, name in api.space.channels.items() if name == "chat")
    path = f"/TaskQueues/{mixed}/CumulativeStatistics"
    everything, by_name, by_sid, nothing = [
        await api.read(path, Minutes=60, **params)
        for params in ({}, {"TaskChannel": "chat"}, {"TaskChannel": chat}, {"TaskChannel": "fax"})
    ]
    truth = queue_window(center, [api.space.queues[mixed]], 0.0, 3600.0, ["chat"])

    assert 0 < by_name["tasks_entered"] == truth.offered < everything["tasks_entered"]
    assert by_name == by_sid
    assert nothing["tasks_entered"] == 0


async def test_worker_statistics_of_one_queue(api) -> None:
    center = api.world.center
    by_sid = await api.read("/Workers/Statistics", TaskQueueSid=api.queue)
    by_name = await api.read("/Workers/Statistics", TaskQueueName=center.spec.queues[0].name)
    one = await api.read("/Workers/Statistics", FriendlyName=center.spec.agents[0].name)

    assert by_sid == by_name
    assert by_sid["realtime"]["total_workers"] == len(center.members(0)) < 24
    assert one["realtime"]["total_workers"] == 1


async def test_activity_durations_are_worker_seconds_of_the_window(api) -> None:
    body = await api.read("/Workers/CumulativeStatistics", Minutes=20)
    durations = {each["friendly_name"]: each for each in body["activity_durations"]}

    total = sum(each["total"] for each in durations.values())
    assert 24 * 1200 - len(durations) <= total <= 24 * 1200
    assert durations["Busy"]["total"] > durations["Reserved"]["total"] > 0
    assert all(each["min"] <= each["avg"] <= each["max"] <= 1200 for each in durations.values())
