"""Real workers beside a real Redis: killed, stopped, told to leave; and Redis itself killed and emptied.

The accounts are simulated ones over loopback, and what is asserted is what they were asked and when.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from fleet_processes import LEASE, PERIOD, Fleet, fleet, gaps, until
from fleet_server import RedisServer
from monitor_fake import most_in_any

import ccstats
from ccstats.config import Redis, Secret
from ccstats.coordination import connect
from ccstats.model import Status

pytestmark = pytest.mark.redis

NOISE = 0.5
"""Seconds that a busy machine may add to what a schedule says."""
JITTER = 1.0
"""Seconds between a request's leaving and its arrival on a busy machine; less than another burst would be worth."""
NARROW = {"requests_per_minute": 60.0}
RATE, BURST = 57 / 60, 3
"""What a cap of 60 a minute is paced to."""


@asynccontextmanager
async def beside(redis_server: RedisServer, folder: Path, **limits: float) -> AsyncIterator[Fleet]:
    """Accounts without workers yet, meeting at this server."""
    shared = connect(Redis(url=Secret(redis_server.url)))
    try:
        async with fleet(folder, redis_server.url, shared, **limits) as one:
            yield one
    finally:
        await shared.aclose()


async def read_again(one: Fleet, sources: set[str], at: float, within: float) -> list[float]:
    """How long after `at` each queue of these sources was first asked for; fails where one was not in time."""
    targets = await one.targets(*sources)
    assert len(targets) == 6 * len(sources)

    async def all_read() -> bool:
        return all(any(read > at for read in one.reads(target)) for target in targets)

    await until(all_read, within + 5)
    waits = [min(read for read in one.reads(target) if read > at) - at for target in targets]
    assert max(waits) <= within, waits
    return waits


async def test_after_sigkill_every_queue_is_read_again_within_lease_period_and_a_second(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """Promise 36; a reader sees it all, in the end it has what stands in the table, and nothing there is secret."""
    async with beside(redis_server, tmp_path) as one, ccstats.attach(redis_server.url) as reader:
        await one.start("w1", "w2")
        lost = (await one.settled("w1", "w2"))["w1"]
        at = await one.send("w1", signal.SIGKILL)
        await read_again(one, lost, at.timestamp(), LEASE + PERIOD + 1.0)
        await one.settled("w2")
        kept = redis_server.everything()
        assert all(target.id in kept for target in await one.targets())
        assert not any(secret in kept for secret in one.secrets())
        await one.start("w3")
        await one.settled("w2", "w3")
        await one.send("w2", signal.SIGTERM)
        await one.settled("w3")
        await one.send("w3", signal.SIGTERM)
        assert await differing(one, reader) == []
        assert len(reader.latest()) == 24


async def test_after_sigterm_every_queue_is_read_again_within_a_period(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """Promise 36: it hands over before it ends, and ends with code 0."""
    async with beside(redis_server, tmp_path) as one:
        await one.start("w1", "w2")
        lost = (await one.settled("w1", "w2"))["w1"]
        at = await one.send("w1", signal.SIGTERM)
        await read_again(one, lost, at.timestamp(), PERIOD + NOISE)


async def test_a_stopped_worker_is_replaced_and_asks_nothing_when_it_wakes(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """Promise 36 for SIGSTOP: taken over like after a kill; awake again, it reads no queue that is another's."""
    async with beside(redis_server, tmp_path) as one:
        await one.start("w1", "w2")
        lost = (await one.settled("w1", "w2"))["w1"]
        at = await one.send("w1", signal.SIGSTOP)
        await read_again(one, lost, at.timestamp(), LEASE + PERIOD + 1.0)
        await asyncio.sleep(PERIOD)
        woken = (await one.send("w1", signal.SIGCONT)).timestamp()
        await asyncio.sleep(2 * PERIOD)
        for target in await one.targets(*lost):
            after = sorted(read for read in one.reads(target) if read > woken)
            assert 1 <= len(after) <= 3, after
            assert all(later - earlier > PERIOD / 2 for earlier, later in pairwise(after)), after
        assert any("polled by another worker now" in line for line in one.said)


async def test_no_window_is_over_budget_across_kill_pause_and_return(redis_server: RedisServer, tmp_path: Path) -> None:
    """Promise 37: every account is asked for more than its limit, by whoever holds it."""
    async with beside(redis_server, tmp_path, **NARROW) as one:
        await one.start("w1", "w2")
        await asyncio.sleep(15)
        await one.send("w1", signal.SIGKILL)
        await asyncio.sleep(6)
        await one.start("w3")
        await asyncio.sleep(8)
        await one.send("w2", signal.SIGSTOP)
        await asyncio.sleep(6)
        await one.send("w2", signal.SIGCONT)
        await asyncio.sleep(6)
        await one.send("w3", signal.SIGTERM)
        await asyncio.sleep(6)
        for source in one.accounts:
            times = one.asked(source)
            assert len(times) > 25
            for window in (1.0, 2.0, 5.0, 10.0, 30.0):
                # Seen when they arrive: what arrives within a window has left within one that is a little longer.
                assert most_in_any(times, window) <= BURST + RATE * (window + JITTER), (source, window)


async def test_polling_goes_on_while_redis_is_away_and_the_table_is_whole_again(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """Promise 38: killed for six seconds, back without anything; readers mark what they have as old meanwhile."""
    async with beside(redis_server, tmp_path) as one, ccstats.attach(redis_server.url) as reader:
        await one.start("w1", "w2")
        before = await one.settled("w1", "w2")
        targets = await one.targets()
        at = datetime.now(UTC).timestamp()
        redis_server.kill()
        await asyncio.sleep(3 * PERIOD + 2)
        assert {snapshot.realtime.status.value for snapshot in reader.latest().values() if snapshot.realtime} == {
            "stale"
        }
        assert len(reader.latest()) == 24
        redis_server.start()
        back = datetime.now(UTC).timestamp()

        async def whole() -> bool:
            return len(await one.targets()) == 24

        await until(whole, PERIOD + NOISE)
        await asyncio.sleep(2 * PERIOD)
        assert await one.share() == before
        assert {snapshot.realtime.status.value for snapshot in reader.latest().values() if snapshot.realtime} == {
            "fresh"
        }
        end = datetime.now(UTC).timestamp()
        missed = [gaps(one.reads(target), at, end - PERIOD) for target in targets]
        assert max(missed) <= PERIOD + NOISE, (missed, back)


async def differing(one: Fleet, reader: ccstats.Reader) -> list[str]:
    """The keys under which a reader has something else than stands in the table, once it had a second to read."""
    await asyncio.sleep(1.0)
    table = {snapshot.target.key: snapshot for snapshot in await one.table()}
    seen = reader.latest()
    return [key for key in table.keys() | seen.keys() if table.get(key) != seen.get(key)]


def statuses(reader: ccstats.Reader) -> set[Status]:
    """How fresh a reader says its real-time numbers are."""
    return {snapshot.realtime.status for snapshot in reader.latest().values() if snapshot.realtime is not None}
