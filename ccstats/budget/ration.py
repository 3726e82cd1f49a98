"""Spending several limits at once: rates and a cap on requests in flight.

Waiting for one limit while holding grants of another would bunch requests up and break the other's window. So nothing
is held while waiting: what was taken is given back, and all are taken together in the moment when all are free.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import anyio


class Resource(Protocol):
    """What can be taken and given back: a `Budget`, or a slot of a `Slots`."""

    def try_acquire(self) -> bool: ...
    async def acquire(self) -> None: ...
    def release(self) -> None: ...


class Slots:
    """How many requests of one account may be in flight at once."""

    def __init__(self, key: str, total: int) -> None:
        self.key = key
        self.total = total
        self._semaphore = anyio.Semaphore(total, fast_acquire=True)

    def __repr__(self) -> str:
        return f"<Slots {self.key}: {self.total}>"

    def try_acquire(self) -> bool:
        """Take a slot if one is free."""
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
        self._semaphore.release()


async def take(resources: Sequence[Resource]) -> None:
    """Take one grant of each resource, all in the same moment."""
    awaited: Resource | None = None
    while True:
        held = [awaited] if awaited is not None else []
        blocked: Resource | None = None
        for resource in resources:
            if resource is awaited:
                continue
            if not resource.try_acquire():
                blocked = resource
                break
            held.append(resource)
        if blocked is None:
            return
        for resource in held:
            resource.release()
        await blocked.acquire()
        awaited = blocked


@asynccontextmanager
async def in_flight(rates: Sequence[Resource], slots: Slots | None) -> AsyncGenerator[None]:
    """One request: takes a grant of every rate and a slot, and gives back the slot when it is over."""
    await take([*rates, *([slots] if slots is not None else [])])
    try:
        yield
    finally:
        if slots is not None:
            slots.release()
