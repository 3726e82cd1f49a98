"""Genesys's real-time bodies become the neutral model: what is known, what is not, and why not."""

from datetime import UTC, datetime, timedelta

import pytest
from vendor_bodies import ABSENT, changed, load
from vendor_genesys_parts import BILLING, MEAL, NOW, OFFLINE, ON_QUEUE, SALES, active, counted, known, observed, uuid
from vendor_honesty import superfluous, unexplained

from ccstats.model import ActivityState, GapReason
from ccstats_genesys.api import wire
from ccstats_genesys.parse import observations
from ccstats_genesys.parse.presences import STATES, Meanings

OBSERVED = load("genesys", "observations")
ACTIVE = load("genesys", "activity")
COUNTED = load("genesys", "agent_counts")
WAIT = ("results", 1, "data", 3, "stats", "calculatedMetricValue")
CHAT_WAIT = ("results", 2, "data", 3, "stats", "calculatedMetricValue")


def test_a_queue_is_read_field_by_field() -> None:
    realtime = observed(OBSERVED).realtime

    assert (realtime.waiting, realtime.offering, realtime.in_progress) == (5, 1, 3)
    assert realtime.longest_wait == timedelta(seconds=95)
    assert realtime.agents.model_dump() == {
        "total": 9,
        "available": 2,
        "busy": 2,
        "unavailable": 3,
        "offline": 1,
        "off_queue": 4,
        "not_responding": 1,
    }
    assert [(one.id, one.name, one.agents, one.state.value) for one in realtime.activities] == [
        (ON_QUEUE, "On Queue", 5, "available"),
        (MEAL, "Meal", 3, "unavailable"),
        (OFFLINE, "Offline", 1, "offline"),
    ]


def test_contacts_are_kept_apart_by_channel_and_added_over_channels() -> None:
    channels = observed(OBSERVED).realtime.by_channel

    assert {name: (one.waiting, one.offering, one.in_progress) for name, one in channels.items()} == {
        "voice": (3, 1, 2),
        "chat": (2, 0, 1),
    }
    assert {name: one.longest_wait.seconds for name, one in channels.items()} == {"voice": 95, "chat": 10}


def test_selected_channels_restrict_the_contacts_and_not_the_agents() -> None:
    realtime = observed(OBSERVED, channels=["chat"]).realtime

    assert (realtime.waiting, list(realtime.by_channel), realtime.agents.total) == (2, ["chat"], 9)


@pytest.mark.parametrize("queue", [BILLING, SALES])
@pytest.mark.parametrize("meanings", [known(), Meanings()])
def test_every_missing_number_has_a_reason_and_no_reason_stands_beside_a_number(queue, meanings) -> None:
    snapshot = observed(OBSERVED, queue, known_as=meanings)

    assert unexplained(snapshot) == []
    assert superfluous(snapshot) == []


def test_a_queue_that_came_back_empty_holds_nothing_and_nobody() -> None:
    snapshot = observed(OBSERVED, SALES)
    realtime = snapshot.realtime

    assert (realtime.waiting, realtime.offering, realtime.in_progress, realtime.agents.total) == (0, 0, 0, 0)
    assert realtime.longest_wait is None
    assert snapshot.gap("realtime.longest_wait").reason is GapReason.NO_DATA


def test_a_longest_wait_is_the_time_at_which_it_began_or_a_duration() -> None:
    for_95_s = changed(changed(OBSERVED, WAIT, 95_000), CHAT_WAIT, 10_000)

    assert observed(for_95_s).realtime.longest_wait == observed(OBSERVED).realtime.longest_wait


def test_a_wait_that_begins_a_moment_in_the_future_is_a_clock_that_is_slow() -> None:
    assert observed(OBSERVED, when=NOW - timedelta(minutes=3)).realtime.longest_wait == timedelta(0)


@pytest.mark.parametrize("value", [1e300, 1e18, 4_102_444_800_000])
def test_a_wait_that_begins_in_another_age_is_unknown_and_not_zero(value) -> None:
    snapshot = observed(changed(OBSERVED, WAIT, value))

    assert snapshot.realtime.longest_wait is None
    assert snapshot.realtime.by_channel["chat"].longest_wait == timedelta(seconds=10)
    assert unexplained(snapshot) == []


@pytest.mark.parametrize("value", [1_000_000_000_001, 10**12, -1, None, "soon"])
def test_a_wait_of_decades_is_unknown(value) -> None:
    snapshot = observed(changed(OBSERVED, WAIT, value))

    assert snapshot.realtime.longest_wait is None
    assert snapshot.gap("realtime.longest_wait").reason is GapReason.UNKNOWN


def test_waiting_contacts_without_a_longest_wait_are_unknown_and_not_nobody() -> None:
    snapshot = observed(changed(changed(OBSERVED, WAIT[:4], ABSENT), CHAT_WAIT[:4], ABSENT))

    assert snapshot.realtime.waiting == 5
    assert snapshot.gap("realtime.longest_wait").reason is GapReason.UNKNOWN


def test_a_presence_that_no_definition_names_has_the_meaning_of_its_mapping() -> None:
    realtime = observed(OBSERVED, known_as=Meanings()).realtime

    assert [(one.name, one.state.value) for one in realtime.activities] == [
        (None, "available"),
        (None, "unavailable"),
        (None, "offline"),
    ]


def test_a_presence_that_nobody_knows_is_kept_and_makes_offline_unknown() -> None:
    body = changed(OBSERVED, ("results", 0, "data", 2, "qualifier"), uuid(199))
    snapshot = observed(body)

    assert (snapshot.realtime.activities[1].id, snapshot.realtime.activities[1].state.value) == (uuid(199), "unknown")
    assert snapshot.realtime.agents.offline is None
    assert snapshot.realtime.agents.unavailable is None
    assert unexplained(snapshot) == []


def test_the_configuration_says_what_a_presence_means() -> None:
    told = Meanings(states={MEAL: ActivityState.OFFLINE})

    assert observed(OBSERVED, known_as=told).realtime.agents.offline == 4


@pytest.mark.parametrize("spelling", ["ON_QUEUE", "OnQueue", "On Queue", "onqueue"])
def test_a_system_presence_is_known_in_every_spelling(spelling) -> None:
    body = changed(OBSERVED, ("systemToOrganizationMappings",), {spelling: [ON_QUEUE], "Unknown": None})

    assert observed(body, known_as=Meanings()).realtime.activities[0].state is ActivityState.AVAILABLE
    assert "unknown" not in STATES


def test_agents_in_a_presence_without_its_id_make_offline_unknown() -> None:
    """Null is always unknown: those agents may be offline or not."""
    snapshot = observed(changed(OBSERVED, ("results", 0, "data", 1, "qualifier"), None))

    assert snapshot.realtime.agents.offline is None
    assert unexplained(snapshot) == []


def test_agents_in_a_routing_status_without_its_name_make_every_status_unknown() -> None:
    """Null is always unknown: those two agents may be idle or not."""
    snapshot = observed(changed(OBSERVED, ("results", 0, "data", 4, "qualifier"), None))

    assert snapshot.realtime.agents.available is None
    assert unexplained(snapshot) == []


@pytest.mark.parametrize("value", [ABSENT, None])
def test_contacts_in_a_group_without_a_media_type_are_not_lost(value) -> None:
    snapshot = observed(changed(OBSERVED, ("results", 1, "group", "mediaType"), value))

    assert snapshot.realtime.waiting != 2, "three of the five waiting contacts are in the group without a media type"
    assert snapshot.realtime.agents.total == 9
    assert unexplained(snapshot) == []


def test_the_whole_organization_is_read_by_channel() -> None:
    snapshot = active(ACTIVE)
    realtime = snapshot.realtime

    assert (realtime.waiting, realtime.offering, realtime.in_progress) == (7, 2, 15)
    assert realtime.longest_wait == timedelta(seconds=95)
    assert {name: one.waiting for name, one in realtime.by_channel.items()} == {"voice": 7, "email": 0}
    assert unexplained(snapshot) == []


def test_an_organization_in_which_nothing_happens_holds_nothing() -> None:
    snapshot = active({"results": []})

    assert snapshot.realtime.waiting == 0
    assert unexplained(snapshot) == []


def test_the_agents_of_the_organization_are_counted_once_each() -> None:
    snapshot = counted(COUNTED)
    agents = snapshot.realtime.agents

    assert (agents.total, agents.available, agents.busy, agents.off_queue) == (31, 6, 11, 13)
    assert (agents.offline, agents.unavailable, agents.not_responding) == (8, 5, 1)
    assert [(one.name, one.agents) for one in snapshot.realtime.activities] == [
        ("On Queue", 20),
        ("Meal", 3),
        ("Offline", 8),
    ]
    assert unexplained(snapshot) == []


def test_agents_in_a_presence_without_its_id_are_not_lost_from_the_total() -> None:
    snapshot = counted(changed(COUNTED, ("presenceCounts", 0, "organizationPresenceId"), None))

    assert snapshot.realtime.agents.total in (None, 31), "a total of 11 would leave twenty people out"
    assert unexplained(snapshot) == []


@pytest.mark.parametrize("value", [ABSENT, None])
@pytest.mark.parametrize(
    ("part", "lost"),
    [
        ("presenceCounts", {"total", "offline", "unavailable"}),
        ("routingStatusCounts", {"available", "busy", "off_queue", "not_responding", "unavailable"}),
    ],
)
def test_agent_counts_of_one_kind_only_leave_the_rest_unknown(part, lost, value) -> None:
    snapshot = counted(changed(COUNTED, (part,), value))
    agents = snapshot.realtime.agents.model_dump()

    assert {name for name, number in agents.items() if number is None} >= lost
    assert unexplained(snapshot) == []


def test_media_types_that_have_no_name_of_their_own_are_other_and_added() -> None:
    def group(media: str, waiting: int) -> wire.Observation:
        metrics = [wire.ObservedMetric(wire.Observed.WAITING, stats=wire.State(count=waiting))]
        return wire.Observation(wire.Group(queueId="q", mediaType=media), data=metrics)

    answer = wire.Observations(results=[group("cobrowse", 2), group("voice", 1), group("screenshare", 3)])
    values, _ = observations.realtime(
        observations.grouped(answer)["q"], observations.roster(answer, Meanings()), (), datetime.now(UTC)
    )

    assert values.by_channel["voice"].vendor_names == ("voice",)
    assert values.by_channel["other"].vendor_names == ("cobrowse", "screenshare")
    assert (values.by_channel["other"].waiting, values.waiting) == (5, 6)
