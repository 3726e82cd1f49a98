"""Spending several limits at once: rates and a cap on requests in flight.

Who waits for one limit holds nothing of another: held grants would be missing for everybody who does not need the one
that is waited for. So what was taken is given back, and all are taken together in the moment when all are free.

Where other programs spend a limit too, they are asked then, before anything is spent here. What was taken is held while
they answer and no longer: a refusal gives it back, and the request is the first to ask again.
"""

from __future__ import annotations

from collections.abc import Sequence

import anyio

from ccstats.budget.budget import EPSILON, Budget
from ccstats.budget.claims import Claims


class Slots:
    """How many requests of one account may be in flight at once."""

    def __init__(self, key: str, total: int, *, user: object = None) -> None:
        self.key = key
        self.total = total
        self._claims: Claims[int] = Claims()
        self._claims.add(user, total)
        self._owed = 0
        self._semaphore = anyio.Semaphore(total, fast_acquire=True)

    def __repr__(self) -> str:
        return f"<Slots {self.key}: {self.total}>"

    def try_acquire(self, *, ahead: bool = False) -> bool:
        """Take a slot if one is free. `ahead` changes nothing: where one is free, nobody waits."""
        try:
            self._semaphore.acquire_nowait()
        except anyio.WouldBlock:
            return False
        return True

    async def acquire(self) -> None:
        """Wait for a slot, in order of arrival."""
        await self._semaphore.acquire()

    def release(self) -> None:
        """Give the slot back."""
        if self._owed:
            self._owed -= 1
        else:
            self._semaphore.release()

    def restrict(self, total: int, user: object = None) -> None:
        """Another user was configured with `total`: the smallest number holds for all."""
        if self._claims.add(user, total):
            self._resize()

    def relax(self, user: object) -> None:
        """This user is done: what the others were configured with holds."""
        if self._claims.leave(user):
            self._resize()

    def _resize(self) -> None:
        """What is in flight beyond the new number is not cut off; it comes back to nobody."""
        total = min(self._claims.all())
        more, self.total = total - self.total, total
        for _ in range(-more):
            self._owed += not self.try_acquire()
        for _ in range(more):
            self.release()


class InFlight:
    """One request: takes a grant of every rate and a slot together, and gives back the slot when it is over."""

    __slots__ = ("_rates", "_slots")

    def __init__(self, rates: Sequence[Budget], slots: Slots | None) -> None:
        self._rates = rates
        self._slots = slots

    async def __aenter__(self) -> None:
        resources: Sequence[Budget | Slots] = self._rates
        if self._slots is not None:
            resources = [*self._rates, self._slots]
        await _take(resources)
        for rate in self._rates:
            if rate.others is not None:
                await _agree(self._rates, resources)
                break
        for rate in self._rates:
            rate.commit()

    async def __aexit__(self, *_: object) -> None:
        if self._slots is not None:
            self._slots.release()


async def _take(resources: Sequence[Budget | Slots], awaited: Budget | Slots | None = None) -> None:
    """Take all of these together; `awaited` is held already."""
    while True:
        held = [awaited] if awaited is not None else []
        # Who has waited in one line goes ahead in the others: else two lines could send each other back for ever.
        ahead = awaited is not None
        for resource in resources:
            if resource is awaited:
                continue
            if not resource.try_acquire(ahead=ahead):
                break
            held.append(resource)
        else:
            return
        _release(held)
        await resource.acquire()
        awaited = resource


async def _agree(rates: Sequence[Budget], resources: Sequence[Budget | Slots]) -> None:
    """Everything is held. Ask the other programs; where they refuse, give all back, and take it when it comes again."""
    while True:
        counted: list[Budget] = []
        try:
            refused = await _refused(rates, counted)
        except BaseException:
            _give_back(resources, counted)
            raise
        if refused is None:
            return
        # What the others have counted is spent here, too: so the next try comes when there is some of every limit.
        _give_back(resources, counted)
        await refused.acquire(again=True)
        await _take(resources, refused)


async def _refused(rates: Sequence[Budget], counted: list[Budget]) -> Budget | None:
    """The limit that does not let this request leave now; `counted` are those that granted it elsewhere.

    What one limit granted is lost where another one refuses. So whichever has refused last is asked first.
    """
    shared = [rate for rate in rates if rate.others is not None]
    for rate in sorted(shared, key=lambda one: one.others.refused_at if one.others is not None else 0.0, reverse=True):
        if rate.others is not None and not await rate.others.ask():
            return rate
        counted.append(rate)
    return next((rate for rate in rates if rate.paused_for() > EPSILON), None)


def _give_back(resources: Sequence[Budget | Slots], counted: Sequence[Budget]) -> None:
    for resource in resources:
        if isinstance(resource, Budget) and resource in counted:
            resource.forfeit()
        else:
            resource.release()


def _release(resources: Sequence[Budget | Slots]) -> None:
    for resource in resources:
        resource.release()
