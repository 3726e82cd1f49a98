"""Channels of Twilio: on request, one request each, under neutral names, as the center knows them."""

from datetime import timedelta
from typing import Any

import pytest
from vendor_honesty import unexplained
from vendor_loopback import account

from ccstats.errors import ConfigError, Origin, RequestRefusedError
from ccstats.model import Channel, ChannelRealtime, ChannelWindow, GapReason, Realtime, TimeStat, Window
from ccstats.simulator import truth
from ccstats.simulator.center import generate_spec
from ccstats_twilio.parse.channels import handle_by_channel, neutral, now_by_channel, window_by_channel

SPEC = generate_spec(4, queues=3, agents=12)
REALTIME, CUMULATIVE = "GET {TaskQueueSid}/RealTimeStatistics", "GET {TaskQueueSid}/CumulativeStatistics"
SECOND = timedelta(seconds=1)


async def test_every_channel_of_every_target_is_what_the_center_knows() -> None:
    kinds = {"kinds": ["queue", "workflow", "workspace"]}
    async with account("twilio", SPEC, by_channel=["*"], select=kinds) as one:
        snapshots = await one.poll(await one.discover(), "30m")
        (space,) = one.running.face.tenant(one.world).workspaces.values()
        center, seen = one.world.center, 0
        for sid, snapshot in snapshots.items():
            queues = [space.queues[sid]] if sid in space.queues else list(space.queues.values())
            window = snapshot.windows["30m"]
            assert set(window.by_channel) == {"voice", "chat", "sms", "email", "other"}
            assert window.by_channel["other"].vendor_names == ("default",)
            for name, part in window.by_channel.items():
                words = set(part.vendor_names)
                start, end = center.seconds(window.start), center.seconds(window.end)
                known = truth.queue_window(center, queues, start, end, words)
                assert (part.offered, part.answered, part.abandoned) == (
                    known.offered,
                    known.answered,
                    known.abandoned,
                ), name
                assert part.speed_of_answer.sum == timedelta(seconds=sum(int(wait) for wait in known.answer_waits))
                seen += known.answered if name != "voice" else 0
            now = snapshot.realtime
            assert now.waiting == sum(part.waiting for part in now.by_channel.values())
            assert unexplained(snapshot) == []
        assert seen > 20


async def test_handle_time_of_every_channel_is_what_the_center_knows() -> None:
    async with account("twilio", SPEC, by_channel=["*"], handle_time="events", select={"kinds": ["queue"]}) as one:
        snapshots = await one.poll(await one.discover(), "1h")
        (space,) = one.running.face.tenant(one.world).workspaces.values()
        center, seen = one.world.center, {}
        for sid, snapshot in snapshots.items():
            window = snapshot.windows["1h"]
            for name, part in window.by_channel.items():
                start, end = center.seconds(window.start), center.seconds(window.end)
                done = truth.queue_window(center, [space.queues[sid]], start, end, set(part.vendor_names)).completed
                assert (part.handle.count, part.handle.sum) == (
                    len(done),
                    sum((timedelta(milliseconds=round(each.handle * 1000)) for each in done), timedelta(0)),
                ), name
                seen[name] = seen.get(name, 0) + len(done)
            assert unexplained(snapshot) == []
        assert len([name for name, count in seen.items() if count]) > 1


async def test_without_events_the_handle_time_of_channels_is_a_gap_that_names_the_option() -> None:
    async with account("twilio", SPEC, by_channel=["*"], select={"kinds": ["queue"]}) as one:
        for snapshot in (await one.poll(await one.discover(), "30m")).values():
            gap = snapshot.gap("windows.30m.by_channel.handle")
            assert gap.reason is GapReason.NOT_REQUESTED
            assert "handle_time = 'events'" in gap.detail


def test_handle_time_of_two_task_channels_of_one_name_is_added_and_without_a_channel_it_is_unknown() -> None:
    channels = {
        "other": ChannelWindow(vendor_names=("default", "fax")),
        "voice": ChannelWindow(vendor_names=("voice",)),
    }
    times = {"default": TimeStat.of(2, 10 * SECOND, SECOND, 9 * SECOND), "fax": TimeStat.of(1, SECOND, SECOND, SECOND)}
    found, gaps = handle_by_channel(channels, times)
    assert found["other"].handle == TimeStat.of(3, 11 * SECOND, SECOND, 9 * SECOND)
    assert found["voice"].handle.count == 0
    assert gaps == {}
    found, gaps = handle_by_channel(channels, times | {None: TimeStat.of(1, SECOND, SECOND, SECOND)})
    assert found["other"].handle is None
    assert gaps["by_channel.handle"].reason is GapReason.UNKNOWN


async def test_channels_cost_a_request_each_and_the_plan_says_so() -> None:
    async with account("twilio", SPEC, by_channel=["voice", "ch*"], select={"kinds": ["queue"]}) as one:
        targets = await one.discover()
        planned = sum(batch.requests for batch in one.plan(targets, "30m"))
        snapshots = await one.poll(targets, "30m")
        assert {len(snapshot.realtime.by_channel) for snapshot in snapshots.values()} == {2}
        assert one.sent[REALTIME] == one.sent[CUMULATIVE] == 3 * len(targets)
        assert one.world.requests.total == planned


async def test_not_asked_for_channels_are_a_gap_that_names_the_option() -> None:
    async with account("twilio", SPEC, select={"kinds": ["queue"]}) as one:
        for snapshot in (await one.poll(await one.discover(), "30m")).values():
            for path in ("realtime.by_channel", "windows.30m.by_channel"):
                gap = snapshot.gap(path)
                assert gap.reason is GapReason.NOT_REQUESTED
                assert "by_channel = ['*']" in gap.detail


async def test_a_refused_channel_costs_the_channels_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async with account("twilio", SPEC, by_channel=["voice"], select={"kinds": ["queue"]}) as one:
        (first, *_) = targets = await one.discover()
        get = one.source._wires.get

        async def refusing(operation: str, *path: Any, **given: Any) -> Any:
            if operation == "queue.realtime" and given.get("TaskChannel"):
                raise RequestRefusedError("no such channel", origin=Origin(status=400))
            return await get(operation, *path, **given)

        monkeypatch.setattr(one.source._wires, "get", refusing)
        snapshot = (await one.poll(targets, "30m"))[first.id]
        assert snapshot.realtime.waiting is not None
        assert snapshot.realtime.by_channel is None
        assert snapshot.gap("realtime.by_channel").reason is GapReason.FAILED
        assert snapshot.windows["30m"].by_channel is not None
        assert one.source.learned.no_worker_statistics == frozenset()


@pytest.mark.parametrize("other", [{"detail": "totals"}, {"select": {"channels": ["voice"]}}])
async def test_channels_exclude_what_cannot_be_read_with_them(other: Any) -> None:
    with pytest.raises(ConfigError, match="by_channel goes with"):
        async with account("twilio", SPEC, by_channel=["*"], **other):
            pass


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("voice", "voice"),
        ("Voice", "voice"),
        ("sms", "sms"),
        ("default", "other"),
        ("whatsapp", "message"),
        ("x", "other"),
    ],
)
def test_names_are_neutral_and_an_accounts_own_are_as_configured(word: str, name: str) -> None:
    assert neutral(word, {"whatsapp": Channel.MESSAGE}) == name


def test_two_task_channels_of_one_name_are_added() -> None:
    first = Realtime(waiting=2, offering=1, longest_wait=9 * SECOND, in_progress=1)
    second = Realtime(waiting=0, offering=0, in_progress=4)
    found, gaps = now_by_channel([("default", first, {}), ("fax", second, {})], {})
    assert found == {
        "other": ChannelRealtime(
            vendor_names=("default", "fax"), waiting=2, offering=1, longest_wait=9 * SECOND, in_progress=5
        )
    }
    assert gaps == {"by_channel.longest_wait": gaps["by_channel.longest_wait"]}


def test_windows_of_two_task_channels_are_added_from_counts_and_sums() -> None:
    one = Window(
        offered=3, answered=2, abandoned=1, handled=2, speed_of_answer=TimeStat.of(2, 10 * SECOND, SECOND, SECOND)
    )
    other = Window(offered=1, answered=0, abandoned=1, handled=0, speed_of_answer=TimeStat(count=0, sum=0 * SECOND))
    found, _ = window_by_channel([("default", one, {}), ("fax", other, {})], {})
    assert found["other"] == ChannelWindow(
        vendor_names=("default", "fax"),
        offered=4,
        answered=2,
        abandoned=2,
        handled=2,
        speed_of_answer=TimeStat.of(2, 10 * SECOND, SECOND, SECOND),
    )


def test_a_count_that_one_task_channel_lacks_is_lacking() -> None:
    found, _ = now_by_channel([("default", Realtime(waiting=2), {}), ("fax", Realtime(), {})], {})
    assert found["other"].waiting is None
    assert found["other"].longest_wait is None
