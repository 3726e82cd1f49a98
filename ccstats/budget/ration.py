"""Spending several limits at once: rates and a cap on requests in flight.

The grants are taken one after the other, in one order that is the same for everybody (so nobody waits in a circle), and
leave together: a grant that is held while its holder waits for another limit counts as leaving now (`Budget`), so that
no window sees more than its limit allows, however long the wait.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import anyio

from ccstats.budget.budget import Budget


class Slots:
    """How many requests of one account may be in flight at once."""

    def __init__(self, key: str, total: int) -> None:
        self.key = key
        self.total = total
        self._semaphore = anyio.Semaphore(total, fast_acquire=True)

    def __repr__(self) -> str:
        return f"<Slots {self.key}: {self.total}>"

    async def acquire(self) -> None:
        """Wait for a slot, in order of arrival."""
        await self._semaphore.acquire()

    def release(self) -> None:
        """Give the slot back."""
        self._semaphore.release()


@asynccontextmanager
async def in_flight(rates: Sequence[Budget], slots: Slots | None) -> AsyncGenerator[None]:
    """One request: takes a grant of every rate and then a slot, and gives back the slot when it is over."""
    ordered = sorted(rates, key=_key)
    held: list[Budget] = []
    try:
        await _none_paused(ordered)
        for rate in ordered:
            await rate.acquire()
            held.append(rate)
        await _slot(held, slots)
    except BaseException:
        for rate in held:
            rate.release()
        raise
    for rate in held:
        rate.commit()
    try:
        yield
    finally:
        if slots is not None:
            slots.release()


async def _none_paused(rates: Sequence[Budget]) -> None:
    """Where one of several limits is paused, wait for it without holding a grant of the others."""
    while len(rates) > 1 and (pause := max(rate.paused_for() for rate in rates)) > 0:  # noqa: ASYNC110 - not a poll
        await anyio.sleep(pause)  # a pause may have been made longer meanwhile


async def _slot(held: Sequence[Budget], slots: Slots | None) -> None:
    """A slot, at a moment when no limit is paused: a pause may have come since the grant was given."""
    while True:
        if slots is not None:
            await slots.acquire()
        pause = max((rate.paused_for() for rate in held), default=0.0)
        if pause <= 0:
            return
        if slots is not None:
            slots.release()
        await anyio.sleep(pause)


def _key(rate: Budget) -> str:
    return rate.key
