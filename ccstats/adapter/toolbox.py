"""What the core offers to adapters: shared budgets and tokens, the clock, HTTP. A plugin may bring its own transport.

Budgets, slots and tokens are keyed by what the vendor counts, so that two sources on one credential share them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractAsyncContextManager, contextmanager
from copy import copy
from datetime import datetime

import aiohttp

from ccstats.auth import TokenKeeper
from ccstats.budget import Budget, Commons, Inherited, Limit, Slots
from ccstats.budget.limit import MARGIN
from ccstats.clock import VendorClock, wall_clock
from ccstats.config import Http, Limits, Redis, SourceOptions
from ccstats.coordination import Coordinator
from ccstats.deadline import Deadlines
from ccstats.http import Guard, HttpClient, Line, Permit, RetryPolicy, Traffic, http_session


class Toolbox:
    """One per run. Sources that are opened with the same toolbox share what their vendors count together."""

    def __init__(
        self,
        http: Http | None = None,
        *,
        clock: Callable[[], datetime] = wall_clock,
        retry: RetryPolicy | None = None,
        permit: Permit | None = None,
        inherited: Inherited | None = None,
        coordinator: Coordinator | None = None,
        keep_raw: bool = False,
    ) -> None:
        self.http = http or Http()
        self.retry = retry or RetryPolicy()
        self.permit = permit
        """Asked before each request; a plugin with a transport of its own asks it, too."""
        self.inherited = inherited or Inherited()
        self.keep_raw = keep_raw
        """Whether readings are to carry the vendor's own answer."""
        self._clock = clock
        self._user: object = None
        self._budgets: dict[str, Budget] = {}
        self._commons = Commons(coordinator)
        self._slots: dict[str, Slots] = {}
        self._tokens: dict[str, TokenKeeper] = {}
        self._guards: dict[str, Guard] = {}
        self.deadlines = Deadlines()
        """Shared by all that has to end in time."""

    def on(self, http: Http) -> Toolbox:
        """The same toolbox, what is shared included, over another network."""
        if http == self.http:
            return self
        moved = copy(self)
        moved.http = http
        return moved

    @contextmanager
    def lent(self) -> Generator[Toolbox]:
        """The same toolbox for one opening of a source: what it asks of budgets and slots ends with it."""
        lent = copy(self)
        lent._user = object()  # noqa: SLF001 - our own kind
        try:
            yield lent
        finally:
            for budget in self._budgets.values():
                budget.relax(lent._user)  # noqa: SLF001 - our own kind
            self._commons.leave(lent._user)  # noqa: SLF001 - our own kind
            for slots in self._slots.values():
                slots.relax(lent._user)  # noqa: SLF001 - our own kind

    @property
    def met(self) -> bool:
        """Whether a coordinator was given to it."""
        return self._commons.given

    def meet(self, redis: Redis | None, sharing: Iterable[SourceOptions]) -> None:
        """Where one of these sources shares its limits, meet the other programs there (or at the coordinator given)."""
        if redis is not None and any(options.limits.shared for options in sharing):
            self._commons.meet(redis)

    def clock(self) -> VendorClock:
        """A clock for one vendor's host; the HTTP client corrects it by the answers' Date headers."""
        return VendorClock(self._clock)

    def budget(self, key: str, limit: Limit, limits: Limits) -> Budget:
        """The budget `key` for a vendor's `limit`, of which `limits.share` may be spent.

        Where a budget of that name is in use already, it is shared, and the stricter limit holds for all.
        """
        return self._budget(key, limit, limits.share * (1 - MARGIN), limits)

    def cap(self, key: str, limits: Limits) -> tuple[Budget, ...]:
        """The budget for `limits.requests_per_minute`, or nothing where it is not set."""
        if limits.requests_per_minute is None:
            return ()
        return (self._budget(f"{key}|cap", Limit(max(limits.requests_per_minute, 1.0), 60.0), 1.0, limits),)

    def slots(self, key: str, total: int) -> Slots:
        """The slots `key` for requests in flight; the smallest of its users' numbers holds."""
        slots = self._slots.get(key)
        if slots is None:
            slots = self._slots[key] = Slots(key, total, user=self._user)
        else:
            slots.restrict(total, self._user)
        return slots

    def token(self, key: str) -> TokenKeeper:
        """The keeper of the token of one credential."""
        return self._tokens.setdefault(key, TokenKeeper(key))

    def guard(self, key: str) -> Guard:
        """The guard of one credential at one host: its retry quota and its circuit."""
        return self._guards.setdefault(key, Guard(key))

    def forgive(self) -> None:
        """Somebody has changed something: what was refused or did not answer is tried again at once."""
        for guard in self._guards.values():
            guard.forgive()

    def session(self, concurrency: int) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        """One aiohttp session for one source, closed at the end."""
        return http_session(self.http, concurrency)

    def client(self, line: Line, session: aiohttp.ClientSession, *, clock: VendorClock, traffic: Traffic) -> HttpClient:
        """A client that sends to the origin of `line` over `session`."""
        return HttpClient(
            line, session, self.http, clock=clock, traffic=traffic, deadlines=self.deadlines, permit=self.permit
        )

    def known_budget(self, key: str) -> Budget | None:
        """The budget `key`, once something has been spent from it."""
        return self._budgets.get(key)

    def now(self) -> datetime:
        """This machine's time, or whatever the run was given for it."""
        return self._clock()

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """Every budget in use."""
        return tuple(self._budgets.values())

    def debts(self) -> Inherited:
        """What every budget owes, also those that were inherited and not used yet."""
        debts = {**self.inherited.debts, **{one.name: one.debt() for one in self._budgets.values()}}
        return Inherited(debts, self.inherited.spent_until)

    async def close(self) -> None:
        """End token fetches that are still under way, forget every deadline, take leave of the other programs."""
        self.deadlines.close()
        for keeper in self._tokens.values():
            await keeper.close()
        await self._commons.close()

    def _budget(self, key: str, limit: Limit, factor: float, limits: Limits) -> Budget:
        budget = self._budgets.get(key)
        if budget is None:
            budget = self._budgets[key] = Budget(key, limit, factor=factor, user=self._user)
            self.inherited.charge(budget)
        else:
            budget.restrict(limit, factor, self._user)
        self._commons.claim(budget, self._user, shared=limits.shared)
        return budget
