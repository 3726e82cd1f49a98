"""OAuth 2.0 client credentials: one token, however many requests want it at once.

The token is fetched by whoever needs it first, in a task of its own: everybody else waits for the same task, and the
one who started it may be cancelled without taking the token away from the others. A refused token is compared by
identity, so that a late refusal of an old token cannot throw away its successor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from ccstats.errors import TransientError

EARLY_SHARE = 0.1
EARLY_MOST = 300.0
"""A token is renewed when a tenth of its life is left, at most five minutes before its end."""


RENEW_AGAIN = 10.0
"""Seconds after an early renewal that failed."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and how long it lives, in seconds. Its value is not in its repr."""

    value: str = field(repr=False)
    lifetime: float


Fetch = Callable[[], Awaitable[Token]]


class TokenKeeper:
    """Keeps the token of one credential, for every source that uses the credential."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._headers: Mapping[str, str] | None = None
        self._renew_at = self._ends_at = 0.0
        self._flight: asyncio.Task[Mapping[str, str]] | None = None

    def __repr__(self) -> str:
        return f"<TokenKeeper {self.key}: {'token' if self._headers else 'no token'}>"

    async def headers(self, fetch: Fetch) -> Mapping[str, str]:
        """The Authorization header of a live token, fetched with `fetch` where there is none."""
        if self._headers is not None and asyncio.get_running_loop().time() < self._renew_at:
            return self._headers
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fly(fetch), name=f"token {self.key}")
            # Where every waiter is gone, nobody reads the failure; it will be met again by the next who asks.
            self._flight.add_done_callback(lambda task: task.cancelled() or task.exception())
        try:
            return await asyncio.shield(self._flight)
        except TransientError:
            now = asyncio.get_running_loop().time()
            if self._headers is None or now >= self._ends_at:
                raise
            # It was renewed early and that failed: the old token is good for a while, and so is another try.
            self._renew_at = min(now + RENEW_AGAIN, self._ends_at)
            return self._headers

    def refuse(self, headers: Mapping[str, str]) -> None:
        """The vendor refused the token in `headers`: forget it, unless a newer one has taken its place."""
        if self._headers is headers:
            self._headers = None

    async def close(self) -> None:
        """End a fetch that is still under way."""
        flight = self._flight
        if flight is not None:
            flight.cancel()
            await asyncio.wait([flight])

    async def _fly(self, fetch: Fetch) -> Mapping[str, str]:
        try:
            token = await fetch()
            early = min(token.lifetime * EARLY_SHARE, EARLY_MOST)
            self._ends_at = asyncio.get_running_loop().time() + token.lifetime
            self._renew_at = self._ends_at - early
            self._headers = {"Authorization": f"Bearer {token.value}"}
            return self._headers
        finally:
            self._flight = None


class ClientCredentials:
    """OAuth client credentials on requests: a shared `TokenKeeper` and this source's way to fetch a token."""

    def __init__(self, keeper: TokenKeeper, fetch: Fetch) -> None:
        self._keeper = keeper
        self._fetch = fetch

    async def headers(self) -> Mapping[str, str]:
        """The Authorization header of a live token."""
        return await self._keeper.headers(self._fetch)

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """Forget the refused token; the next `headers` fetches or finds its successor."""
        self._keeper.refuse(refused)
        return True
