"""The coordinator of one process: no server, no dependency. Several workers and readers in one program, and tests."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ccstats.coordination.coordinator import Claim, Grant, Heritage, Lease, Life, Mark, Spent, State, Touched

REMEMBERED = 100_000
"""Changes that can be asked for later."""
SLICE = 500
"""Rows that are handed out together."""
EPSILON = 1e-9
RECENT = 60.0
"""Seconds for which somebody counts as a spender of a limit."""


@dataclass(slots=True)
class _Shard:
    """One shard; who held it last stays known after the lease has run out."""

    fence: int = 0
    worker: str | None = None
    expires: float = -math.inf
    weight: int = 1
    heritage: Heritage | None = None


@dataclass(slots=True)
class _Limit:
    full_at: float = -math.inf
    blocked_until: float = -math.inf
    spenders: dict[str, float] = field(default_factory=dict)


class _Steady:
    """The time of day as it was at the first look, and from then on the loop's own clock: nobody can set it."""

    def __init__(self) -> None:
        self._ahead: float | None = None

    def __call__(self) -> float:
        try:
            now = asyncio.get_running_loop().time()
        except RuntimeError:  # made before the loop runs
            return time.time()
        if self._ahead is None:
            self._ahead = time.time() - now
        return now + self._ahead


class LocalCoordinator:
    """Everything in dictionaries, by the clock `now`: seconds since 1970, by default as steady as the loop's clock."""

    def __init__(self, now: Callable[[], float] | None = None, *, remembered: int = REMEMBERED) -> None:
        self._now = now or _Steady()
        self._changes: deque[tuple[str, frozenset[str]]] = deque(maxlen=remembered)
        self._begin()

    def _begin(self) -> None:
        self._epoch, self._since, self._number = secrets.token_hex(8), self._now(), 0
        self._workers: dict[str, tuple[float, bool]] = {}
        self._shards: dict[str, _Shard] = {}
        self._tables: dict[str, dict[str, bytes]] = {}
        self._about: dict[str, tuple[float, bytes]] = {}
        self._limits: dict[str, _Limit] = {}
        self._description = b""
        self._changes.clear()
        self._changed = asyncio.Event()

    def empty(self) -> None:
        """Lose everything, as a server does that is restarted without its data."""
        waiting = self._changed
        self._begin()
        waiting.set()

    async def beat(
        self, worker: str, claims: Mapping[str, Claim], shards: Collection[str], *, lease: float, leaving: bool = False
    ) -> State:
        now = self._now()
        kept = frozenset(name for name, claim in claims.items() if self._renewed(worker, name, claim, now, lease))
        self._workers[worker] = (now + lease, leaving)
        self._workers = {name: known for name, known in self._workers.items() if known[0] > now}
        alive = self._alive(now)
        leases = {name: self._lease(name, now) for name in {*shards, *claims}}
        return State(now, self._epoch, self._since, alive, leases, kept)

    def _alive(self, now: float) -> tuple[str, ...]:
        return tuple(sorted(name for name, (until, going) in self._workers.items() if until > now and not going))

    def _renewed(self, worker: str, name: str, claim: Claim, now: float, lease: float) -> bool:
        shard = self._shards.setdefault(name, _Shard())
        if claim.fence < shard.fence or (claim.fence == shard.fence and shard.worker != worker):
            return False
        if claim.fence > shard.fence and shard.worker not in (None, worker) and shard.expires > now:
            return False
        shard.fence, shard.worker, shard.expires, shard.weight = claim.fence, worker, now + lease, claim.weight
        shard.heritage = Heritage(claim.debts, now, now + lease, clean=False)
        return True

    def _lease(self, name: str, now: float) -> Lease:
        shard = self._shards.get(name)
        if shard is None:
            return Lease()
        held = shard.expires > now
        return Lease(shard.worker if held else None, shard.expires if held else 0.0, shard.weight)

    async def acquire(self, worker: str, shard: str, *, lease: float) -> Grant | None:
        now, known = self._now(), self._shards.setdefault(shard, _Shard())
        if known.expires > now:
            return None
        left = known.heritage
        # Out of the clock: also higher than those that were granted before everything was lost.
        known.fence = max(known.fence + 1, int(now * 1e6))
        known.worker, known.expires = worker, now + lease
        known.heritage = Heritage(left.debts if left is not None else b"", now, now + lease, clean=False)
        return Grant(known.fence, now, left)

    async def release(self, worker: str, shard: str, claim: Claim) -> None:
        known, now = self._shards.get(shard), self._now()
        if known is not None and known.worker == worker and known.fence == claim.fence:
            known.worker, known.expires = None, -math.inf
            known.heritage = Heritage(claim.debts, now, now, clean=True)

    async def leave(self, worker: str) -> None:
        self._workers.pop(worker, None)

    async def write(
        self, shard: str, fence: int, source: str, rows: Mapping[str, bytes], gone: Sequence[str], about: bytes | None
    ) -> bool:
        known = self._shards.get(shard)
        if known is not None and known.fence > fence:
            return False
        table = self._tables.setdefault(source, {})
        table.update(rows)
        for name in gone:
            table.pop(name, None)
        if about is not None:
            self._about[source] = (self._now(), about)
        self._note(source, frozenset([*rows, *gone]))
        return True

    async def describe(self, text: bytes) -> None:
        if text != self._description:
            self._description = text
            self._note("", frozenset())

    async def forget(self, older: float) -> None:
        now = self._now()
        for source in [name for name, (at, _) in self._about.items() if at <= now - older]:
            names = frozenset(self._tables.pop(source, {}))
            del self._about[source]
            self._note(source, names)

    def _note(self, source: str, names: frozenset[str]) -> None:
        self._number += 1
        self._changes.append((source, names))
        self._changed.set()
        self._changed = asyncio.Event()

    async def life(self) -> Life:
        now = self._now()
        return Life(now, self._epoch, self._since, self._alive(now))

    async def mark(self) -> Mark:
        return Mark(self._epoch, self._number)

    async def description(self) -> bytes:
        return self._description

    async def sources(self, names: Collection[str] | None = None) -> Mapping[str, bytes]:
        return {name: about for name, (_, about) in self._about.items() if names is None or name in names}

    async def table(self, source: str) -> AsyncIterator[Mapping[str, bytes]]:
        items = list(self._tables.get(source, {}).items())
        for first in range(0, len(items), SLICE):
            yield dict(items[first : first + SLICE])
            await asyncio.sleep(0)

    async def rows(self, source: str, names: Collection[str]) -> Mapping[str, bytes]:
        table = self._tables.get(source, {})
        return {name: table[name] for name in names if name in table}

    async def changes(self, mark: Mark, *, wait: float) -> Touched:
        if mark.epoch == self._epoch and mark.number == self._number:
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                pass
        end = Mark(self._epoch, self._number)
        known = mark.epoch == self._epoch and self._number - mark.number <= len(self._changes)
        news = islice(reversed(self._changes), self._number - mark.number) if known else ()
        found: dict[str, frozenset[str]] = {}
        for source, names in news:
            found[source] = found.get(source, frozenset()) | names
        return Touched(self._now(), end, found, complete=known)

    async def spend(self, key: str, *, rate: float, burst: int, spender: str) -> Spent:
        now, limit = self._now(), self._limits.setdefault(key, _Limit())
        limit.spenders = {name: at for name, at in limit.spenders.items() if at > now - RECENT}
        limit.spenders[spender] = now
        free_at = max(limit.full_at - (burst - 1) / rate, limit.blocked_until)
        if free_at > now + EPSILON:
            return Spent(free_at - now, len(limit.spenders))
        limit.full_at = max(limit.full_at, now) + 1 / rate
        return Spent(0.0, len(limit.spenders))

    async def block(self, key: str, seconds: float) -> None:
        limit = self._limits.setdefault(key, _Limit())
        limit.blocked_until = max(limit.blocked_until, self._now() + seconds)

    async def aclose(self) -> None:
        """Nothing is open."""
