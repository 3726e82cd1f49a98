"""A new configuration while polling: what did not change loses no poll, what changed loses one at most."""

import asyncio
import math
from itertools import pairwise

import pytest
from monitor_fake import BOTH, FakeAdapter, WallClock, config, loop_time, most_in_any, poll

from ccstats.config import Config, Http, parse_config
from ccstats.errors import AuthError, ConfigError, UnavailableError
from ccstats.model import Snapshot, Status
from ccstats.monitor import Changes, Monitor, SourceState

pytestmark = pytest.mark.looptime(noop_cycles=0)
EVERY = poll(realtime_every=10)
BEFORE = config("a", "b", every=EVERY)


def widest(times: list[float]) -> float:
    """The longest time between two of these."""
    return max(later - earlier for earlier, later in pairwise(times))


def gather(changes: Changes) -> list[Snapshot]:
    """What a reader has not seen yet."""
    return [changes._waiting.pop(key) for key in list(changes._waiting)]


async def test_a_source_that_stays_the_same_is_not_touched(vendor: FakeAdapter, wall: WallClock) -> None:
    """Its reads come in the rhythm they had, while another source changes and a third comes."""
    vendor["a"].many(20)
    vendor["b"].many(20)
    async with Monitor(BEFORE, clock=wall) as monitor:
        await asyncio.sleep(100)
        await monitor.reload(config("a", "b", "c", every=EVERY, own={"b": {"batch": 5}}))
        await asyncio.sleep(100)
        stats = {one.source: one for one in monitor.stats().sources}

    assert len(vendor["a"].discoveries) == 1
    assert {round(widest(times), 3) for times in vendor["a"].by_target().values()} == {10.0}
    assert (stats["a"].polls, stats["a"].skipped, stats["a"].failed_polls) == (400, 0, 0)
    assert len(vendor["b"].discoveries) == 2
    assert len(vendor["c"].reads) >= 9
    assert list(stats) == ["a", "b", "c"]


async def test_a_source_that_changes_loses_at_most_one_poll_and_no_value(vendor: FakeAdapter, wall: WallClock) -> None:
    """Its latest values stay while it is discovered anew, and its slots are those it had."""
    vendor["b"].many(20).discovery_takes = 3.0
    async with Monitor(config("b", every=EVERY), clock=wall) as monitor:
        await asyncio.sleep(103)
        before = monitor.latest()
        await monitor.reload(config("b", every=EVERY, requests=2))
        assert monitor.latest() == before
        await asyncio.sleep(100)
        after = monitor.latest()

    assert all(widest(times) <= 20.0 + 1e-6 for times in vendor["b"].by_target().values())
    offsets = [{round(at % 10, 3) for at in times if not 103 < at < 110} for times in vendor["b"].by_target().values()]
    assert all(len(one) == 1 for one in offsets)
    assert {one.realtime.status for one in after.values() if one.realtime} == {Status.FRESH}


@pytest.mark.parametrize(("before", "after"), [(0.25, 1.0), (1.0, 0.25)])
async def test_another_share_of_the_limit_holds_from_the_change_on(
    vendor: FakeAdapter, wall: WallClock, before: float, after: float
) -> None:
    """Looser as well as stricter, and what was spent stays spent."""
    vendor["a"].many(100)
    shared = {"every": EVERY, "credential": "one", "limit": 60}
    async with Monitor(config("a", **shared, limits={"share": before}), clock=wall) as monitor:
        await asyncio.sleep(600)
        await monitor.reload(config("a", **shared, limits={"share": after}))
        await asyncio.sleep(600)

    sent = vendor["a"].sent()
    early, late = len([at for at in sent if at < 600]), len([at for at in sent if at >= 600])
    assert late / early == pytest.approx(after / before, rel=0.2)
    assert most_in_any(sent, 60.0) <= 60


async def test_a_source_that_goes_is_marked_as_gone_and_closed(vendor: FakeAdapter, wall: WallClock) -> None:
    async with Monitor(BEFORE, clock=wall) as monitor, monitor.subscribe() as changes:
        await asyncio.sleep(30)
        gather(changes)
        await monitor.reload(config("a", every=EVERY))
        asked = len(vendor["b"].reads)
        gone = gather(changes)
        await asyncio.sleep(30)
        assert set(monitor.latest()) == {"a:queue:q0"}
        assert vendor["b"].open is False

    assert [(one.target.key, one.realtime.status) for one in gone if one.realtime] == [("b:queue:q0", Status.GONE)]
    assert len(vendor["b"].reads) == asked


async def test_a_target_that_is_no_longer_selected_is_gone(vendor: FakeAdapter, wall: WallClock) -> None:
    vendor["b"].many(3)
    async with Monitor(config("b", every=EVERY), clock=wall) as monitor:
        await asyncio.sleep(30)
        await monitor.reload(config("b", every=EVERY, select={"match": ("q1",)}))
        await asyncio.sleep(30)
        status = {key: one.realtime.status for key, one in monitor.latest().items() if one.realtime}

    assert status == {"b:queue:q0": Status.GONE, "b:queue:q1": Status.FRESH, "b:queue:q2": Status.GONE}


async def test_a_window_that_is_no_longer_read_is_dropped(vendor: FakeAdapter, wall: WallClock) -> None:
    periods = {"realtime_every": 10, "window_every": 10}
    async with Monitor(config("b", every=poll(windows=["30m", "8h"], **periods), families=BOTH), clock=wall) as monitor:
        await asyncio.sleep(30)
        await monitor.reload(config("b", every=poll(windows=["1h", "8h"], **periods), families=BOTH))
        kept = [*monitor.latest()["b:queue:q0"].windows]
        await asyncio.sleep(30)
        now = [*monitor.latest()["b:queue:q0"].windows]

    assert (kept, now) == (["8h"], ["1h", "8h"])


@pytest.mark.parametrize(
    "wrong",
    [
        Config(poll=EVERY, sources={"a": {"adapter": "fake", "colour": "red"}}),
        config("a", "b", "broken", every=EVERY, own={"b": {"batch": 3}}),
    ],
    ids=["unknown key", "a source that cannot be opened"],
)
async def test_a_wrong_configuration_changes_nothing(
    vendor: FakeAdapter, wall: WallClock, monkeypatch: pytest.MonkeyPatch, wrong: Config
) -> None:
    """Not even the sources before the one that is wrong."""
    opened = vendor.open

    def open_all_but_one(name: str, *given: object) -> object:
        if name == "broken":
            raise ConfigError("it cannot be", key="sources.broken")
        return opened(name, *given)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(vendor, "open", open_all_but_one)
    async with Monitor(BEFORE, clock=wall) as monitor:
        await asyncio.sleep(50)
        tasks = len(asyncio.all_tasks())
        with pytest.raises(ConfigError):
            await monitor.reload(wrong)
        await asyncio.sleep(50)
        assert len(asyncio.all_tasks()) == tasks

    for name in ("a", "b"):
        assert widest(vendor[name].starts()) == pytest.approx(10.0)
        assert len(vendor[name].discoveries) == 1
    assert len(asyncio.all_tasks()) == 1


async def test_a_vendor_that_hangs_does_not_hold_up_the_change(vendor: FakeAdapter, wall: WallClock) -> None:
    """What is under way has five seconds; the others poll on meanwhile."""
    vendor["b"].takes = lambda _: math.inf
    patient = Http(timeout="60s")
    async with Monitor(config("a", "b", every=EVERY, http=patient), clock=wall) as monitor:
        await asyncio.sleep(15)
        before = loop_time()
        await monitor.reload(config("a", "b", every=EVERY, http=patient, own={"b": {"requests": 2}}))
        assert loop_time() - before == pytest.approx(5.0, abs=0.1)
        vendor["b"].takes = lambda _: 0.0
        await asyncio.sleep(40)
        assert monitor.latest()["b:queue:q0"].realtime.status is Status.FRESH  # type: ignore[union-attr]  # it was read

    assert widest(vendor["a"].starts()) == pytest.approx(10.0)


async def test_after_a_change_a_parked_source_is_tried_at_once(vendor: FakeAdapter, wall: WallClock) -> None:
    vendor["b"].on_discover = lambda: AuthError("wrong") if loop_time() < 100 else None
    async with Monitor(config("b", every=EVERY), clock=wall) as monitor:
        await asyncio.sleep(110)
        assert monitor.stats().sources[0].state is SourceState.PARKED
        await monitor.reload(config("b", every=EVERY, requests=2))
        await asyncio.sleep(15)
        assert monitor.stats().sources[0].state is SourceState.OK


async def test_while_the_new_one_cannot_be_discovered_its_values_become_stale(
    vendor: FakeAdapter, wall: WallClock
) -> None:
    async with Monitor(config("b", every=EVERY), clock=wall) as monitor:
        await asyncio.sleep(50)
        vendor["b"].on_discover = lambda: UnavailableError("away")
        await monitor.reload(config("b", every=EVERY, requests=2))
        await asyncio.sleep(50)
        latest = monitor.latest()["b:queue:q0"].realtime
        assert latest is not None
        assert (latest.status, latest.waiting is not None) == (Status.STALE, True)


async def test_the_same_file_read_again_changes_nothing(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are compared, too: a rotated one is a change, the same one is none."""
    file = tmp_path / "secret"
    file.write_text("first")
    table = {
        "sources": {"us": {"adapter": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": {"file": str(file)}}}
    }
    table["sources"]["us"]["base_url"] = "http://127.0.0.1:1"
    async with Monitor(parse_config(table)) as monitor:
        runner = monitor._runners[0]
        await monitor.reload(parse_config(table))
        assert runner.job.options is monitor._runners[0].job.options
        file.write_text("second")
        unchanged = runner.job
        await monitor.reload(parse_config(table))
        assert monitor._runners[0].job is not unchanged


async def test_two_changes_at_once_come_one_after_the_other(vendor: FakeAdapter, wall: WallClock) -> None:
    async with Monitor(BEFORE, clock=wall) as monitor:
        await asyncio.sleep(30)
        changes = [config("a", "b", every=EVERY, requests=number) for number in (2, 3, 4)]
        await asyncio.gather(*map(monitor.reload, changes))
        await asyncio.sleep(30)
        assert {runner.job.options.requests for runner in monitor._runners} == {4}
        running = len(asyncio.all_tasks())
        await monitor.reload(changes[-1])
        await asyncio.sleep(30)
        assert len(asyncio.all_tasks()) == running
    assert widest(vendor["a"].starts()) <= 20.0
    assert vendor["a"].most_running == 1


async def test_only_a_monitor_that_is_entered_follows(vendor: FakeAdapter) -> None:
    with pytest.raises(RuntimeError, match="while it is entered"):
        await Monitor(BEFORE).reload(BEFORE)
