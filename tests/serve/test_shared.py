"""The server on a reader of the shared table: the same API, stream, history and metrics as on a monitor."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from fleet_writing import Clock, Shaky, Writer, description, snapshot

import ccstats
from ccstats.config import Serve
from ccstats.model import Definitions, Kind, Status
from ccstats.serve import serving

KEY = "us:queue:sales1"


class Shared:
    """A table, somebody who writes into it, and what is served of it."""

    def __init__(self, url: str, session: aiohttp.ClientSession, table: Shaky, reader: ccstats.Reader) -> None:
        self.url, self.session, self.table, self.reader = url, session, table, reader
        self.us = Writer(table)

    async def json(self, path: str) -> Any:
        async with self.session.get(self.url + path) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def text(self, path: str) -> str:
        async with self.session.get(self.url + path) as response:
            assert response.status == 200
            return await response.text()

    async def status(self, path: str) -> int:
        async with self.session.get(self.url + path) as response:
            return response.status


@asynccontextmanager
async def shared(*, ready: bool = True, **settings: Any) -> AsyncGenerator[Shared]:
    table = Shaky(Clock())
    if ready:
        await Writer(table).put("sales1", waiting=3, window=True)
        await table.describe(description("sales", title="Sales floor"))
    serve = Serve(listen="127.0.0.1:0", **settings)
    async with ccstats.attach(table) as reader:
        assert await reader.wait_until_ready(timeout=5 if ready else 0) is ready
        async with serving(reader, serve) as url, aiohttp.ClientSession() as session:
            yield Shared(url, session, table, reader)


async def test_the_api_serves_what_workers_share() -> None:
    async with shared() as served:
        (one,) = (await served.json("/api/v1/snapshots"))["snapshots"]
        assert (one["target"]["key"], one["realtime"]["waiting"]) == (KEY, 3)
        assert (await served.json(f"/api/v1/snapshots/{KEY}"))["windows"]["30m"]["offered"] == 3
        (group,) = (await served.json("/api/v1/groups"))["groups"]
        assert (group["name"], group["members"], group["realtime"]["waiting"]) == ("sales", [KEY], 3)
        board = await served.json("/api/v1/board")
        assert (board["title"], board["groups"], board["window"]) == ("Sales floor", ["sales"], "30m")
        (source,) = (await served.json("/api/v1/sources"))["sources"]
        assert (source["source"], source["vendor"], source["state"]) == ("us", "acme", "ok")


async def test_definitions_of_what_is_shared_are_served() -> None:
    declared = Definitions.declare("acme", Kind.QUEUE, {})
    async with shared() as served:
        await served.us.put("sales1", definitions=declared.id)
        await until(lambda: served.reader.get(KEY).definitions == declared.id)  # type: ignore[union-attr]  # it is there
        (found,) = (await served.json("/api/v1/definitions"))["definitions"]
        assert found["id"] == declared.id


async def test_the_stream_tells_what_changes_and_what_is_gone(events: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccstats.serve.feed.PULSE", 0.1)
    async with shared() as served, served.session.get(f"{served.url}/api/v1/stream") as response:
        stream = events(response)
        first = await stream.synced()
        assert [one.data["target"]["key"] for one in first if one.name == "snapshot"] == [KEY]
        await served.us.put("sales1", waiting=9)
        (*_, last) = await stream.until(lambda one: one.name == "snapshot")
        assert last.data["realtime"]["waiting"] == 9
        await served.us.take("sales1")
        (*_, last) = await stream.until(lambda one: one.name == "gone")
        assert last.data == {"key": KEY}


async def test_history_is_recorded_from_what_is_shared() -> None:
    async with shared(history_every="100ms") as served:
        async with asyncio.timeout(10):
            while not (found := await past(served)):  # noqa: ASYNC110 - a recording has no event of its own
                await asyncio.sleep(0.05)
        assert found[-1][1] == 3


async def past(served: Shared) -> list[Any]:
    series = (await served.json("/api/v1/history?kind=queue&minutes=1&points=60"))["series"]
    return [point for one in series for point in one["points"] if point[1] is not None]


async def test_metrics_have_the_age_by_the_coordinators_clock() -> None:
    async with shared() as served:
        text = await served.text("/metrics")
        (age,) = [line for line in text.splitlines() if line.startswith("ccstats_queue_age_seconds{")]
        assert 0 <= float(age.split()[-1]) < 5
        assert any(line.startswith("ccstats_queue_waiting{") and line.endswith(" 3") for line in text.splitlines())


async def test_it_is_ready_when_somebody_has_polled_everything() -> None:
    async with shared(ready=False) as served:
        assert await served.status("/readyz") == 503
        (nothing,) = (await served.json("/api/v1/sources"))["sources"]
        assert (nothing["source"], nothing["state"]) == ("shared-table", "starting")
        await served.us.put("sales1")
        await until(lambda: served.reader.get(KEY) is not None and bool(served.reader.stats().sources[0].vendor))
        assert await served.status("/readyz") == 200


async def test_a_table_out_of_reach_is_seen_and_the_numbers_stay() -> None:
    async with shared() as served:
        served.table.away = True
        await until(lambda: served.reader.stats().sources[0].error is not None)
        (source,) = (await served.json("/api/v1/sources"))["sources"]
        assert source["state"] == "failing"
        assert source["error"].startswith("the shared table cannot be reached since ")
        assert len((await served.json("/api/v1/snapshots"))["snapshots"]) == 1
        assert await served.status("/healthz") == 200


async def until(fits: Any) -> None:
    """Wait for what comes over real connections."""
    async with asyncio.timeout(10):
        while not fits():  # noqa: ASYNC110 - what comes over a connection has no event here
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("status", [Status.STALE, Status.GONE])
async def test_what_is_no_longer_true_is_no_metric(status: Status) -> None:
    async with shared() as served:
        row = snapshot("us", "sales1")
        assert row.realtime is not None
        await served.us.put("sales1", realtime=row.realtime.but(status=status), waiting=7)
        await until(lambda: served.reader.get(KEY).realtime.status is status)  # type: ignore[union-attr]  # it is there
        assert "ccstats_queue_waiting{" not in await served.text("/metrics")
