"""Several workers on one coordinator, in virtual time: what is polled stays polled, and no limit is spent twice."""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

import pytest
from fleet_switch import Switch
from monitor_fake import FakeAdapter, WallClock, config, loop_time, most_in_any, poll

import ccstats
from ccstats.config import Config
from ccstats.coordination import Claim, Lease, LocalCoordinator
from ccstats.fleet.rows import decoded, of_targets
from ccstats.fleet.worker import Worker
from ccstats.model import Status
from ccstats.monitor import Monitor

pytestmark = pytest.mark.looptime(noop_cycles=0)
EVERY = poll(realtime_every=2, window_every=10)
LEASE = 3.0
NAMES = ("a", "b", "c", "d")


def many(*names: str, **options: Any) -> Config:
    """Sources that are counted one by one."""
    own = {name: {"credential": name, "limit": 60_000.0} for name in names}
    return config(*names, every=EVERY, own=own, **options)


def coordinator() -> LocalCoordinator:
    """By the virtual clock."""
    return LocalCoordinator(lambda: 1e9 + loop_time())


class Running:
    """One worker that runs."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.told = asyncio.Event()
        self.task = asyncio.create_task(worker.run(self.told))

    async def kill(self) -> None:
        """It is gone without a word."""
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    async def drain(self) -> None:
        """It is told to end, and ends."""
        self.told.set()
        await self.task


Start = Callable[..., Running]


@asynccontextmanager
async def starting(wall: WallClock) -> AsyncGenerator[Start]:
    """Starts workers; those that still run are killed at the end."""
    started: list[Running] = []

    def start(settings: Config, through: Any, name: str, ahead: float = 0.0) -> Running:
        clock = WallClock()
        clock.shift = wall.shift + ahead
        started.append(Running(Worker(settings, through, name=name, clock=clock)))
        return started[-1]

    try:
        yield start
    finally:
        for one in started:
            await one.kill()


def widest(times: list[float], since: float, until: float) -> float:
    """The longest time without a read in between."""
    inside = [since, *(at for at in sorted(times) if since < at < until), until]
    return max(later - earlier for earlier, later in pairwise(inside))


def held(one: Running) -> set[str]:
    """The sources that a worker polls."""
    return {source for holding in one.worker.holdings.values() if not holding.lost for source in holding.sources}


async def test_two_fleets_under_one_prefix_are_told_of_each_other(
    vendor: FakeAdapter, wall: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    shared, paced = coordinator(), {"limit": 60_000.0}
    one, other = (
        config(
            "us", "eu", every=EVERY, own={"us": {"credential": account, **paced}, "eu": {"credential": "both", **paced}}
        )
        for account in ("one", "other")
    )
    async with starting(wall) as start:
        start(one, shared, "w1")
        await asyncio.sleep(20)
        assert "two fleets" not in caplog.text
        start(other, shared, "w2")
        await asyncio.sleep(20)

    told = [record.message for record in caplog.records if "two fleets" in record.message]
    assert {message.partition(",")[0] for message in told} == {
        "w1 polls a source us too",
        "w2 polls a source us too",
    }


async def test_what_nobody_else_takes_is_not_offered_again_and_again(
    vendor: FakeAdapter, wall: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker without these sources in its configuration has nothing to do, and cannot help."""
    shared = coordinator()
    async with starting(wall) as start:
        first = start(many(*NAMES), shared, "w1")
        await asyncio.sleep(20)
        start(many("x"), shared, "w2")
        await asyncio.sleep(120)
        assert held(first) == set(NAMES)

    offered = [record.message for record in caplog.records if "nobody else took" in record.message]
    assert 1 <= len(offered) <= len(NAMES)
    assert len(offered) == len(set(offered))


async def test_one_worker_polls_everything_and_writes_what_it_reads(vendor: FakeAdapter, wall: WallClock) -> None:
    """Every row stands in the table as the monitor has it."""
    shared = coordinator()
    for name in NAMES:
        vendor[name].many(5)
    async with starting(wall) as start:
        only = start(many(*NAMES), shared, "w1")
        await asyncio.sleep(20)
        assert held(only) == set(NAMES)
        for holding in only.worker.holdings.values():
            known: Monitor = holding._monitor  # type: ignore[assignment]  # it is open
            await asyncio.sleep(0.25)
            for key, snapshot in known.latest().items():
                (row,) = (await shared.rows(snapshot.target.source, [key])).values()
                assert decoded(row).snapshot == snapshot
                age = known.age(key)
                assert age is not None
                assert 1e9 + loop_time() - decoded(row).good["realtime"] == pytest.approx(age.total_seconds(), abs=0.01)
    for name in NAMES:
        assert widest(vendor[name].by_target()["q0"], 4, 20) == pytest.approx(2.0)


async def test_two_share_evenly_and_nothing_is_polled_twice(vendor: FakeAdapter, wall: WallClock) -> None:
    """A worker that comes later gets its part, one shard at a time; no slot is missed and none is read twice."""
    shared = coordinator()
    async with starting(wall) as start:
        first = start(many(*NAMES), shared, "w1")
        await asyncio.sleep(10)
        second = start(many(*NAMES), shared, "w2")
        await asyncio.sleep(20)
        assert sorted([len(held(first)), len(held(second))]) == [2, 2]
        assert held(first) | held(second) == set(NAMES)
    for name in NAMES:
        times = vendor[name].by_target()["q0"]
        assert widest(times, 4, 30) <= 2.0 + 1.0
        assert min(later - earlier for earlier, later in pairwise(sorted(times))) > 0.5


@pytest.mark.parametrize("apart", [0.0, 30.0])
async def test_after_a_kill_everything_is_read_again_within_lease_period_and_a_second(
    vendor: FakeAdapter, wall: WallClock, apart: float
) -> None:
    """Promises 36 and 40, with the rows of the dead worker there until the heir has read."""
    shared = coordinator()
    for name in NAMES:
        vendor[name].many(20).discovery_takes = 0.3
    async with starting(wall) as start:
        first, second = start(many(*NAMES), shared, "w1", apart), start(many(*NAMES), shared, "w2", -apart)
        await asyncio.sleep(20)
        lost, at = held(first), loop_time()
        assert len(lost) == 2
        await first.kill()
        await asyncio.sleep(LEASE + 2.0 + 1.0)
        for name in lost:
            again = [min(t for t in times if t > at) for times in vendor[name].by_target().values()]
            assert len(again) == 20
            assert max(again) <= at + LEASE + 2.0 + 1.0
        assert held(second) == set(NAMES)


async def test_what_is_overdue_is_read_at_once_and_not_at_its_next_slot(vendor: FakeAdapter, wall: WallClock) -> None:
    """Of a minute's cadence, a kill costs some seconds and not another minute."""
    shared = coordinator()
    own = {"a": {"credential": "a", "limit": 60_000.0}}
    settings = config("a", every=poll(realtime_every=60), own=own)
    async with starting(wall) as start:
        first = start(settings, shared, "w1")
        await asyncio.sleep(90)
        start(settings, shared, "w2")
        last = max(vendor["a"].starts())
        await asyncio.sleep(last + 59 - loop_time())
        await first.kill()
        await asyncio.sleep(30)
    assert last + 60 < max(vendor["a"].starts()) <= last + 59 + LEASE + 1.0


async def test_a_drained_worker_hands_over_within_a_period(vendor: FakeAdapter, wall: WallClock) -> None:
    """What it read last stands in the table, its shards are free at once, and nothing is lost in between."""
    shared = coordinator()
    async with starting(wall) as start:
        first, second = start(many(*NAMES), shared, "w1"), start(many(*NAMES), shared, "w2")
        await asyncio.sleep(21)
        lost, at = held(first), loop_time()
        await first.drain()
        await asyncio.sleep(10)
        assert held(second) == set(NAMES)
        for name in lost:
            assert min(t for t in vendor[name].starts() if t > at) <= at + 2.0


async def test_the_heir_keeps_what_was_known_until_it_has_read(vendor: FakeAdapter, wall: WallClock) -> None:
    """Windows that are read once in ten seconds do not vanish when the worker changes."""
    shared = coordinator()
    both: dict[str, Any] = {"families": ("realtime", "window")}
    async with starting(wall) as start:
        first = start(many("a", **both), shared, "w1")
        await asyncio.sleep(20)
        second = start(many("a", **both), shared, "w2")
        await asyncio.sleep(1)
        vendor["a"].fails = lambda batch: OSError("away") if batch.window is not None else None
        await first.kill()
        await asyncio.sleep(8)
        assert held(second) == {"a"}
        (row,) = (await shared.rows("a", ["a:queue:q0"])).values()
    window = decoded(row).snapshot.windows["30m"]
    assert window.offered is not None
    assert window.status in (Status.FRESH, Status.STALE)


@pytest.mark.parametrize("apart", [0.0, 30.0])
async def test_no_window_is_over_the_limit_across_kills_and_returns(
    vendor: FakeAdapter, wall: WallClock, apart: float
) -> None:
    """Promises 37 and 40: one credential that wants more than its limit, from worker to worker, whose wall clocks
    may differ by a minute.
    """
    shared = coordinator()
    settings = config("a", every=poll(realtime_every=1), own={"a": {"credential": "one", "limit": 120.0}})
    vendor["a"].many(50)
    async with starting(wall) as start:
        running = start(settings, shared, "w0")
        for number in range(1, 8):
            await asyncio.sleep(11)
            heir = start(settings, shared, f"w{number}", apart if number % 2 else -apart)
            await asyncio.sleep(1)
            await (running.kill() if number % 2 else running.drain())
            running = heir
        await asyncio.sleep(11)
    sent = vendor["a"].sent()
    rate, burst = (120 * 0.9 - 5) / 60, 5
    assert len(sent) > 60
    for window in (0.5, 1, 2, 5, 10, 30, 60):
        assert most_in_any(sent, window) <= burst + rate * window + 1e-6


async def test_a_worker_that_hears_nothing_stops_before_another_begins(vendor: FakeAdapter, wall: WallClock) -> None:
    """Its way to the coordinator hangs, as a process that is stopped hangs: nothing is sent by two at once."""
    shared = coordinator()
    vendor["a"].many(20)
    blocked = Switch(shared)
    async with starting(wall) as start:
        first = start(many("a"), blocked, "w1")
        await asyncio.sleep(10)
        start(many("a"), shared, "w2")
        await asyncio.sleep(1)
        blocked.blocked = True
        at = loop_time()
        await asyncio.sleep(12)
        assert not any(holding.lease.valid for holding in first.worker.holdings.values())
        blocked.blocked = False
    gap = [read.sent for read in vendor["a"].reads if not math.isnan(read.sent) and at < read.sent]
    alone = max(sent for sent in gap if sent < at + LEASE)
    taken = min(sent for sent in gap if sent > alone)
    assert alone <= at + LEASE * 5 / 6
    assert taken > alone + 0.2


async def test_polling_goes_on_while_the_coordinator_is_away_and_the_table_is_whole_after(
    vendor: FakeAdapter, wall: WallClock
) -> None:
    """Promise 38: no slot is missed, however long; it comes back empty, and is full again within a second."""
    shared = coordinator()
    ways = [Switch(shared), Switch(shared)]
    for name in NAMES:
        vendor[name].many(5)
    async with starting(wall) as start:
        running = [start(many(*NAMES), way, f"w{number}") for number, way in enumerate(ways)]
        await asyncio.sleep(20)
        before = [held(one) for one in running]
        for way in ways:
            way.cut = True
        await asyncio.sleep(30)
        shared.empty()
        for way in ways:
            way.cut = False
        await asyncio.sleep(1)
        rows = {name: len([row async for rows in shared.table(name) for row in rows]) for name in NAMES}
        await asyncio.sleep(10)
        assert [held(one) for one in running] == before
    assert rows == dict.fromkeys(NAMES, 5)
    for name in NAMES:
        for times in vendor[name].by_target().values():
            assert widest(times, 6, 60) == pytest.approx(2.0)
            assert min(later - earlier for earlier, later in pairwise(times)) == pytest.approx(2.0)


async def test_told_to_stop_without_it_a_worker_stops_when_its_lease_ends(vendor: FakeAdapter, wall: WallClock) -> None:
    """Where a limit spent twice is worse than old numbers."""
    shared = Switch(coordinator())
    settings = many("a").model_copy(update={"work": Config.model_validate({"work": {"without_redis": "stop"}}).work})
    async with starting(wall) as start:
        start(settings, shared, "w1")
        await asyncio.sleep(10)
        shared.cut = True
        at = loop_time()
        await asyncio.sleep(10)
        assert max(vendor["a"].sent()) <= at + LEASE
        shared.cut = False
        await asyncio.sleep(5)
        assert max(vendor["a"].sent()) > at + 10


async def test_an_older_grant_writes_nothing(vendor: FakeAdapter) -> None:
    """A worker that was superseded is refused by the table itself."""
    shared = coordinator()
    old = await shared.acquire("w1", "s", lease=LEASE)
    await asyncio.sleep(LEASE + 0.1)
    new = await shared.acquire("w2", "s", lease=LEASE)
    assert old is not None
    assert new is not None
    assert new.fence > old.fence
    assert await shared.write("s", new.fence, "a", {"a:queue:q0": b"new"}, (), None)
    assert not await shared.write("s", old.fence, "a", {"a:queue:q0": b"old"}, (), None)
    assert await shared.rows("a", ["a:queue:q0"]) == {"a:queue:q0": b"new"}
    state = await shared.beat("w1", {"s": Claim(old.fence)}, ["s"], lease=LEASE)
    assert state.kept == frozenset()
    assert state.leases["s"] == Lease("w2", pytest.approx(1e9 + 2 * LEASE + 0.1, abs=0.2))


async def test_a_name_that_is_no_text_costs_its_own_row(
    vendor: FakeAdapter, wall: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a character, as a parser of a plugin may let through; it is said once."""
    shared = coordinator()
    vendor["a"].targets = ["q0", "broken \ud800", "q1"]
    async with starting(wall) as start:
        only = start(many("a"), shared, "w1")
        await asyncio.sleep(20)
        assert held(only) == {"a"}
    assert [name async for rows in shared.table("a") for name in of_targets(rows)] == ["a:queue:q0", "a:queue:q1"]
    assert [record.message for record in caplog.records if "cannot be written" in record.message] == [
        "source a: a row cannot be written (UnicodeEncodeError); others are"
    ]


async def test_a_new_configuration_moves_only_what_it_changes(vendor: FakeAdapter, wall: WallClock) -> None:
    """A source that goes is given back and vanishes from the table after an hour; one that comes is taken."""
    shared = coordinator()
    async with starting(wall) as start:
        only = start(many("a", "b"), shared, "w1")
        await asyncio.sleep(10)
        await only.worker.reload(many("a", "c"))
        await asyncio.sleep(10)
        assert held(only) == {"a", "c"}
        assert set(await shared.sources()) == {"a", "b", "c"}
        assert widest(vendor["a"].starts(), 4, 20) == 2.0
        await asyncio.sleep(4800)
        assert set(await shared.sources()) == {"a", "c"}


async def test_a_worker_alone_needs_no_server_and_a_reader_attaches_to_it(vendor: FakeAdapter, wall: WallClock) -> None:
    """In one process they meet in its memory."""
    worker = ccstats.Worker(many("a", "b"), clock=wall)
    ended = asyncio.Event()
    working = asyncio.create_task(worker.run(ended))
    async with ccstats.attach(worker.coordinator) as reader:
        await asyncio.sleep(30)
        assert set(reader.latest()) == {"a:queue:q0", "b:queue:q0"}
        ended.set()
        await working
