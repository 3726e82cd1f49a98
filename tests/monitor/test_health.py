"""What a failing vendor costs: growing pauses, a parked credential, and few lines in the log."""

import asyncio
import logging
import math
import re
from itertools import pairwise

import pytest
from monitor_fake import FakeAdapter, WallClock, config, loop_time, poll

from ccstats.errors import AuthError, RateLimitedError, UnavailableError
from ccstats.monitor import Monitor, SourceState

pytestmark = pytest.mark.looptime(noop_cycles=0)
HOUR = 3600.0


def lines(caplog: pytest.LogCaptureFixture, level: int = logging.INFO) -> list[str]:
    """What was logged at this level or above, by anybody in ccstats."""
    return [one.getMessage() for one in caplog.records if one.name.startswith("ccstats") and one.levelno >= level]


def gaps(times: list[float]) -> list[float]:
    """Seconds between one and the next."""
    return [round(later - earlier, 1) for earlier, later in pairwise(times)]


async def test_a_failing_discovery_is_tried_again_ever_more_seldom(vendor: FakeAdapter, wall: WallClock) -> None:
    """After 5, 10, 20, 40 and then every 60 seconds; when it works, polling starts."""
    script = vendor["a"].many(2)
    script.on_discover = lambda: UnavailableError("away") if loop_time() < 300 else None

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        await asyncio.sleep(290)
        failing = monitor.stats().sources[0]
        await asyncio.sleep(60)
        well = monitor.stats().sources[0]

    assert gaps(script.discoveries) == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0, 60.0]
    assert (failing.state, failing.polls) == (SourceState.FAILING, 0)
    assert failing.error is not None
    assert "away" in failing.error
    assert (well.state, well.error, well.polls > 0) == (SourceState.OK, None, True)


async def test_a_discovery_waits_as_long_as_the_vendor_says(vendor: FakeAdapter, wall: WallClock) -> None:
    """A Retry-After longer than the own pause holds."""
    script = vendor["a"]
    script.on_discover = lambda: RateLimitedError("slow down", retry_after=137.0)

    async with Monitor(config("a"), clock=wall):
        await asyncio.sleep(300)

    assert gaps(script.discoveries) == [137.0, 137.0]


async def test_pauses_start_anew_after_a_recovery(vendor: FakeAdapter, wall: WallClock) -> None:
    """An outage of tomorrow is met as the one of today was: with a short pause first."""
    script = vendor["a"].many(0)
    script.on_discover = lambda: UnavailableError("away") if not 100 < loop_time() < 300 else None

    async with Monitor(config("a", every=poll(discovery_every=150)), clock=wall):
        await asyncio.sleep(465)

    assert gaps(script.discoveries)[:4] == [5.0, 10.0, 20.0, 40.0]
    assert gaps(script.discoveries)[-2:] == [5.0, 10.0]


@pytest.mark.parametrize("where", ["discover", "read"])
async def test_a_refused_credential_is_parked(
    vendor: FakeAdapter, wall: WallClock, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    """The vendor is left alone for 60 s, then twice as long each time up to 15 minutes; one line says so."""
    script = vendor["a"].many(20)
    refusal = AuthError("the credential is refused")
    if where == "discover":
        script.on_discover = lambda: refusal
    else:
        script.fails = lambda _: refusal

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        await asyncio.sleep(HOUR - 100)
        stats = monitor.stats().sources[0]

    asked = script.discoveries if where == "discover" else script.starts()
    rounds = [at for earlier, at in zip([-100.0, *asked], asked, strict=False) if at - earlier > 20]
    assert gaps(rounds) == pytest.approx([60.0, 120.0, 240.0, 480.0, 900.0, 900.0], abs=1)
    assert stats.state is SourceState.PARKED
    assert len(lines(caplog)) == 1
    assert "the credential is refused" in lines(caplog)[0]


async def test_an_address_that_is_not_allowed_is_no_wrong_secret(vendor: FakeAdapter, wall: WallClock) -> None:
    """Nobody has to type a secret again: it is tried at every slot, and works as soon as the allow-list does."""
    script = vendor["a"].many(3)
    script.fails = lambda _: AuthError("not from here", renewable=False) if 50 < loop_time() < 205 else None

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        await asyncio.sleep(200)
        failing = monitor.stats().sources[0]
        await asyncio.sleep(20)
        well = monitor.stats().sources[0]

    assert (failing.state, well.state) == (SourceState.FAILING, SourceState.OK)
    assert max(gaps(script.starts())) <= 10


async def test_nothing_at_all_is_asked_while_parked(vendor: FakeAdapter, wall: WallClock) -> None:
    """Not even what there is to read: discoveries wait for the end of the parking, too."""
    script = vendor["a"].many(3)
    script.fails = lambda _: AuthError("refused")
    every = poll(realtime_every=10, discovery_every=200)

    async with Monitor(config("a", every=every), clock=wall):
        await asyncio.sleep(HOUR - 100)

    asked = sorted([*script.starts(), *script.discoveries])
    rounds = [at for earlier, at in pairwise([-100.0, *asked]) if at - earlier > 20]
    assert gaps(rounds) == pytest.approx([60.0, 120.0, 240.0, 480.0, 900.0, 900.0], abs=5)


async def test_a_credential_that_works_again_ends_the_parking(vendor: FakeAdapter, wall: WallClock) -> None:
    """The first good reading after the parking brings everything back, and the next parking starts at 60 s."""
    script = vendor["a"].many(3)
    script.fails = lambda _: AuthError("refused") if not 100 < loop_time() < 300 else None

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall) as monitor:
        await asyncio.sleep(290)
        well = monitor.stats().sources[0].state
        await asyncio.sleep(110)

    pauses = [gap for gap in gaps(script.starts()) if gap > 20]
    assert well is SourceState.OK
    assert pauses == pytest.approx([60.0, 120.0, 60.0], abs=10)


@pytest.mark.parametrize(("hours", "reminders"), [(0.4, 0), (1.0, 1), (3.4, 3)])
async def test_1000_failing_targets_are_one_line(
    vendor: FakeAdapter, wall: WallClock, caplog: pytest.LogCaptureFixture, hours: float, reminders: int
) -> None:
    """One line when it fails, one reminder in an hour and one in every further, one line when it is back."""
    script = vendor["a"].many(1000)
    script.fails = lambda _: UnavailableError("the vendor is away") if 100 < loop_time() < 100 + hours * HOUR else None

    async with Monitor(config("a", every=poll(realtime_every=300), batch=50), clock=wall):
        await asyncio.sleep((hours + 0.5) * HOUR)

    said = lines(caplog)
    assert [bool(re.search("away", one)) for one in said] == [True] * (1 + reminders) + [False]
    assert "again" in said[-1]
    stamps = [one.levelname for one in caplog.records if one.name.startswith("ccstats") and one.levelno >= logging.INFO]
    assert stamps == ["WARNING"] * (1 + reminders) + ["INFO"]


async def test_one_failing_batch_of_many_does_not_fill_the_log(
    vendor: FakeAdapter, wall: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A source that is well but for one batch is not announced as failing and well again at every slot."""
    script = vendor["a"].many(10)
    script.fails = lambda batch: UnavailableError("this one is away") if batch.targets[0].id == "q3" else None

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall):
        await asyncio.sleep(HOUR)

    assert len(lines(caplog)) <= 3


async def test_a_bug_in_an_adapter_does_not_fill_the_log(
    vendor: FakeAdapter, wall: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Its traceback is worth having once, not at every slot of every batch."""
    script = vendor["a"].many(10)
    script.fails = lambda _: ValueError("bug")

    async with Monitor(config("a", every=poll(realtime_every=10)), clock=wall):
        await asyncio.sleep(HOUR - 10)

    assert len([one for one in caplog.records if one.exc_info is not None]) >= 1
    assert len(lines(caplog)) <= 3


async def test_a_vendor_that_hangs_is_no_bug_of_its_adapter(
    vendor: FakeAdapter, wall: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A deadline that passes is one line like any other failure, without a traceback."""
    script = vendor["a"].many(10)
    script.takes = lambda _: math.inf

    async with Monitor(config("a", every=poll(realtime_every=30)), clock=wall):
        await asyncio.sleep(HOUR / 3)

    assert len(lines(caplog)) == 1
    assert "not read within" in lines(caplog)[0]
    assert [one for one in caplog.records if one.exc_info is not None] == []


async def test_a_source_that_is_well_says_nothing(
    vendor: FakeAdapter, wall: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    """No line in an hour."""
    vendor["a"].many(10)

    async with Monitor(config("a", every=poll(realtime_every=60, discovery_every=600)), clock=wall):
        await asyncio.sleep(HOUR)

    assert lines(caplog) == []
