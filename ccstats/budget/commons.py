"""Limits that other programs spend too: before a request leaves, it asks where all of them meet.

The budget of this program stays the first stage: order, pauses, probes. It learns from every refusal what the others
have spent. Where the coordinator is away, each program keeps to its part of the limit by itself.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import secrets
from collections.abc import Coroutine

from ccstats import coordination
from ccstats.budget.budget import LONGEST_PAUSE, Budget
from ccstats.budget.claims import Claims
from ccstats.config import Redis
from ccstats.coordination import Coordinator
from ccstats.errors import CcstatsError, CoordinatorError

logger = logging.getLogger(__name__)

PATIENCE = 0.5
"""Seconds within which a coordinator answers, or is taken to be away."""
AGAIN = 1.0
"""Seconds between two looks whether it is back."""
SPREAD = 0.1
"""Of the time between two requests: how much later than possible somebody asks again who has just had a turn."""
UNKNOWN = 2
"""Programs that are assumed to spend a limit where the coordinator was never asked: this one, and one other."""
TOLD = 0.1
"""Seconds by which a pause has to be longer than the one before to be told again."""


class Common:
    """One limit as the other programs know it."""

    def __init__(self, commons: Commons, budget: Budget) -> None:
        self.budget = budget
        self.name = budget.name
        self.spenders = UNKNOWN
        self.refused_at = -math.inf
        self.told_until = -math.inf
        self.claims: Claims[bool] = Claims()
        self._commons = commons
        self._refusals = 0

    async def ask(self) -> bool:
        """Whether one request may leave; where not, the budget grants nothing until it makes sense to ask again."""
        if self._commons.away:
            return True  # the budget was divided: it keeps to our part
        try:
            wait = await self._commons.spend(self)
        except (CoordinatorError, TimeoutError) as error:
            self._commons.lose(error)
            return False
        self._refusals = self._refusals + 1 if wait > 0 else 0
        # Who was refused more often asks earlier, so all get their turn; by chance among equals.
        pace, step = self.budget.pace, SPREAD * random.uniform(0.5, 1.0) / (1 + self._refusals)
        self.budget.courtesy = step / pace.rate if self.spenders > 1 or wait > 0 else 0.0
        if wait <= 0:
            return True
        self.refused_at = now = asyncio.get_running_loop().time()
        # The others have spent it: it is as empty here as it is there. Or a vendor wants nothing at all for longer.
        self.budget.owe(now + min(wait, 1 / pace.rate) + (pace.burst - 1) / pace.rate, now + wait)
        return False

    def tell(self, seconds: float) -> None:
        """The vendor wants nothing for so many seconds: the others are told, and nobody waits for that."""
        until = asyncio.get_running_loop().time() + min(max(seconds, 0.0), LONGEST_PAUSE)
        if until > self.told_until + TOLD:
            self.told_until = until
            self._commons.tell(self)


class Commons:
    """The limits of one toolbox that other programs spend too; connects when the first of them does."""

    def __init__(self, coordinator: Coordinator | None = None) -> None:
        self.away = False
        self._coordinator = coordinator
        self._given = coordinator is not None
        self._redis: Redis | None = None
        self._spender = secrets.token_hex(8)
        self._known: dict[Budget, Common] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._returning: asyncio.Task[None] | None = None

    @property
    def given(self) -> bool:
        """Whether the coordinator was given, and is closed by whoever gave it."""
        return self._given

    def meet(self, redis: Redis) -> None:
        """The other programs are met there from now on; `ConfigError` where what is needed for it is not installed."""
        if self._given or redis == self._redis:
            return
        old, self._coordinator, self._redis = self._coordinator, coordination.connect(redis), redis
        if old is not None:
            self._start(old.aclose())

    def claim(self, budget: Budget, user: object, *, shared: bool) -> None:
        """`user` says whether other programs spend this budget; who says that they do is believed."""
        common = self._known.get(budget)
        if common is None:
            if not shared:
                return
            common = self._known[budget] = Common(self, budget)
        common.claims.add(user, shared)
        self._follow(common)

    def leave(self, user: object) -> None:
        """This user is done: what the others said holds."""
        for common in self._known.values():
            if common.claims.leave(user):
                self._follow(common)

    def _follow(self, common: Common) -> None:
        shared = any(common.claims.all())
        common.budget.others, common.budget.courtesy = (common if shared else None), 0.0
        common.budget.divide(common.spenders if shared and self.away else 1)

    def _shared(self) -> list[Common]:
        return [common for common in self._known.values() if common.budget.others is not None]

    async def spend(self, common: Common) -> float:
        """Ask for one request; how many seconds there are to wait before asking again."""
        pace = common.budget.pace
        async with asyncio.timeout(PATIENCE):
            spent = await self._there().spend(common.name, rate=pace.rate, burst=pace.burst, spender=self._spender)
        common.spenders = spent.spenders
        return spent.wait

    def tell(self, common: Common) -> None:
        """Let the others know until when nothing may leave: now, or as soon as the coordinator is back."""
        if not self.away:
            self._start(self._tell(common))

    async def _tell(self, common: Common) -> None:
        try:
            await self._block(common)
        except (CcstatsError, TimeoutError) as error:
            self.lose(error)

    async def _block(self, common: Common) -> None:
        left = common.told_until - asyncio.get_running_loop().time()
        async with asyncio.timeout(PATIENCE):
            await self._there().block(common.name, max(0.0, left))

    def lose(self, error: Exception) -> None:
        """The coordinator is away: each program keeps to its part of every limit until it is back."""
        if self.away:
            return
        self.away = True
        for common in self._shared():
            common.budget.courtesy = 0.0
            common.budget.divide(common.spenders)
        logger.warning("shared limits are divided among the programs that spend them: %s", str(error) or NO_ANSWER)
        self._returning = asyncio.create_task(self._return())

    async def _return(self) -> None:
        while self.away:
            await asyncio.sleep(AGAIN)
            try:
                for common in self._shared():
                    await self._block(common)
                    await self._own_up(common)
            except (CcstatsError, TimeoutError):
                continue
            self.away = False
        for common in self._shared():
            common.budget.divide(1)
        logger.info("shared limits are spent together again")

    async def _own_up(self, common: Common) -> None:
        """What was spent meanwhile and has not come back yet is spent for the others, too."""
        owed = (common.budget.debt()[0] - asyncio.get_running_loop().time()) * common.budget.pace.rate
        for _ in range(min(max(math.ceil(owed), 0), common.budget.pace.burst)):
            if await self.spend(common) > 0:
                return

    def _there(self) -> Coordinator:
        if self._coordinator is None:
            raise CoordinatorError("there is no place where programs that share a limit meet")
        return self._coordinator

    def _start(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Tell what is still to be told, and close the connection where it is our own."""
        if self._returning is not None:
            self._returning.cancel()
            await asyncio.wait([self._returning])
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._coordinator is not None and not self._given:
            await self._coordinator.aclose()


NO_ANSWER = f"the coordinator did not answer within {PATIENCE:g} s"
