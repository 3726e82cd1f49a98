"""An outage of an hour, a storm of refusals, a wrong secret: a thousand queues through the whole stack."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from faults_acme import Acme, AcmeAdapter, AcmeOptions, Judge, acme, wall
from faults_outages import loop_time, said, stats

from ccstats.config import Config, Poll, Secret
from ccstats.model import Status
from ccstats.monitor import Monitor, SourceState

pytestmark = pytest.mark.looptime
HOUR = 3600.0
QUEUES = 1000
PERIOD = 20.0


@asynccontextmanager
async def polled(
    monkeypatch: pytest.MonkeyPatch,
    judge: Judge,
    *names: str,
    secret: str = "right",  # noqa: S107 - made up
) -> AsyncGenerator[tuple[Acme, Monitor]]:
    """A server that follows its judge, and a monitor of so many sources of one credential."""
    monkeypatch.setattr("ccstats.registry.load_adapter", {"acme": AcmeAdapter()}.__getitem__)
    every = Poll(realtime_every=f"{PERIOD:g}s", window_every="120s", discovery_every="10m")
    async with acme(QUEUES, judge) as server:
        table = {"adapter": "acme", "base_url": server.url, "queues": QUEUES, "secret": Secret(secret)}
        sources = {name: AcmeOptions(**table) for name in names or ("a",)}
        async with Monitor(Config(poll=every, sources=sources), clock=wall) as monitor:
            yield server, monitor


@pytest.mark.parametrize("fate", [503, "drop", "hang"])
async def test_an_hour_without_the_vendor_is_three_lines_and_a_probe_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fate: int | str
) -> None:
    caplog.set_level(logging.INFO, "ccstats")
    down, up = 300.0, 300.0 + HOUR
    async with polled(monkeypatch, lambda now: fate if down <= now < up else 200) as (server, monitor):
        await asyncio.sleep(down)
        before = len(server.asked)
        await asyncio.sleep(HOUR)
        during = server.asked[before:]
        stale = {one.realtime.status for one in monitor.latest().values() if one.realtime}
        state = stats(monitor)["a"].state
        await asyncio.sleep(60 + PERIOD + 5)
        fresh = {one.realtime.status for one in monitor.latest().values() if one.realtime}
        await asyncio.sleep(120)
        after = stats(monitor)["a"]

    assert [line.split(":")[0] for line in said(caplog)] == [
        "source a fails",
        "source a fails",
        "source a answers again",
    ]
    assert (stale, state) == ({Status.STALE}, SourceState.FAILING)
    assert len([at for at in during if at > down + 60]) <= HOUR / 60 + 2
    assert len(during) <= 120, "what was under way, ten repetitions, and the probes"
    assert (fresh, after.state, after.requests) == ({Status.FRESH}, SourceState.OK, len(server.asked))


async def test_a_storm_of_429s_costs_one_request_per_retry_after_and_is_over_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with polled(monkeypatch, lambda now: 429 if 300 <= now < 360 else 200) as (server, monitor):
        await asyncio.sleep(500)
        measured = stats(monitor)["a"]

    storm = [at for at in server.asked if 301 <= at < 360]
    assert len(storm) <= 12 + 1
    assert all(later - earlier >= 5.0 for earlier, later in pairwise(storm))
    before, after = (len([at for at in server.asked if begin <= at < begin + 60]) for begin in (200, 370))
    assert after >= 0.98 * before
    assert measured.rate_limited == server.fates[429] <= 10 + 13


async def test_a_wrong_secret_is_one_attempt_for_all_sources_and_one_line_for_each(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ccstats")
    async with polled(monkeypatch, lambda _: 401, "a", "b", secret="wrong") as (server, monitor):
        await asyncio.sleep(HOUR - 100)
        states = {one.state for one in stats(monitor).values()}

    rounds = [at for earlier, at in pairwise([-100.0, *server.asked]) if at - earlier > 20]
    assert [round(later - earlier) for earlier, later in pairwise(rounds)] == [60, 120, 240, 480, 900, 900]
    assert len(server.asked) <= 2 + 6
    assert states == {SourceState.PARKED}
    assert sorted(line.split(" fails")[0] for line in said(caplog)) == ["source a", "source b"]


async def test_a_new_secret_is_tried_as_soon_as_it_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when the parking of the old one would have ended."""
    async with polled(monkeypatch, lambda now: 401 if now < 1000 else 200, secret="old") as (server, monitor):
        await asyncio.sleep(1000)
        parked = stats(monitor)["a"].state
        runner = monitor._runners[0]
        options = runner.job.options.model_copy(update={"secret": Secret("new")})
        await monitor.reload(Config(poll=runner.job.poll, sources={"a": options}))
        await asyncio.sleep(1 + PERIOD)
        assert (parked, stats(monitor)["a"].state) == (SourceState.PARKED, SourceState.OK)
        assert next(at for at in server.asked if at >= 1000) == pytest.approx(1000, abs=0.5)


async def test_a_credential_revoked_under_a_thousand_queues_is_asked_about_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with polled(monkeypatch, lambda now: 401 if 100 <= now < 1000 else 200) as (server, monitor):
        await asyncio.sleep(1000)
        refused = [at for at in server.asked if at >= 100]
        parked = stats(monitor)["a"].state
        await asyncio.sleep(900)
        well = stats(monitor)["a"].state

    assert len(refused) <= 10 + 4
    assert all(later - earlier >= 59 for earlier, later in pairwise(refused[-4:]))
    assert (parked, well) == (SourceState.PARKED, SourceState.OK)
    assert loop_time() >= 1900
