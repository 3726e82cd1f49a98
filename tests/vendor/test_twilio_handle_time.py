"""Handle time out of the Events list: as the center knows it, each event fetched once, at nothing else's expense."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from vendor_honesty import unexplained
from vendor_loopback import account, of

from ccstats import lenient
from ccstats.model import Gap, GapReason, Kind, TimeStat
from ccstats.simulator import truth
from ccstats.simulator.center import generate_spec
from ccstats_twilio.api import wire
from ccstats_twilio.parse.handling import HandleTimes, Ledger

EVENTS = "GET {WorkspaceSid}/Events"
BUSY = generate_spec(3, queues=4, agents=24)


def stat(seconds: list[float]) -> TimeStat:
    times = [timedelta(milliseconds=round(each * 1000)) for each in seconds]
    return TimeStat(
        count=len(times), sum=sum(times, timedelta(0)), min=min(times, default=None), max=max(times, default=None)
    )


def known(one: Any, queues: list[int], start: Any, end: Any) -> dict[str, TimeStat]:
    """Handle time as the center's own log has it; hold is inside talk."""
    center = one.world.center
    done = truth.queue_window(center, queues, center.seconds(start), center.seconds(end)).completed
    return {
        "handle": stat([each.handle for each in done]),
        "talk": stat([each.talk + each.held for each in done]),
        "after_call_work": stat([each.wrap for each in done]),
    }


async def test_handle_time_of_every_target_is_the_centers_own() -> None:
    kinds = {"kinds": ["queue", "workflow", "workspace"]}
    async with account("twilio", BUSY, handle_time="events", select=kinds) as one:
        snapshots = await one.poll(await one.discover(), "30m", "today")
        (space,) = one.running.face.tenant(one.world).workspaces.values()
        seen = 0
        for sid, snapshot in snapshots.items():
            queues = [space.queues[sid]] if sid in space.queues else list(space.queues.values())
            for window in snapshot.windows.values():
                times = {name: getattr(window, name) for name in ("handle", "talk", "after_call_work")}
                assert times == known(one, queues, window.start, window.end), sid
                seen += window.handle.count
            assert unexplained(snapshot) == []
            assert snapshot.gap("windows.30m.hold").reason is GapReason.UNSUPPORTED
        assert seen > 200


async def test_handle_time_of_an_agent_is_that_of_its_reservations() -> None:
    async with account("twilio", BUSY, handle_time="events", select={"kinds": ["agent"]}) as one:
        snapshots = await one.poll(await one.discover(), "30m")
        (space,) = one.running.face.tenant(one.world).workspaces.values()
        whole = known(one, list(space.queues.values()), *bounds(snapshots))
        assert sum(each.windows["30m"].handle.count for each in snapshots.values()) == whole["handle"].count


def bounds(snapshots: Any) -> tuple[Any, Any]:
    window = next(iter(snapshots.values())).windows["30m"]
    return window.start, window.end


async def test_each_event_is_fetched_once_however_many_queues_and_windows_are_made_of_it() -> None:
    async with account("twilio", BUSY, handle_time="events", select={"kinds": ["queue"]}) as one:
        targets = await one.discover()
        await one.poll(targets, "30m")
        assert one.sent[EVENTS] == 3
        one.world.requests.forget()
        await one.poll(targets, "30m")
        assert one.sent[EVENTS] == 0
        one.clock.advance(60)
        snapshots = await one.poll(targets, "30m")
        asked = [parse_qs(record.query) for record in one.world.requests if record.path.endswith("/Events")]
        assert len(asked) == 3
        starts, ends = {each["StartDate"][0] for each in asked}, {each["EndDate"][0] for each in asked}
        assert (starts, ends) == ({"2026-01-05T08:59:50Z"}, {"2026-01-05T09:01:00Z"})
        (space,) = one.running.face.tenant(one.world).workspaces.values()
        for sid, snapshot in snapshots.items():
            window = snapshot.windows["30m"]
            assert window.handle == known(one, [space.queues[sid]], window.start, window.end)["handle"]


async def test_a_longer_window_asks_only_for_what_it_adds() -> None:
    async with account("twilio", BUSY, handle_time="events", select={"kinds": ["queue"]}) as one:
        targets = await one.discover()
        await one.poll(targets, "1m")
        one.world.requests.forget()
        await one.poll(targets, "30m")
        asked = [parse_qs(record.query) for record in one.world.requests if record.path.endswith("/Events")]
        assert {(each["StartDate"][0], each["EndDate"][0]) for each in asked} == {
            ("2026-01-05T07:30:00Z", "2026-01-05T07:59:00Z")
        }


async def test_pages_of_events_are_followed_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccstats_twilio.wires.PAGE", 7)
    async with account("twilio", BUSY, handle_time="events", select={"kinds": ["queue"]}) as one:
        snapshots = await one.poll(await one.discover(), "30m")
        (space,) = one.running.face.tenant(one.world).workspaces.values()
        assert one.sent[EVENTS] > 12
        for sid, snapshot in snapshots.items():
            window = snapshot.windows["30m"]
            assert window.handle == known(one, [space.queues[sid]], window.start, window.end)["handle"]


async def test_pages_are_of_a_thousand() -> None:
    async with account("twilio", BUSY, handle_time="events", select={"kinds": ["queue"]}) as one:
        await one.poll(await one.discover(), "30m")
        sizes = [parse_qs(record.query)["PageSize"] for record in one.world.requests if record.path.endswith("/Events")]
        assert sizes == [["1000"]] * 3


async def test_a_contact_accepted_before_all_that_was_read_is_asked_for_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ccstats_twilio.events.LOOKBACK", timedelta(0))
    async with account("twilio", BUSY, handle_time="events", select={"kinds": ["queue"]}) as one:
        snapshots = await one.poll(await one.discover(), "5m")
        (space,) = one.running.face.tenant(one.world).workspaces.values()
        assert any("ReservationSid" in record.query for record in one.world.requests)
        for sid, snapshot in snapshots.items():
            window = snapshot.windows["5m"]
            assert window.handle == known(one, [space.queues[sid]], window.start, window.end)["handle"]


async def test_where_too_many_begin_unseen_the_gap_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccstats_twilio.events.LOOKBACK", timedelta(0))
    monkeypatch.setattr("ccstats_twilio.events.LOOKUPS", 0)
    async with account("twilio", BUSY, handle_time="events", select={"kinds": ["workspace"]}) as one:
        (snapshot,) = (await one.poll(await one.discover(), "5m")).values()
        gap = snapshot.gap("windows.5m.handle")
        assert snapshot.windows["5m"].handle is None
        assert gap.reason is GapReason.UNKNOWN
        assert "no event tells when they were accepted" in gap.detail


@pytest.mark.parametrize(("status", "reason"), [(400, GapReason.FAILED), (403, GapReason.NOT_PERMITTED)])
async def test_events_that_cannot_be_read_cost_the_handle_time_and_nothing_else(status: int, reason: GapReason) -> None:
    async with account("twilio", BUSY, handle_time="events", select={"kinds": ["queue"]}) as one:
        targets = await one.discover()
        one.fault("/Events", status=status)
        snapshots = await one.poll(targets, "30m")
        assert one.sent[EVENTS] == 1, "one refusal holds for all queues of this minute"
        for snapshot in snapshots.values():
            assert snapshot.windows["30m"].offered is not None
            assert snapshot.windows["30m"].error is None
            assert snapshot.gap("windows.30m.handle").reason is reason
            assert unexplained(snapshot) == []
        one.clock.advance(60)
        await one.poll(targets, "30m")
        assert one.sent[EVENTS] == (2 if reason is GapReason.FAILED else 1)
        await one.source.discover()
        one.world.faults.clear()
        snapshots = await one.poll(targets, "30m")
        assert all(snapshot.windows["30m"].handle is not None for snapshot in snapshots.values())


async def test_switched_off_nothing_is_asked_and_the_gap_says_how_to_switch_it_on() -> None:
    async with account("twilio", BUSY) as one:
        snapshots = await one.poll(of(Kind.QUEUE, await one.discover()), "30m")
        assert one.sent[EVENTS] == 0
        for snapshot in snapshots.values():
            gap = snapshot.gap("windows.30m.handle")
            assert gap.reason is GapReason.NOT_REQUESTED
            assert "handle_time = 'events'" in gap.detail


async def test_the_plan_counts_the_requests_for_events() -> None:
    async with account("twilio", BUSY, handle_time="events", select={"kinds": ["queue"]}) as one:
        targets = await one.discover()
        planned = sum(batch.requests for batch in one.plan(targets, "30m"))
        await one.poll(targets, "30m")
        assert one.world.requests.total == planned


async def test_a_channel_filter_holds_for_events_too() -> None:
    async with account(
        "twilio", BUSY, handle_time="events", select={"kinds": ["workspace"], "channels": ["chat"]}
    ) as one:
        (snapshot,) = (await one.poll(await one.discover(), "30m")).values()
        center, window = one.world.center, snapshot.windows["30m"]
        start, end = center.seconds(window.start), center.seconds(window.end)
        done = truth.queue_window(center, range(len(center.spec.queues)), start, end, {"chat"}).completed
        assert window.handle == stat([each.handle for each in done])


def event(step: str, at: Any, **data: Any) -> wire.Event:
    return wire.Event(event_type=f"reservation.{step}", event_date_ms=at, resource_sid="WR1", event_data=data)


START = lenient.moment("1970-01-01T00:00:00Z")
END = lenient.moment("1970-01-01T01:00:00Z")


def test_a_step_that_comes_before_the_one_before_it_took_no_time() -> None:
    ledger = Ledger()
    for one in (event("accepted", 1000), event("wrapup", 900), event("completed", 1500)):
        ledger.add(one)
    found = ledger.times(START, END, None)
    assert isinstance(found, HandleTimes)
    assert (found.handle.sum, found.talk.sum) == (timedelta(milliseconds=500), timedelta(0))


def test_a_reservation_without_wrapup_has_talk_and_no_after_call_work() -> None:
    ledger = Ledger()
    for one in (event("accepted", "1000"), event("completed", 4000), event("completed", 4000)):
        ledger.add(one)
    found = ledger.times(START, END, None)
    assert isinstance(found, HandleTimes)
    assert (found.handle.count, found.talk.sum, found.after_call_work.count) == (1, timedelta(seconds=3), 0)


@pytest.mark.parametrize(
    "junk",
    [
        wire.Event(),
        wire.Event(event_type="task.created", event_date_ms=1, resource_sid="WT1"),
        wire.Event(event_type="reservation.completed", event_date_ms="soon", resource_sid="WR1"),
        wire.Event(event_type="reservation.completed", event_date_ms=5, event_data=["not", "a", "map"]),
        wire.Event(event_type=7, event_date_ms=None, resource_sid=7, event_data="{}"),
    ],
)
def test_what_is_no_step_of_a_reservation_is_left_out(junk: wire.Event) -> None:
    ledger = Ledger()
    ledger.add(junk)
    assert ledger.times(START, END, None) == HandleTimes(stat([]), stat([]), stat([]))


def test_what_was_completed_without_being_accepted_is_unknown_until_it_is_found() -> None:
    ledger = Ledger()
    ledger.add(event("completed", 4000, task_queue_sid="WQ1"))
    assert ledger.beginless(START, END) == ["WR1"]
    assert isinstance(ledger.times(START, END, "WQ1"), Gap)
    ledger.add(event("accepted", 1000))
    assert ledger.beginless(START, END) == []
    assert isinstance(ledger.times(START, END, "WQ1"), HandleTimes)


def test_what_is_completed_as_a_window_ends_belongs_to_the_next_one() -> None:
    ledger = Ledger()
    for one in (event("accepted", 1000), event("completed", 3_600_000)):
        ledger.add(one)
    found, later = ledger.times(START, END, None), ledger.times(END, END + timedelta(hours=1), None)
    assert isinstance(found, HandleTimes)
    assert isinstance(later, HandleTimes)
    assert (found.handle.count, later.handle.count) == (0, 1)
