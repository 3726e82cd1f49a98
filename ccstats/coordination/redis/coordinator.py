"""The coordinator on a Redis server: nothing is kept here, and everything goes by the server's clock.

Keys, all below `{prefix}:`: `life` (epoch, its beginning, number of the last change, description), `changes` (stream),
`workers` (by when they count as gone), `shard:...`, `table:...`, `sources`, `said` (when), `limit:...`, `spenders:...`.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any

from ccstats.config import Redis as Options
from ccstats.coordination.coordinator import Claim, Grant, Heritage, Lease, Life, Mark, Spent, State, Touched
from ccstats.coordination.redis.connection import Server, Value
from ccstats.errors import CoordinatorError

REMEMBERED = 10_000
"""Changes that can be asked for later, at least; a change is what one write of a source has touched."""
SLICE = 500
"""Rows, or changes, that are read together."""
RECENT = 60.0
"""Seconds for which somebody counts as a spender of a limit."""
WAIT = 2.5
"""Seconds that one wait for changes may last: half of what a reading connection allows for an answer."""


class RedisCoordinator:
    """Leases, the table and shared limits on a Redis (6.2 or newer) or Valkey server.

    Raises `CoordinatorError` where it cannot be reached now, `ConfigError` where it refuses the user.
    """

    def __init__(self, options: Options, *, remembered: int = REMEMBERED) -> None:
        self._server = Server(options)
        self._base = f"{{{options.prefix}}}:"
        self._remembered = remembered
        self._token = secrets.token_hex(8)

    async def beat(
        self, worker: str, claims: Mapping[str, Claim], shards: Collection[str], *, lease: float, leaving: bool = False
    ) -> State:
        arguments: list[Value] = [self._token, worker, _micros(lease), int(leaving), len(claims)]
        for name, claim in claims.items():
            arguments += (name, claim.fence, claim.weight, claim.debts)
        arguments += (name for name in shards if name not in claims)
        at, epoch, since, workers, kept, leases = await self._server.run("beat", *arguments)
        return State(
            at / 1e6,
            epoch.decode(),
            since / 1e6,
            tuple(sorted(name.decode() for name in workers)),
            {name.decode(): Lease(who.decode() or None, end / 1e6, weight) for name, who, end, weight in leases},
            frozenset(name.decode() for name in kept),
        )

    async def acquire(self, worker: str, shard: str, *, lease: float) -> Grant | None:
        granted = await self._server.run("acquire", self._token, worker, shard, _micros(lease))
        if granted is None:
            return None
        fence, at, *left = granted
        return Grant(fence, at / 1e6, _heritage(*left) if left else None)

    async def release(self, worker: str, shard: str, claim: Claim) -> None:
        await self._server.run("release", worker, shard, claim.fence, claim.debts)

    async def leave(self, worker: str) -> None:
        await self._server.run("leave", worker)

    async def write(
        self, shard: str, fence: int, source: str, rows: Mapping[str, bytes], gone: Sequence[str], about: bytes | None
    ) -> bool:
        names = json.dumps([*rows, *gone], ensure_ascii=False, separators=(",", ":"))
        said = (int(about is not None), about or b"")
        put = (part for row in rows.items() for part in row)
        written = await self._server.run(
            "write", self._token, self._remembered, shard, fence, source, names, *said, len(rows), *put, *gone
        )
        return bool(written)

    async def describe(self, text: bytes) -> None:
        await self._server.run("describe", self._token, self._remembered, text)

    async def forget(self, older: float) -> None:
        await self._server.run("forget", self._token, self._remembered, _micros(older))

    async def life(self) -> Life:
        clock, (epoch, since), known = await self._server.together(
            ("TIME",),
            ("HMGET", self._key("life"), "epoch", "since"),
            ("ZRANGE", self._key("workers"), 0, -1, "WITHSCORES"),
        )
        at = clock[0] + clock[1] / 1e6
        alive = (name.decode() for name, until in zip(known[::2], known[1::2], strict=True) if float(until) / 1e6 > at)
        return Life(at, (epoch or b"").decode(), int(since) / 1e6 if since else None, tuple(sorted(alive)))

    async def mark(self) -> Mark:
        ((epoch, number),) = await self._server.together(("HMGET", self._key("life"), "epoch", "number"))
        return Mark((epoch or b"").decode(), int(number or 0))

    async def description(self) -> bytes:
        (text,) = await self._server.together(("HGET", self._key("life"), "description"))
        return text or b""

    async def sources(self, names: Collection[str] | None = None) -> Mapping[str, bytes]:
        if names is not None:
            return await self._fields(self._key("sources"), names)
        (said,) = await self._server.together(("HGETALL", self._key("sources")))
        return _decoded(said.items())

    async def table(self, source: str) -> AsyncIterator[Mapping[str, bytes]]:
        cursor = 0
        while True:
            ((cursor, found),) = await self._server.together(
                ("HSCAN", self._key("table", source), cursor, "COUNT", SLICE)
            )
            if found:
                yield _decoded(found.items())
            if cursor == 0:
                return

    async def rows(self, source: str, names: Collection[str]) -> Mapping[str, bytes]:
        return await self._fields(self._key("table", source), names)

    async def _fields(self, key: str, names: Collection[str]) -> dict[str, bytes]:
        asked = list(names)
        slices = [asked[first : first + SLICE] for first in range(0, len(asked), SLICE)]
        found: dict[str, bytes] = {}
        for part in slices:
            (rows,) = await self._server.together(("HMGET", key, *part))
            found.update((name, row) for name, row in zip(part, rows, strict=True) if row is not None)
        return found

    async def changes(self, mark: Mark, *, wait: float) -> Touched:
        life, wait = self._key("life"), min(wait, WAIT)
        block = ("BLOCK", math.ceil(wait * 1000)) if wait > 0 else ()  # BLOCK 0 would be for ever
        # What the number was before the wait has to be in the stream after it; an epoch after the wait tells whether
        # all of it was one life.
        number, news, epoch, at = await self._server.together(
            ("HGET", life, "number"),
            ("XREAD", "COUNT", SLICE, *block, "STREAMS", self._key("changes"), f"{mark.number}-0"),
            ("HGET", life, "epoch"),
            ("TIME",),
        )
        seconds = at[0] + at[1] / 1e6
        entries = news[0][1] if news else []
        last = mark.number + len(entries)
        in_order = all(_number(one) == mark.number + place for place, (one, _) in enumerate(entries, 1))
        reached = len(entries) == SLICE or last >= int(number or 0)
        restored = mark.number > int(number or 0)  # a server that came back with data older than what was read of it
        if (epoch or b"").decode() != mark.epoch or restored or not in_order or not reached:
            return Touched(seconds, await self.mark(), complete=False)
        return Touched(seconds, Mark(mark.epoch, last), _touched(entry for _, entry in entries))

    async def spend(self, key: str, *, rate: float, burst: int, spender: str) -> Spent:
        interval = math.ceil(1e6 / rate)
        wait, spenders = await self._server.run("spend", key, interval, burst, spender, _micros(RECENT))
        return Spent(wait / 1e6, spenders)

    async def block(self, key: str, seconds: float) -> None:
        await self._server.run("block", key, _micros(seconds))

    async def aclose(self) -> None:
        await self._server.aclose()

    def _key(self, kind: str, name: str | None = None) -> str:
        return f"{self._base}{kind}" if name is None else f"{self._base}{kind}:{name}"


def _micros(seconds: float) -> int:
    return math.ceil(seconds * 1e6)


def _number(ident: bytes) -> int:
    return int(ident.partition(b"-")[0])


def _touched(entries: Iterable[Mapping[bytes, bytes]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    try:
        for entry in entries:
            found.setdefault(entry[b"source"].decode(), set()).update(json.loads(entry[b"names"]))
    except (KeyError, ValueError, TypeError):
        raise CoordinatorError("the stream of changes cannot be read; is it written by another version?") from None
    return {name: frozenset(rows) for name, rows in found.items()}


def _heritage(debts: bytes, told: int, until: int, clean: int) -> Heritage:
    return Heritage(debts, told / 1e6, until / 1e6, clean=bool(clean))


def _decoded(items: Iterable[tuple[Any, Any]]) -> dict[str, bytes]:
    return {name.decode(): value for name, value in items}
