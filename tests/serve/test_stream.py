"""The stream: the whole table, then every latest value, for each client in its own time."""

import asyncio
from typing import Any

import aiohttp
import pytest

from ccstats.serve import feed as feeding

SNAPSHOT = "snapshot"


def waiting(events: list[Any]) -> dict[str, int]:
    return {one.data["target"]["key"]: one.data["realtime"]["waiting"] for one in events if one.name == SNAPSHOT}


async def test_a_client_gets_the_whole_table_and_then_what_changes(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(3)
    async with serve() as served, served.stream() as stream:
        events = await stream.synced()
        assert [one.name for one in events] == ["reset", SNAPSHOT, SNAPSHOT, SNAPSHOT, "sync"]
        before = waiting(events)
        await served.monitor.refresh("*q1")
        assert waiting(await stream.synced()) == {"acme:queue:q1": before["acme:queue:q1"] + 1}


async def test_who_comes_back_gets_what_was_missed_and_nothing_else(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(3)
    async with serve() as served:
        async with served.stream() as stream, served.stream() as other:
            await stream.synced()
            await other.synced()
            last = stream.last
            await served.monitor.refresh("*q2")
            await other.synced()
        async with served.stream(Last_Event_ID=last) as stream:
            events = await stream.synced()
            assert ([one.name for one in events], list(waiting(events))) == ([SNAPSHOT, "sync"], ["acme:queue:q2"])


@pytest.mark.parametrize("last", ["another.1", "nonsense", "{}.99999", "{}.-1", "{}.", "{}.1²", "." * 5000])
async def test_an_event_id_of_another_process_or_of_nobody_gets_the_whole_table(serve: Any, last: str) -> None:
    async with serve() as served:
        async with served.stream() as stream:
            await stream.synced()
            instance = str(stream.last).partition(".")[0]
        async with served.stream(Last_Event_ID=last.format(instance).encode().decode("latin-1")) as stream:
            assert [one.name for one in await stream.synced()] == ["reset", SNAPSHOT, "sync"]


async def test_a_target_that_the_monitor_forgets_is_said_to_be_gone(
    serve: Any, vendor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "PULSE", 0.02)
    vendor["acme"].many(2)
    async with serve("acme", "other") as served, served.stream() as stream:
        await stream.synced()
        config = served.monitor.config
        await served.monitor.reload(config.model_copy(update={"sources": {"acme": config.sources["acme"]}}))
        events = await stream.until(lambda event: event.name == "gone")
        assert events[-1].data == {"key": "other:queue:q0"}
        async with served.stream(Last_Event_ID=stream.last) as again:
            assert "gone" in [one.name for one in await again.synced()]


async def test_filters_hold_for_the_table_and_for_changes(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(3)
    async with serve() as served, served.stream("/api/v1/stream?match=*q1") as stream:
        assert list(waiting(await stream.synced())) == ["acme:queue:q1"]
        await served.monitor.refresh("*q0")
        await served.monitor.refresh("*q1")
        assert list(waiting(await stream.synced())) == ["acme:queue:q1"]


async def test_signs_of_life_carry_the_state_of_sources_and_on_request_the_ages(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "PULSE", 0.02)
    async with serve() as served, served.stream("/api/v1/stream?ages=true") as stream, served.stream() as plain:
        (*_, pulse) = await stream.until(lambda event: event.name == "pulse")
        assert [one["state"] for one in pulse.data["sources"]] == ["ok"]
        assert 0 <= pulse.data["ages"]["acme:queue:q0"] < 60
        (*_, pulse) = await plain.until(lambda event: event.name == "pulse")
        assert "ages" not in pulse.data


async def test_groups_follow_their_members(serve: Any, vendor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "GROUPS_AT_MOST", 0.01)
    vendor["acme"].many(2)
    async with serve("acme", groups={"all": ("acme:*",)}) as served, served.stream() as stream:
        await served.monitor.refresh()
        (*_, group) = await stream.until(lambda event: event.name == "group")
        assert group.data["name"] == "all"
        before = group.data["realtime"]["waiting"]
        await served.monitor.refresh("*q0")
        (*_, group) = await stream.until(
            lambda event: event.name == "group" and event.data["realtime"]["waiting"] != before
        )
        assert group.data["realtime"]["waiting"] == before + 1


async def test_a_client_that_does_not_read_costs_the_others_nothing_and_gets_the_latest(
    serve: Any, vendor: Any
) -> None:
    vendor["acme"].many(200)
    async with serve() as served, served.stream() as slow, served.stream() as quick:
        await quick.synced()
        for _ in range(30):
            await served.monitor.refresh()
        newest = {key: one.realtime.waiting for key, one in served.monitor.latest().items() if one.realtime}
        seen: dict[str, int] = {}
        async with asyncio.timeout(20):
            while seen != newest:
                seen |= waiting(await quick.synced())
            seen = {}
            while seen != newest:
                seen |= waiting(await slow.synced())


async def test_a_client_that_leaves_is_forgotten(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    async with serve() as served:
        async with served.stream() as stream:
            await stream.synced()
        async with served.stream() as stream:
            await stream.synced()
    assert not [one for one in caplog.records if one.levelname in ("ERROR", "WARNING")]


async def test_the_end_of_the_server_ends_every_stream_in_order(serve: Any, events: Any) -> None:
    async with aiohttp.ClientSession() as session:
        async with serve() as served:
            response = await session.get(f"{served.url}/api/v1/stream")
            await events(response).synced()
            reading = asyncio.create_task(response.content.read())
        assert (await reading).endswith(b"event: sync\ndata: {}\n\n")
