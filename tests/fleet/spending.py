"""Programs that spend one credential on virtual time, and the place where they meet."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ccstats.adapter import Toolbox
from ccstats.budget import Budget, InFlight, Limit, Pace
from ccstats.config import Limits
from ccstats.coordination import Coordinator, LocalCoordinator, Spent
from ccstats.errors import CoordinatorError

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SHARED = Limits(shared=True)
VENDOR = Limit(300, 60)


def now() -> float:
    return asyncio.get_running_loop().time()


class Meeting(LocalCoordinator):
    """A coordinator on the loop's time that is far away, or not there at all."""

    def __init__(self, delay: Callable[[], float] = lambda: 0.0) -> None:
        super().__init__(now=now)
        self.delay = delay
        self.away = self.hangs = False
        self.asked = 0
        self.closed = False

    async def _reach(self) -> None:
        self.asked += 1
        await asyncio.sleep(self.delay())
        if self.hangs:
            await asyncio.sleep(3600)
        if self.away:
            raise CoordinatorError("the server cannot be reached")

    async def spend(self, key: str, *, rate: float, burst: int, spender: str) -> Spent:
        await self._reach()
        return await super().spend(key, rate=rate, burst=burst, spender=spender)

    async def block(self, key: str, seconds: float) -> None:
        await self._reach()
        await super().block(key, seconds)

    async def aclose(self) -> None:
        self.closed = True


@dataclass
class Program:
    """One program: its toolbox, its budgets, and when its requests left."""

    toolbox: Toolbox
    budgets: tuple[Budget, ...]
    sent: list[float] = field(default_factory=list)

    async def send(self) -> None:
        async with InFlight(self.budgets, None):
            self.sent.append(now())


def program(meeting: Coordinator, *, limit: Limit = VENDOR, ahead: float = 0.0, limits: Limits = SHARED) -> Program:
    toolbox = Toolbox(clock=lambda: BEGIN + timedelta(seconds=now() + ahead), coordinator=meeting)
    return Program(toolbox, (toolbox.budget("one|AC123", limit, limits), *toolbox.cap("one|AC123", limits)))


async def greedy(programs: Sequence[Program], seconds: float, *, tasks: int = 4) -> None:
    """Every program sends as much as it may, from several tasks."""

    async def greed(one: Program) -> None:
        while True:
            await one.send()

    running = [asyncio.create_task(greed(one)) for one in programs for _ in range(tasks)]
    await asyncio.sleep(seconds)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    for one in programs:
        await one.toolbox.close()


def everything(programs: Sequence[Program]) -> list[float]:
    return sorted(at for one in programs for at in one.sent)


def over(times: Sequence[float], pace: Pace) -> float:
    """By how many requests the worst window of any length exceeds burst + rate * W."""
    lowest, worst = float("inf"), float("-inf")
    for number, at in enumerate(times):
        lowest = min(lowest, number - pace.rate * at)
        worst = max(worst, number - pace.rate * at - lowest + 1)
    return worst - pace.burst
