"""Whatever happens to workers and to their way to each other: no limit is spent twice, and in the end all is polled."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from fleet_switch import Switch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from monitor_fake import FakeAdapter, config, loop_time, most_in_any, poll

from ccstats.config import Work
from ccstats.coordination import LocalCoordinator
from ccstats.fleet import Worker
from ccstats.fleet.rows import decoded, of_targets
from ccstats.testing.virtual import VirtualLoop

NAMES = ("a", "b", "c")
RATE, BURST = (120 * 0.9 - 5) / 60, 5
SETTINGS = config(
    *NAMES, every=poll(realtime_every=1), own={name: {"credential": name, "limit": 120.0} for name in NAMES}
).model_copy(update={"work": Work(without_redis="stop")})

WORKERS = st.integers(0, 2)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["start", "kill", "drain", "cut", "block", "mend"]), WORKERS, st.floats(0.1, 6)),
    st.tuples(st.just("empty"), WORKERS, st.floats(3, 6)),
)
Step = tuple[str, int, float]


class Fleet:
    """Three workers that come and go, each with a way of its own to where they meet."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.shared = LocalCoordinator()
        self.ways = [Switch(self.shared, patience=0.5) for _ in range(3)]
        self.running: dict[int, tuple[asyncio.Event, asyncio.Task[None]]] = {}
        self.workers: dict[int, Worker] = {}
        self.started = 0

    async def do(self, what: str, which: int) -> None:
        """One thing that happens to one of them, or to all."""
        way = self.ways[which]
        match what:
            case "start" if which not in self.running:
                self.started += 1
                self.workers[which] = Worker(SETTINGS, way, name=f"w{which}-{self.started}", clock=self.clock)
                told = asyncio.Event()
                self.running[which] = told, asyncio.create_task(self.workers[which].run(told))
            case "kill" if which in self.running:
                await self._gone(which)
            case "drain" if which in self.running and not (way.cut or way.blocked):
                self.running[which][0].set()
                await self.running[which][1]
                await self._gone(which)
            case "cut" | "block":
                way.cut, way.blocked = what == "cut", what == "block"
            case "mend":
                way.cut = way.blocked = False
            case "empty":
                self.shared.empty()

    async def _gone(self, which: int) -> None:
        _, task = self.running.pop(which)
        del self.workers[which]
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def end(self) -> None:
        """Nobody is left."""
        for which in list(self.running):
            await self._gone(which)

    def held(self) -> Counter[str]:
        """Who polls what, as the workers themselves believe."""
        holdings = [one for worker in self.workers.values() for one in worker.holdings.values()]
        return Counter(source for one in holdings if one.lease.valid and not one.ending for source in one.sources)


async def play(vendor: FakeAdapter, clock: Callable[[], datetime], steps: list[Step]) -> None:
    """Everything happens; then all is mended, and a while later everything is as it should be."""
    for name in NAMES:
        vendor[name].many(30)
    fleet = Fleet(clock)
    try:
        await fleet.do("start", 0)
        for what, which, seconds in steps:
            await fleet.do(what, which)
            await asyncio.sleep(seconds)
        for which in range(3):
            await fleet.do("mend", which)
            await fleet.do("start", which)
        await asyncio.sleep(40)
        assert fleet.held() == Counter(NAMES)
        at = loop_time()
        await asyncio.sleep(25)
        for name in NAMES:
            times = vendor[name].by_target()
            assert all(max(times[f"q{index}"]) > at for index in range(30))
            rows = {key: row async for part in fleet.shared.table(name) for key, row in of_targets(part).items()}
            assert len(rows) == 30
            assert all(decoded(row).snapshot.realtime is not None for row in rows.values())
    finally:
        await fleet.end()
    for name in NAMES:
        for window in (0.5, 1, 3, 10, 30):
            assert most_in_any(vendor[name].sent(), window) <= BURST + RATE * window + 1e-6, (name, window)


@settings(max_examples=15, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=12))
@example([("start", 1, 6.0), ("block", 0, 4.0), ("mend", 0, 1.0), ("kill", 1, 0.5)])
@example([("start", 0, 2.0), ("block", 0, 1.0), ("empty", 0, 3.0)])
@example([("start", 1, 6.0), ("cut", 1, 2.0), ("empty", 0, 3.0), ("mend", 1, 2.0), ("drain", 0, 1.0)])
def test_whatever_happens_no_limit_is_spent_twice_and_in_the_end_all_is_polled(
    monkeypatch: pytest.MonkeyPatch, steps: list[Step]
) -> None:
    """Kills, drains, ways that are cut or that hang, a table that is lost: in any order."""
    vendor = FakeAdapter()
    adapters: dict[str, Any] = {"fake": vendor}
    monkeypatch.setattr("ccstats.registry.load_adapter", adapters.__getitem__)
    loop = VirtualLoop()
    loop.run(play(vendor, loop.wall_clock, steps))
