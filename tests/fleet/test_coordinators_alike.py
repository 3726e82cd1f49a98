"""Whatever is done in whatever order, a Redis server answers as the coordinator in this process does; limits hold."""

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from fleet_server import RedisServer
from fleet_shared import Shared, on_local, on_redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccstats.coordination import Claim, Grant, LocalCoordinator, Mark, State

LEASE = 3.5
NOISE = 1e-3

workers = st.sampled_from(["w1", "w2", "w3"])
shards = st.sampled_from(["s1", "s2"])
sources = st.sampled_from(["us", "emea"])
names = st.lists(st.sampled_from(["a", "b", "c é"]), max_size=3, unique=True)
words = st.binary(max_size=3)
turns = st.integers(0, 5)
steps = st.one_of(
    st.tuples(st.just("pass"), st.sampled_from([1, 2, 5, 70, 400])),
    st.tuples(st.just("pass"), st.just(4)),
    st.tuples(st.just("acquire"), workers, shards),
    st.tuples(st.just("acquire"), workers, st.just("s1")),
    st.tuples(st.just("beat"), workers, turns, words, st.booleans()),
    st.tuples(st.just("release"), workers, shards, turns, words),
    st.tuples(st.just("leave"), workers),
    st.tuples(st.just("write"), shards, turns, sources, names, names, words, st.booleans()),
    st.tuples(st.just("describe"), words),
    st.tuples(st.just("forget")),
    st.tuples(st.just("read")),
    st.tuples(st.just("spend"), workers),
    st.tuples(st.just("block"), st.sampled_from([1, 30])),
    st.tuples(st.just("cut")),
    st.tuples(st.just("empty")),
)
orders = st.lists(steps, min_size=5, max_size=40)


def until(seconds: float) -> int:
    """Halves of a second that are left, where the server's clock has gone on by less than one."""
    return math.ceil(2 * seconds - NOISE)


def since(seconds: float) -> int:
    """Halves of a second that have passed, where the server's clock has gone on by less than one."""
    return math.floor(2 * seconds + NOISE)


@dataclass
class Side:
    """One coordinator, and what somebody knows who uses it; fences and epochs are told apart, not compared."""

    shared: Shared
    grants: dict[str, list[Grant]] = field(default_factory=dict)
    mark: Mark | None = None

    def fence(self, shard: str, turn: int) -> int:
        """The last grant of a shard, or (with one turn of two) one before it."""
        known = self.grants.get(shard, [])
        return known[-1 - min(turn // 3, len(known) - 1)].fence if known else 1

    async def do(self, step: tuple[Any, ...]) -> object:
        """What can be compared of the answer."""
        answer: object = await getattr(self, step[0])(*step[1:]) if hasattr(self, step[0]) else None
        return answer

    async def acquire(self, worker: str, shard: str) -> object:
        grant = await self.shared.one.acquire(worker, shard, lease=LEASE)
        if grant is None:
            return None
        before = self.grants.setdefault(shard, [])
        assert all(grant.fence > one.fence for one in before)
        before.append(grant)
        left = grant.heritage
        return left and (left.debts, left.clean, since(grant.at - left.at), round((left.until - left.at) * 2))

    async def beat(self, worker: str, turn: int, debts: bytes, leaving: bool) -> object:
        claims = {shard: Claim(self.fence(shard, turn), turn, debts) for shard in ("s1", "s2")[: turn % 3]}
        state: State = await self.shared.other.beat(worker, claims, ["s1", "s2"], lease=LEASE, leaving=leaving)
        leases = {
            name: (lease.worker, lease.weight, lease.worker and until(lease.expires - state.at))
            for name, lease in state.leases.items()
        }
        return state.workers, leases, state.kept

    async def release(self, worker: str, shard: str, turn: int, debts: bytes) -> None:
        await self.shared.one.release(worker, shard, Claim(self.fence(shard, turn), debts=debts))

    async def leave(self, worker: str) -> None:
        await self.shared.one.leave(worker)

    async def write(
        self, shard: str, turn: int, source: str, put: list[str], gone: list[str], text: bytes, said: bool
    ) -> bool:
        rows = {name: text + name.encode() for name in put}
        return await self.shared.other.write(
            shard, self.fence(shard, turn), source, rows, [*{*gone} - {*put}], text if said else None
        )

    async def describe(self, text: bytes) -> None:
        await self.shared.one.describe(text)

    async def forget(self) -> None:
        await self.shared.one.forget(300.5)

    async def spend(self, spender: str) -> object:
        spent = await self.shared.one.spend("k", rate=0.1, burst=2, spender=spender)
        return until(spent.wait), spent.spenders

    async def block(self, seconds: float) -> None:
        await self.shared.other.block("k", seconds)

    async def read(self) -> object:
        one, tables = self.shared.one, {}
        for source in ("us", "emea"):
            tables[source] = {}
            async for part in one.table(source):
                tables[source].update(part)
        followed = None
        if self.mark is not None:
            touched = await one.changes(self.mark, wait=0)
            followed = (touched.complete, touched.complete and touched.rows)
            assert touched.mark == await one.mark()
        self.mark = await one.mark()
        return tables, await one.sources(), await one.description(), followed

    async def cut(self) -> None:
        self.shared.cut()

    async def empty(self) -> None:
        await self.shared.one.beat("settled", {}, [], lease=0.1)  # there is an epoch that can be lost
        self.shared.empty()
        self.grants.clear()
        await self.shared.one.beat("settled", {}, [], lease=0.1)


async def alike(server: RedisServer, order: list[tuple[Any, ...]]) -> None:
    """Both answer the same, step by step."""
    server.empty()
    sides = [Side(on_local()), Side(on_redis(server))]
    try:
        for side in sides:
            await side.shared.one.beat("settled", {}, [], lease=0.1)
        for at, step in enumerate([("pass", 1), *order, ("read",), ("read",)]):
            if step[0] == "pass":
                for side in sides:
                    side.shared.pass_time(step[1])
                continue
            answers = [await side.do(step) for side in sides]
            assert answers[0] == answers[1], (at, step)
    finally:
        await sides[1].shared.one.aclose()
        await sides[1].shared.other.aclose()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=orders)
def test_both_coordinators_answer_alike(redis_server: RedisServer, order: list[tuple[Any, ...]]) -> None:
    asyncio.run(alike(redis_server, order))


@pytest.mark.redis
@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=orders)
def test_both_coordinators_answer_alike_for_long(redis_server: RedisServer, order: list[tuple[Any, ...]]) -> None:
    asyncio.run(alike(redis_server, order))


@given(
    gaps=st.lists(st.floats(0, 3), min_size=1, max_size=80),
    rate=st.floats(0.2, 20),
    burst=st.integers(1, 10),
    spenders=st.integers(1, 4),
)
def test_no_window_sees_more_than_the_burst_and_the_rate(
    gaps: list[float], rate: float, burst: int, spenders: int
) -> None:
    now = [0.0]
    coordinator = LocalCoordinator(lambda: now[0])
    granted: list[float] = []

    async def ask() -> None:
        for turn, gap in enumerate(gaps):
            now[0] += gap
            spent = await coordinator.spend("k", rate=rate, burst=burst, spender=str(turn % spenders))
            if spent.wait == 0.0:
                granted.append(now[0])
            elif turn % 3 == 0:  # who waits as long as was said is granted
                now[0] += spent.wait
                assert (await coordinator.spend("k", rate=rate, burst=burst, spender="0")).wait == 0.0
                granted.append(now[0])

    asyncio.run(ask())

    for first, begin in enumerate(granted):
        for last in range(first, len(granted)):
            assert last - first + 1 <= burst + rate * (granted[last] - begin) + 1e-6


async def test_a_limit_on_a_server_grants_its_rate_to_all_together(redis_server: RedisServer) -> None:
    rate, burst, wanted = 1000.0, 10, 400
    shared, other = on_redis(redis_server), on_redis(redis_server)
    clients = [shared.one, shared.other, other.one, other.other]
    granted = [0, 0, 0, 0]
    begun = time.monotonic()

    async def ask(turn: int) -> None:
        while sum(granted) < wanted:
            spent = await clients[turn].spend("k", rate=rate, burst=burst, spender=str(turn))
            granted[turn] += spent.wait == 0.0

    await asyncio.gather(*(ask(turn) for turn in range(4)))
    lasted = time.monotonic() - begun

    assert sum(granted) <= burst + rate * lasted + 1
    assert min(granted) > 0
    for client in clients:
        await client.aclose()
