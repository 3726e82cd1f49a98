"""What the truth says of moments and windows adds up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccstats.simulator.center import Center, generate_spec
from ccstats.simulator.truth import (
    activity_time,
    agent_now,
    agent_segments,
    agents_now,
    contact_phase,
    members,
    queue_now,
    queue_window,
    reservations,
)

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
END = 5400.0
QUEUES = range(5)

SEEDS = st.integers(0, 100_000)
MODES = st.booleans()
# Events happen on whole milliseconds, so a moment between two of them is before or after each one.
BETWEEN = st.integers(0, int(END * 1000) - 1).map(lambda millisecond: (millisecond + 0.5) / 1000)
MOMENTS = st.integers(0, int(END * 1000)).map(lambda millisecond: millisecond / 1000)
CHANNELS = st.none() | st.sets(st.sampled_from(["voice", "chat", "email"]))
SOME_QUEUES = st.sets(st.sampled_from(list(QUEUES)))
few = settings(max_examples=40, deadline=None)


def run(seed: int, single: bool, seconds: float = END) -> Center:
    center = Center(generate_spec(seed, agents=12, queues=5, single_tasking=single), START)
    center.advance(center.moment(seconds))
    return center


@few
@given(SEEDS, MODES, BETWEEN, BETWEEN, SOME_QUEUES, CHANNELS)
def test_what_goes_in_comes_out_or_is_still_there(seed, single, one, other, queues, channels) -> None:
    start, end = sorted((one, other))
    center = run(seed, single)
    before, after = (queue_now(center, queues, at, channels) for at in (start, end))
    window = queue_window(center, queues, start, end, channels)

    assert window.offered - window.answered - window.abandoned == len(after.waiting) - len(before.waiting)
    handled = len(after.talking) + len(after.wrapping) - len(before.talking) - len(before.wrapping)
    assert window.answered - len(window.completed) == handled
    over = window.reservations_accepted + window.reservations_timed_out + window.reservations_rescinded
    assert window.reservations_created - over == len(after.ringing) - len(before.ringing)
    assert window.reservations_accepted == window.answered == len(window.answer_waits)
    assert window.reservations_rescinded <= window.abandoned == len(window.abandon_waits)


@few
@given(SEEDS, MODES, MOMENTS, MOMENTS, MOMENTS, CHANNELS)
def test_windows_add_up(seed, single, one, two, three, channels) -> None:
    a, b, c = sorted((one, two, three))
    center = run(seed, single)
    first, second, whole = (
        queue_window(center, QUEUES, start, end, channels) for start, end in ((a, b), (b, c), (a, c))
    )

    for name in ("offered", "answered", "abandoned", "reservations_created", "reservations_timed_out"):
        assert getattr(first, name) + getattr(second, name) == getattr(whole, name)
    for name in ("answer_waits", "abandon_waits", "completed"):
        assert sorted(getattr(first, name) + getattr(second, name), key=str) == sorted(getattr(whole, name), key=str)


@few
@given(SEEDS, MODES, MOMENTS, MOMENTS)
def test_queues_and_channels_add_up(seed, single, one, other) -> None:
    start, end = sorted((one, other))
    center = run(seed, single)
    whole = queue_window(center, QUEUES, start, end)
    parts = [
        queue_window(center, [queue], start, end, [channel])
        for queue in QUEUES
        for channel in ("voice", "chat", "email")
    ]
    now = queue_now(center, QUEUES, end)
    pieces = [queue_now(center, [queue], end) for queue in QUEUES]

    for name in ("offered", "answered", "abandoned", "reservations_created", "reservations_rescinded"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
    assert sum(len(piece.waiting) for piece in pieces) == len(now.waiting)
    assert max((piece.longest_wait or 0.0 for piece in pieces), default=0.0) == (now.longest_wait or 0.0)


@few
@given(SEEDS, MODES, MOMENTS)
def test_the_past_stays_as_it_was(seed, single, at) -> None:
    then, later = run(seed, single, at), run(seed, single)

    for queue in QUEUES:
        assert _numbers(queue_now(then, [queue], at)) == _numbers(queue_now(later, [queue], at))
    assert agents_now(then, None, at) == agents_now(later, None, at)
    assert activity_time(then, range(12), at / 2, at) == activity_time(later, range(12), at / 2, at)
    assert queue_window(then, QUEUES, 0.0, at).answer_waits == queue_window(later, QUEUES, 0.0, at).answer_waits


@few
@given(SEEDS, MODES, MOMENTS)
def test_the_index_finds_what_a_scan_of_everything_finds(seed, single, at) -> None:
    center = run(seed, single)
    now = queue_now(center, QUEUES, at)
    scanned = {
        phase: [contact.number for contact in center.contacts if contact_phase(contact, at) == phase]
        for phase in ("pending", "ringing", "talking", "wrapping")
    }

    assert _numbers(now) == scanned
    waiting = [
        contact.arrived for contact in center.contacts if contact.number in scanned["pending"] + scanned["ringing"]
    ]
    assert now.longest_wait == (round(at - min(waiting), 3) if waiting else None)


@few
@given(SEEDS, MODES, MOMENTS)
def test_agents_hold_what_queues_hold(seed, single, at) -> None:
    center = run(seed, single)
    now = queue_now(center, QUEUES, at)
    agents = agents_now(center, None, at)

    assert sum(agent.ringing for agent in agents.agents) == len(now.ringing)
    assert sum(agent.talking for agent in agents.agents) == len(now.talking)
    assert sum(agent.wrapping for agent in agents.agents) == len(now.wrapping)
    assert agents.total == 12 == agents.in_state("available") + agents.unavailable + agents.offline
    assert sum(agents.by_activity().values()) == agents.total
    if single:
        ready = agents.available + agents.busy + agents.ringing + agents.not_responding
        assert ready == agents.in_state("available")


@few
@given(SEEDS, MODES, MOMENTS, MOMENTS)
def test_agents_spend_exactly_the_window(seed, single, one, other) -> None:
    start, end = sorted((one, other))
    center = run(seed, single)

    for time in activity_time(center, range(12), start, end).values():
        doing = time.ringing + time.talking + time.wrapping + time.not_responding
        assert sum(time.own.values()) == pytest.approx(end - start, abs=1e-6)
        assert set(time.free) <= set(time.own)
        if single:
            assert sum(time.free.values()) + doing == pytest.approx(end - start, abs=1e-6)


@few
@given(SEEDS, MODES, MOMENTS, MOMENTS)
def test_segments_follow_each_other_and_agree_with_the_moment(seed, single, one, other) -> None:
    start, end = sorted((one, other))
    center = run(seed, single)

    for agent in range(12):
        segments = agent_segments(center, agent, start, end)
        edges = [start, *(segment.end for segment in segments)] if segments else [start]
        assert [segment.start for segment in segments] == edges[:-1]
        assert edges[-1] == (end if segments else start)
        for segment in segments:
            now = agent_now(center, agent, segment.start)
            shown = (now.activity, now.ringing, now.talking, now.wrapping, now.not_responding)
            assert shown == (
                segment.activity,
                segment.ringing,
                segment.talking,
                segment.wrapping,
                segment.not_responding,
            )


@few
@given(SEEDS, MODES, MOMENTS, MOMENTS)
def test_offers_to_agents_are_offers_from_queues(seed, single, one, other) -> None:
    start, end = sorted((one, other))
    center = run(seed, single)
    window = queue_window(center, QUEUES, start, end, ["voice"])
    offers = reservations(center, range(12), start, end, ["voice"])

    assert offers.created == window.reservations_created
    assert offers.accepted == window.reservations_accepted
    assert offers.timed_out == window.reservations_timed_out
    assert offers.rescinded == window.reservations_rescinded


@few
@given(SEEDS, MODES)
def test_handle_time_is_talk_hold_and_wrap(seed, single) -> None:
    center = run(seed, single)
    window = queue_window(center, QUEUES, 0.0, END)

    assert len(window.completed) > 0
    for contact, times in zip(window.completions, window.completed, strict=True):
        assert min(times.talk, times.wrap) > 0
        assert times.held == contact.held
        assert times.handle == pytest.approx(contact.completed - contact.accepted, abs=1e-6)


def test_windows_are_half_open_at_the_very_moments_of_events() -> None:
    center = run(8, True)
    arrivals = [contact.arrived for contact in center.contacts[:40]]
    answers = sorted(contact.accepted for contact in center.contacts if contact.accepted is not None)[:40]

    for at in arrivals:
        assert at in [contact.arrived for contact in queue_window(center, QUEUES, at, at + 0.001).arrivals]
        assert at not in [contact.arrived for contact in queue_window(center, QUEUES, 0.0, at).arrivals]
        assert at in [contact.arrived for contact in queue_now(center, QUEUES, at).waiting]
    for at in answers:
        assert queue_window(center, QUEUES, at, at + 0.001).answered > 0
        before, then = (queue_window(center, QUEUES, 0.0, end).answered for end in (at, at + 0.001))
        assert before < then


def test_members_are_counted_once() -> None:
    center = run(5, True)

    assert members(center, None) == list(range(12))
    assert len(members(center, QUEUES)) == len(set(members(center, QUEUES))) <= 12
    assert sum(len(members(center, [queue])) for queue in QUEUES) > len(members(center, QUEUES))
    assert members(center, ()) == []


def test_windows_end_where_the_center_ends() -> None:
    center = run(6, True)
    time = activity_time(center, [0], -100.0, END + 100.0)[0]

    assert sum(time.own.values()) == pytest.approx(END)
    assert activity_time(center, [0], END, END + 5)[0].own == {}


def test_before_the_start_there_was_nothing() -> None:
    center = run(6, True)

    assert queue_now(center, QUEUES, -1.0).waiting == ()
    assert queue_window(center, QUEUES, -500.0, 0.0).offered == 0
    with pytest.raises(ValueError, match="before"):
        agent_now(center, 0, -1.0)


def test_a_long_day_is_asked_quickly() -> None:
    center = run(2, True, timedelta(hours=24).total_seconds())
    looked_at = len(center.queues[0].arrivals.around(80_000.0))

    assert len(center.queues[0].arrivals.items) > 300
    assert looked_at < 100


def _numbers(now) -> dict[str, list[int]]:
    return {
        phase: sorted(contact.number for contact in getattr(now, phase))
        for phase in ("pending", "ringing", "talking", "wrapping")
    }
