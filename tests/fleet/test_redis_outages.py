"""A Redis server that is away, hangs or comes back; what is said of it, and to whom nothing of it may be shown."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from fleet_server import RedisServer, free_port

from ccstats.config import Redis
from ccstats.coordination import Claim, Coordinator, connect
from ccstats.errors import CoordinatorError

LEASE = 3.0


@pytest.fixture
async def coordinator(redis_server: RedisServer) -> AsyncIterator[Coordinator]:
    """On a server of this test process."""
    one = connect(Redis(url=redis_server.url))
    yield one
    await one.aclose()


async def test_after_an_outage_everything_works_at_the_first_call(
    redis_server: RedisServer, coordinator: Coordinator
) -> None:
    grant = await coordinator.acquire("a", "s", lease=LEASE)
    assert grant is not None
    claims = {"s": Claim(grant.fence)}
    mark = await coordinator.mark()
    reading = [coordinator.changes(mark, wait=2), coordinator.sources(), coordinator.mark()]
    redis_server.kill()
    for call in [coordinator.beat("a", claims, [], lease=LEASE), *reading]:
        with pytest.raises(CoordinatorError, match=rf"^Redis at 127.0.0.1:{redis_server.port}: no connection"):
            await call

    redis_server.start()

    assert (await coordinator.beat("a", claims, [], lease=LEASE)).kept == {"s"}
    assert await coordinator.write("s", grant.fence, "us", {"a": b"1"}, [], b"said")
    assert not (await coordinator.changes(mark, wait=0)).complete
    assert await coordinator.sources() == {"us": b"said"}


async def test_connections_that_died_unseen_are_replaced(redis_server: RedisServer, coordinator: Coordinator) -> None:
    await asyncio.gather(*(coordinator.beat("a", {}, [], lease=LEASE) for _ in range(8)))
    mark = await coordinator.mark()
    await asyncio.to_thread(redis_server.restart)

    beats = await asyncio.gather(*(coordinator.beat("a", {}, [], lease=LEASE) for _ in range(8)))

    assert all(beat.workers == ("a",) for beat in beats)
    assert not (await coordinator.changes(mark, wait=0)).complete


async def test_one_step_finds_out_that_all_connections_are_dead(
    redis_server: RedisServer, coordinator: Coordinator
) -> None:
    await asyncio.gather(*(coordinator.beat("a", {}, [], lease=LEASE) for _ in range(8)))
    redis_server.restart()  # in one piece: the event loop has not heard of it yet
    with pytest.raises(CoordinatorError):
        await coordinator.beat("a", {}, [], lease=LEASE)

    beats = await asyncio.gather(*(coordinator.beat("a", {}, [], lease=LEASE) for _ in range(8)))

    assert all(beat.workers == ("a",) for beat in beats)


async def test_a_reader_that_waits_hears_again_after_a_restart(
    redis_server: RedisServer, coordinator: Coordinator
) -> None:
    await coordinator.beat("a", {}, [], lease=LEASE)
    mark = await coordinator.mark()
    waiting = asyncio.create_task(coordinator.changes(mark, wait=2))
    await _some_wait(redis_server)
    redis_server.kill()
    with pytest.raises(CoordinatorError):
        await waiting
    redis_server.start()

    lost = await coordinator.changes(mark, wait=0)
    waiting = asyncio.create_task(coordinator.changes(lost.mark, wait=2))
    await coordinator.write("s", 1, "us", {"a": b"1"}, [], None)
    heard = await waiting

    assert not lost.complete
    # The write began the table's new life, after the reader had asked for it.
    again = heard if heard.complete else await coordinator.changes(lost.mark, wait=0)
    assert again.complete or again.mark == await coordinator.mark()


async def _some_wait(server: RedisServer) -> None:
    """Until the server holds a client that waits."""
    with server.client() as client:
        while not client.info("clients")["blocked_clients"]:  # noqa: ASYNC110 - nobody but the server knows
            await asyncio.sleep(0)


async def test_a_server_that_hangs_costs_a_lease_half_a_second_and_mixes_no_answers(
    redis_server: RedisServer, coordinator: Coordinator
) -> None:
    await coordinator.acquire("a", "s", lease=60)
    redis_server.pause()
    began = asyncio.get_running_loop().time()
    try:
        with pytest.raises(CoordinatorError, match="no answer in time"):
            await coordinator.beat("a", {}, [], lease=LEASE)
    finally:
        redis_server.resume()

    assert asyncio.get_running_loop().time() - began < 1.5
    assert await coordinator.acquire("b", "s", lease=LEASE) is None
    assert "a" in (await coordinator.beat("b", {}, ["s"], lease=LEASE)).leases["s"].worker


async def test_a_server_that_takes_no_writes_is_said_to_and_is_asked_again(
    redis_server: RedisServer, coordinator: Coordinator
) -> None:
    with redis_server.client() as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(CoordinatorError, match="its memory is full"):
            await coordinator.beat("a", {}, [], lease=LEASE)
        client.config_set("maxmemory", 0)
        client.replicaof("127.0.0.1", free_port())
        with pytest.raises(CoordinatorError, match="it is a read-only replica"):
            await coordinator.beat("a", {}, [], lease=LEASE)
        assert client.info("clients")["connected_clients"] == 1  # the next one looks the name up again
        client.replicaof("NO", "ONE")

    assert (await coordinator.beat("a", {}, [], lease=LEASE)).workers == ("a",)


async def test_what_somebody_else_wrote_into_the_stream_is_said_to_be_unreadable(
    redis_server: RedisServer, coordinator: Coordinator
) -> None:
    await coordinator.beat("a", {}, [], lease=LEASE)
    mark = await coordinator.mark()
    with redis_server.client() as client:
        client.xadd("{ccstats}:changes", {"other": "fields"}, id="1-0")
        client.hincrby("{ccstats}:life", "number", 1)

    with pytest.raises(CoordinatorError, match="written by another version"):
        await coordinator.changes(mark, wait=0)


async def test_cancelled_calls_leave_no_answer_to_others(coordinator: Coordinator) -> None:
    for turn in range(100):
        task = asyncio.create_task(coordinator.describe(b"%d" % turn))
        for _ in range(turn % 12):
            await asyncio.sleep(0)
        task.cancel()
        read = asyncio.create_task(coordinator.sources())
        for _ in range(turn % 7):
            await asyncio.sleep(0)
        read.cancel()
        await asyncio.gather(task, read, return_exceptions=True)

        assert (await coordinator.beat("a", {}, ["s"], lease=LEASE)).workers == ("a",)
        assert (await coordinator.spend("k", rate=1e6, burst=9, spender="a")).spenders == 1
        assert await coordinator.sources() == {}


async def test_readers_that_wait_hold_up_no_lease(redis_server: RedisServer, coordinator: Coordinator) -> None:
    await coordinator.beat("a", {}, [], lease=LEASE)
    mark = await coordinator.mark()
    waiting = [asyncio.create_task(coordinator.changes(mark, wait=2)) for _ in range(40)]
    await _some_wait(redis_server)

    await coordinator.beat("a", {}, [], lease=LEASE)

    assert not any(task.done() for task in waiting)
    await coordinator.write("s", 1, "us", {"a": b"1"}, [], None)
    assert {frozenset(one.rows) for one in await asyncio.gather(*waiting)} == {frozenset({"us"})}


async def test_many_steps_at_once_wait_for_each_other(coordinator: Coordinator) -> None:
    states = await asyncio.gather(*(coordinator.beat(f"w{turn}", {}, [], lease=LEASE) for turn in range(100)))

    assert len(states[-1].workers) == 100


async def test_a_server_that_is_not_there_is_named_without_the_credential(canary: str) -> None:
    port = free_port()
    coordinator = connect(Redis(url=f"redis://user-{canary}:{canary}@127.0.0.1:{port}/2"))

    with pytest.raises(CoordinatorError) as caught:
        await coordinator.mark()
    await coordinator.aclose()

    assert str(caught.value) == f"Redis at 127.0.0.1:{port}: no connection (Connection refused)"


def test_without_redis_nothing_of_it_is_imported() -> None:
    program = """
import asyncio, sys
import ccstats
from ccstats.config import Config
from ccstats.coordination import LocalCoordinator
async def main():
    options = {"adapter": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": "none", "base_url": "http://127.0.0.1:1"}
    async with ccstats.Monitor(Config(sources={"us": options})) as monitor:
        monitor.stats()
        await asyncio.sleep(0)
    await LocalCoordinator().beat("a", {}, [], lease=1)
asyncio.run(main())
print([name for name in sys.modules if "redis" in name.split(".") and name != "redis_address"])
"""
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "[]"


async def test_a_server_that_comes_back_with_older_data_is_read_anew(
    redis_server: RedisServer, coordinator: Coordinator
) -> None:
    """It was saved a while ago: the same life, and the numbers of the changes are given a second time."""
    await coordinator.write("s", 1, "us", {"a": b"1"}, [], b"said")
    with redis_server.client() as client:
        saved = {key: client.dump(key) for key in client.scan_iter()}
        await coordinator.write("s", 1, "us", {"a": b"2", "b": b"2"}, [], None)
        mark = await coordinator.mark()
        client.flushall()
        for key, value in saved.items():
            client.restore(key, 0, value)

    touched = await coordinator.changes(mark, wait=0)

    assert not touched.complete
    assert touched.mark.number == 1
    await coordinator.write("s", 1, "us", {"a": b"3"}, [], None)
    assert (await coordinator.changes(touched.mark, wait=0)).rows == {"us": {"a"}}
