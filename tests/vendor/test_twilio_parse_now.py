"""Twilio's real-time bodies become the neutral model: what is known, what is not, and why not."""

from datetime import timedelta

import pytest
from vendor_bodies import ABSENT, changed, load
from vendor_honesty import superfluous, unexplained
from vendor_twilio_parts import BUSY, IDLE, OFFLINE, PAUSE, RESERVED, agent, both, facts, now, sid

from ccstats.model import ActivityState, GapReason, Kind

QUEUE_NOW = load("twilio", "queue_realtime")
SPACE_NOW = load("twilio", "workspace_realtime")


def test_a_queue_is_read_field_by_field() -> None:
    realtime = now(QUEUE_NOW).realtime

    assert (realtime.waiting, realtime.offering, realtime.in_progress, realtime.after_call_work) == (6, 2, 5, 3)
    assert realtime.longest_wait == timedelta(seconds=95)
    assert realtime.waiting_by_priority == {0: 9, 10: 5}
    agents = realtime.agents
    assert (agents.total, agents.available, agents.busy, agents.unavailable) == (15, 4, 7, 4)
    assert [(one.id, one.agents, one.state.value) for one in realtime.activities] == [
        (IDLE, 4, "available"),
        (BUSY, 5, "busy"),
        (RESERVED, 2, "busy"),
        (PAUSE, 3, "unavailable"),
        (OFFLINE, 1, "unavailable"),
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (QUEUE_NOW, Kind.QUEUE),
        (SPACE_NOW, Kind.WORKSPACE),
        (load("twilio", "seed_workflow_realtime"), Kind.WORKFLOW),
        (load("twilio", "seed_workers_realtime"), Kind.WORKSPACE),
        (load("twilio", "workspace_realtime_unfilled"), Kind.WORKSPACE),
        ({}, Kind.QUEUE),
    ],
)
@pytest.mark.parametrize("multi_tasking", [False, True, None])
def test_every_missing_number_has_a_reason_and_no_reason_stands_beside_a_number(body, kind, multi_tasking) -> None:
    snapshot = now(body, kind, facts(multi_tasking=multi_tasking))

    assert unexplained(snapshot) == []
    assert superfluous(snapshot) == []


@pytest.mark.parametrize(("multi_tasking", "reason"), [(True, GapReason.UNSUPPORTED), (None, GapReason.UNKNOWN)])
def test_agents_are_busy_in_single_tasking_workspaces_only(multi_tasking, reason) -> None:
    snapshot = now(QUEUE_NOW, Kind.QUEUE, facts(multi_tasking=multi_tasking))

    assert snapshot.realtime.agents.busy is None
    assert snapshot.gap("realtime.agents.busy").reason is reason
    assert all(one.state is not ActivityState.BUSY for one in snapshot.realtime.activities)


def test_in_a_multi_tasking_workspace_everybody_not_available_is_unavailable() -> None:
    assert now(QUEUE_NOW, Kind.QUEUE, facts(multi_tasking=True)).realtime.agents.unavailable == 11


def test_offline_is_known_where_the_configuration_says_which_activity_it_is() -> None:
    without = now(QUEUE_NOW)
    agents = now(QUEUE_NOW, Kind.QUEUE, facts(states={OFFLINE: ActivityState.OFFLINE})).realtime.agents

    assert without.realtime.agents.offline is None
    assert without.gap("realtime.agents.offline").reason is GapReason.NOT_REQUESTED
    assert (agents.offline, agents.unavailable) == (1, 3)


def test_offline_agents_that_cannot_be_counted_are_not_called_unavailable() -> None:
    known = facts(multi_tasking=True, states={OFFLINE: ActivityState.OFFLINE})
    whole = now(QUEUE_NOW, Kind.QUEUE, known).realtime.agents
    body = changed(QUEUE_NOW, ("activity_statistics",), None)
    agents = now(body, Kind.QUEUE, known).realtime.agents

    assert (whole.offline, whole.unavailable) == (1, 10)
    assert (agents.offline, agents.unavailable) == (None, None)


def test_a_workspace_counts_its_available_agents_by_the_flags_of_their_activities() -> None:
    agents = now(SPACE_NOW, Kind.WORKSPACE).realtime.agents

    assert (agents.total, agents.available, agents.busy) == (15, 4, 7)


def test_an_empty_table_of_statuses_beside_a_hundred_tasks_is_unknown_and_not_zero() -> None:
    snapshot = now(load("twilio", "workspace_realtime_unfilled"), Kind.WORKSPACE)
    realtime = snapshot.realtime

    assert (realtime.waiting, realtime.offering, realtime.in_progress, realtime.after_call_work) == (None,) * 4
    assert snapshot.gap("realtime.waiting").reason is GapReason.UNKNOWN
    assert realtime.longest_wait == timedelta(seconds=100)


def test_an_empty_table_of_statuses_beside_no_task_is_zero() -> None:
    body = changed(changed(SPACE_NOW, ("tasks_by_status",), {}), ("total_tasks",), 0)

    assert now(body, Kind.WORKSPACE).realtime.waiting == 0


def test_an_empty_list_of_activities_beside_fifteen_workers_is_unknown_and_not_zero() -> None:
    snapshot = now(changed(SPACE_NOW, ("activity_statistics",), []), Kind.WORKSPACE)

    assert snapshot.realtime.agents.available is None
    assert snapshot.realtime.agents.busy is None


@pytest.mark.parametrize("unusable", [ABSENT, None, 5, ""])
def test_agents_in_an_activity_without_a_sid_make_every_sum_over_activities_unknown(unusable) -> None:
    snapshot = now(changed(SPACE_NOW, ("activity_statistics", 0, "sid"), unusable), Kind.WORKSPACE)

    assert snapshot.realtime.agents.available is None
    assert unexplained(snapshot) == []


def test_priorities_of_older_answers_are_understood() -> None:
    body = changed(QUEUE_NOW, ("tasks_by_priority",), {"Priority-5": "3", "0": 2})

    assert now(body).realtime.waiting_by_priority == {5: 3, 0: 2}


def test_the_highest_priority_that_twilio_allows_is_understood() -> None:
    body = changed(QUEUE_NOW, ("tasks_by_priority",), {"2147483647": 1})

    assert now(body).realtime.waiting_by_priority == {2147483647: 1}


def test_a_table_of_priorities_with_a_strange_key_is_unknown_as_a_whole() -> None:
    assert now(changed(QUEUE_NOW, ("tasks_by_priority",), {"5": 1, "high": 2})).realtime.waiting_by_priority is None


def test_an_age_of_zero_with_a_task_is_a_contact_that_has_just_come() -> None:
    assert now(changed(QUEUE_NOW, ("longest_task_waiting_age",), 0)).realtime.longest_wait == timedelta(0)


def test_where_nobody_waits_there_is_no_longest_wait() -> None:
    (_, row) = load("twilio", "queues_bulk")["task_queue_data"]
    snapshot = now(row)

    assert snapshot.realtime.waiting == 0
    assert snapshot.realtime.longest_wait is None
    assert snapshot.gap("realtime.longest_wait").reason is GapReason.NO_DATA


def test_no_task_beside_waiting_contacts_does_not_mean_that_nobody_waits() -> None:
    snapshot = now(changed(QUEUE_NOW, ("longest_task_waiting_sid",), None))

    assert snapshot.realtime.waiting == 6
    assert snapshot.gap("realtime.longest_wait").reason is GapReason.UNKNOWN


def test_the_longest_wait_can_count_from_queue_entry() -> None:
    snapshot = now(QUEUE_NOW, longest_wait="since_queue_entry")

    assert snapshot.realtime.longest_wait == timedelta(seconds=61)


@pytest.mark.parametrize("kind", [Kind.WORKSPACE, Kind.WORKFLOW])
def test_only_queues_know_the_wait_since_queue_entry(kind) -> None:
    assert now(SPACE_NOW, kind, longest_wait="since_queue_entry").realtime.longest_wait == timedelta(seconds=95)


def test_an_activity_that_discovery_did_not_see_is_kept_with_an_unknown_state() -> None:
    body = changed(SPACE_NOW, ("activity_statistics", 3, "sid"), sid("WA", 99))
    snapshot = now(body, Kind.WORKSPACE)

    assert (snapshot.realtime.activities[3].id, snapshot.realtime.activities[3].state.value) == (
        sid("WA", 99),
        "unknown",
    )
    assert snapshot.realtime.agents.available is None, "those three may be available or not"


def test_an_unknown_activity_that_nobody_is_in_spoils_no_sum() -> None:
    row = {"sid": sid("WA", 99), "friendly_name": "80fa2beb-3a05-11e5-8fc8-98e0d9a1eb73", "workers": 0}
    body = changed(SPACE_NOW, ("activity_statistics",), [*SPACE_NOW["activity_statistics"], row])

    assert now(body, Kind.WORKSPACE).realtime.agents.available == 4


@pytest.mark.parametrize("state", list(ActivityState))
def test_the_configuration_says_what_an_activity_means(state) -> None:
    snapshot = now(QUEUE_NOW, Kind.QUEUE, facts(states={PAUSE: state}))

    assert snapshot.realtime.activities[3].state is state


def test_a_workflow_says_nothing_of_workers() -> None:
    snapshot = both(load("twilio", "seed_workflow_combined"), Kind.WORKFLOW)

    assert snapshot.realtime.in_progress == 1
    assert set(snapshot.realtime.agents.model_dump().values()) == {None}
    assert snapshot.gap("realtime.agents.total").reason is GapReason.UNSUPPORTED
    assert snapshot.gap("realtime.activities").reason is GapReason.UNSUPPORTED


def test_the_workers_of_the_seed_are_counted_by_activity() -> None:
    realtime = now(load("twilio", "seed_workers_realtime"), Kind.WORKSPACE).realtime

    assert realtime.agents.total == 15
    assert [(one.name, one.agents) for one in realtime.activities] == [
        ("Idle", 0),
        ("Busy", 9),
        ("Offline", 6),
        ("Reserved", 0),
    ]
    assert realtime.waiting is None


@pytest.mark.parametrize(
    ("row", "expected"), [(0, (1, 1, 0, "available")), (1, (1, 0, 0, "busy")), (2, (1, 0, 1, "unavailable"))]
)
def test_a_worker_is_one_agent_in_one_activity(row, expected) -> None:
    snapshot = agent(load("twilio", "workers")["workers"][row])
    agents, (activity,) = snapshot.realtime.agents, snapshot.realtime.activities

    assert (agents.total, agents.available, agents.unavailable, activity.state.value) == expected
    assert unexplained(snapshot) == []


def test_a_worker_without_activity_is_available_by_its_flag_alone() -> None:
    snapshot = agent({"sid": sid("WK", 9), "available": True})

    assert snapshot.realtime.agents.available == 1
    assert snapshot.realtime.activities is None
    assert unexplained(snapshot) == []
