"""The simulated center keeps the laws of a queue, whatever its seed."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccstats.simulator.center import ActivitySpec, AgentSpec, Center, CenterSpec, QueueSpec, SiteSpec, generate_spec

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
HOUR = 3600.0

SEEDS = st.integers(0, 100_000)
MODES = st.booleans()
few = settings(max_examples=25, deadline=None)


def run(seed: int, seconds: float, *, single_tasking: bool = True, **options: int) -> Center:
    center = Center(generate_spec(seed, agents=12, queues=5, single_tasking=single_tasking, **options), START)
    center.advance(center.moment(seconds))
    return center


def story(center: Center) -> list[object]:
    """Return everything that happened, as plain values."""
    contacts = [
        (
            contact.number,
            contact.queue,
            contact.channel,
            contact.priority,
            contact.arrived,
            contact.accepted,
            contact.agent,
            contact.held,
            contact.talk_ended,
            contact.completed,
            contact.abandoned,
            tuple((offer.agent, offer.at, offer.ended, offer.outcome) for offer in contact.offers),
        )
        for contact in center.contacts
    ]
    agents = [
        (log.activities.times, log.activities.items, log.absences.items, [offer.at for offer in log.work.items])
        for log in center.agents
    ]
    return [contacts, agents]


@few
@given(SEEDS, MODES)
def test_equal_seeds_tell_equal_stories(seed: int, single: bool) -> None:
    assert story(run(seed, HOUR, single_tasking=single)) == story(run(seed, HOUR, single_tasking=single))


def test_other_seeds_tell_other_stories() -> None:
    assert story(run(1, HOUR)) != story(run(2, HOUR))


@few
@given(SEEDS, MODES, st.lists(st.floats(0, HOUR), max_size=12))
def test_the_steps_of_advancing_change_nothing(seed: int, single: bool, stops: list[float]) -> None:
    center = Center(generate_spec(seed, agents=12, queues=5, single_tasking=single), START)
    for stop in stops:
        center.advance(center.moment(stop))
    center.advance(center.moment(HOUR))

    assert story(center) == story(run(seed, HOUR, single_tasking=single))


def test_time_never_goes_back() -> None:
    center = run(3, HOUR)
    before = story(center)

    center.advance(START)

    assert center.now == START + timedelta(hours=1)
    assert story(center) == before


@few
@given(SEEDS, MODES)
def test_each_contact_goes_one_way_through_the_center(seed: int, single: bool) -> None:
    for contact in run(seed, 2 * HOUR, single_tasking=single).contacts:
        outcomes = [offer.outcome for offer in contact.offers]
        path = [contact.arrived, contact.accepted, contact.talk_ended, contact.completed]
        reached = [moment for moment in path if moment is not None]
        rings = [moment for offer in contact.offers for moment in (offer.at, offer.ended) if moment is not None]

        assert reached == sorted(reached)
        assert path[len(reached) :] == [None] * (4 - len(reached))
        assert rings == sorted(rings)
        assert (contact.accepted is not None) == ("accepted" in outcomes) == (contact.agent is not None)
        assert (contact.accepted is None) or (contact.abandoned is None)
        assert all(outcome == "timed_out" for outcome in outcomes[:-1])
        assert contact.held >= 0
        if "rescinded" in outcomes:
            assert contact.abandoned == contact.offers[-1].ended


@few
@given(SEEDS, MODES)
def test_agents_hold_no_more_contacts_than_they_can(seed: int, single: bool) -> None:
    center = run(seed, 2 * HOUR, single_tasking=single)
    most = 0
    for log in center.agents:
        edges = []
        for offer in log.work.items:
            over = offer.contact.completed if offer.outcome == "accepted" else offer.ended
            edges += [(offer.at, 1), (2 * HOUR if over is None else over, -1)]
        held = 0
        for _, change in sorted(edges):
            held += change
            most = max(most, held)

    assert most <= center.spec.capacity


@few
@given(SEEDS, MODES)
def test_offers_reach_only_members_in_an_available_activity_who_respond(seed: int, single: bool) -> None:
    center = run(seed, 2 * HOUR, single_tasking=single)
    for agent, log in enumerate(center.agents):
        for offer in log.work.items:
            activity = log.activities.last(offer.at)
            absence = log.absences.last(offer.at)

            assert offer.contact.queue in center.spec.agents[agent].queues
            assert activity is not None
            assert center.spec.activities[activity].state == "available"
            assert absence is None or absence.end <= offer.at


@few
@given(SEEDS, MODES)
def test_nobody_changes_activity_while_handling(seed: int, single: bool) -> None:
    center = run(seed, 2 * HOUR, single_tasking=single)
    for log in center.agents:
        for changed in log.activities.times:
            for offer in log.work.around(changed):
                over = offer.contact.completed if offer.outcome == "accepted" else offer.ended

                assert offer.at >= changed or (over is not None and over <= changed)


@few
@given(SEEDS)
def test_nobody_waits_while_a_member_is_idle(seed: int) -> None:
    center = run(seed, 2 * HOUR)
    spec = center.spec
    for agent in range(len(center.agents)):
        free = _idle_spells(center, agent)
        for queue in spec.agents[agent].queues:
            for contact in center.queues[queue].arrivals.items:
                for start, end in _pending_spells(contact, 2 * HOUR):
                    assert not any(max(start, since) < min(end, until) for since, until in free)


def _pending_spells(contact, end: float) -> list[tuple[float, float]]:
    spells, since = [], contact.arrived
    for offer in contact.offers:
        spells.append((since, offer.at))
        since = end if offer.ended is None else offer.ended
    if contact.accepted is None:
        spells.append((since, end if contact.abandoned is None else contact.abandoned))
    return [(start, over) for start, over in spells if over > start]


def _idle_spells(center: Center, agent: int) -> list[tuple[float, float]]:
    log = center.agents[agent]
    now = center.seconds(center.now)
    taken = [(absence.start, absence.end) for absence in log.absences.items]
    for offer in log.work.items:
        over = offer.contact.completed if offer.outcome == "accepted" else offer.ended
        taken.append((offer.at, now if over is None else over))
    starts = [*log.activities.times, now]
    for place, activity in enumerate(log.activities.items):
        if center.spec.activities[activity].state != "available":
            taken.append((starts[place], starts[place + 1]))
    spells, since = [], 0.0
    for start, over in sorted(taken):
        if start > since:
            spells.append((since, start))
        since = max(since, over)
    return [*spells, (since, now)] if now > since else spells


def one_queue(**changes: object) -> CenterSpec:
    options: dict[str, object] = {
        "name": "one",
        "seed": 7,
        "sites": (SiteSpec("here"),),
        "queues": (QueueSpec("only", 0, 60.0, {"voice": 1.0}),),
        "agents": (AgentSpec("Ana", 0, (0,)),),
        "activities": (ActivitySpec("Ready", "available"),),
    }
    return CenterSpec(**(options | changes))


def test_urgent_contacts_go_first_and_then_whoever_waits_longest() -> None:
    queue = QueueSpec("busy", 0, 120.0, {"voice": 1.0}, patience_mean_s=1e9, talk_mean_s=60)
    center = Center(one_queue(queues=(queue,), urgent_share=0.2, ring_timeout_share=0.0), START)
    center.advance(START + timedelta(hours=3))
    offers = [contact for contact in center.contacts if contact.offers]

    assert len(offers) > 50
    for contact in offers:
        at = contact.offers[0].at
        ahead = [
            other for other in center.contacts if other.arrived < at and (not other.offers or other.offers[0].at > at)
        ]

        assert all((-contact.priority, contact.arrived) < (-other.priority, other.arrived) for other in ahead)


def test_a_queue_without_agents_is_abandoned_by_all() -> None:
    center = Center(one_queue(agents=()), START)
    center.advance(START + timedelta(hours=5))
    old = [contact for contact in center.contacts if contact.arrived < 2 * HOUR]

    assert len(old) > 50
    assert all(contact.abandoned is not None and not contact.offers for contact in old)


def test_a_ring_that_nobody_takes_makes_the_agent_absent_and_is_offered_again() -> None:
    queue = QueueSpec("only", 0, 30.0, {"voice": 1.0}, patience_mean_s=1e9)
    center = Center(one_queue(queues=(queue,), ring_timeout_share=1.0), START)
    center.advance(START + timedelta(hours=1))
    offers = center.contacts[0].offers
    absences = center.agents[0].absences.items

    assert [round((offer.ended or 0) - offer.at, 3) for offer in offers[:3]] == [20.0, 20.0, 20.0]
    assert all(offer.outcome == "timed_out" for offer in offers[:3])
    assert all(45 <= absence.end - absence.start <= 75.001 for absence in absences)
    assert [absence.start for absence in absences[:3]] == [offer.ended for offer in offers[:3]]
    assert [offer.at for offer in offers[1:3]] == [absence.end for absence in absences[:2]]


def test_whoever_misses_two_rings_at_once_is_absent_once() -> None:
    queue = QueueSpec("only", 0, 240.0, {"voice": 1.0}, patience_mean_s=1e9)
    spec = one_queue(queues=(queue,), ring_timeout_share=0.5, single_tasking=False, capacity=4)
    center = Center(spec, START)
    center.advance(START + timedelta(hours=2))
    log = center.agents[0]
    absences = log.absences.items

    missed = [offer.ended for offer in log.offer_ends.items if offer.outcome == "timed_out"]
    assert len(missed) > len(absences) > 20
    assert all(first.end <= second.start for first, second in pairwise(absences))
    assert not any(each.start <= offer.at < each.end for each in absences for offer in log.work.items)


def test_what_happens_at_the_very_moment_has_happened() -> None:
    later = Center(one_queue(), START)
    later.advance(START + timedelta(hours=1))
    center = Center(one_queue(), START)

    for number, contact in enumerate(later.contacts):
        center.advance(center.moment(contact.arrived))
        assert len(center.contacts) == number + 1


def test_contacts_arrive_as_often_as_the_specification_says() -> None:
    queue = QueueSpec("only", 0, 60.0, {"voice": 0.75, "chat": 0.25})
    center = Center(one_queue(queues=(queue,)), START)
    center.advance(START + timedelta(hours=60))
    arrived = len(center.contacts)

    assert arrived == pytest.approx(3600, rel=0.06)
    assert sum(contact.channel == "chat" for contact in center.contacts) / arrived == pytest.approx(0.25, abs=0.03)


def test_a_center_needs_to_know_its_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        Center(one_queue(), datetime(2026, 1, 5))  # noqa: DTZ001 - without a zone on purpose


def test_moments_and_seconds_lead_back_to_each_other() -> None:
    center = Center(one_queue(), START)

    assert center.seconds(center.moment(12.345)) == 12.345
    assert center.seconds(START + timedelta(microseconds=12_345_999)) == 12.345


def test_the_center_loads_no_web_server() -> None:
    code = (
        "import sys; import ccstats.simulator.truth; print(any(name.startswith('aiohttp.web') for name in sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "False"
