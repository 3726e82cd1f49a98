"""The forecast says what polling then does: the 95th percentile of the age over one virtual hour, within a tenth."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from monitor_fake import BOTH, FakeAdapter, FakeOptions, WallClock, config, poll

from ccstats.adapter import Want
from ccstats.budget import Limit
from ccstats.config import Limits
from ccstats.model import Family, Kind, Target
from ccstats.monitor import Monitor
from ccstats.monitor.forecast import PERCENTILE, Planned, forecast, percentile

pytestmark = pytest.mark.looptime(noop_cycles=0)
HOUR = 3600.0
TARGETS = 15
SETTLED = 600.0
EVERY = {Family.REALTIME: 10.0, Family.WINDOW: 60.0}


def _ages(reads: Sequence[float], until: float) -> list[tuple[int, float]]:
    """The intervals between reads of one target, each weighted with how long it lasts."""
    gaps = [later - earlier for earlier, later in zip(reads, [*reads[1:], until], strict=True)]
    return [(max(round(gap * 1000), 1), gap) for gap in gaps]


@pytest.mark.parametrize("load", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("windows", [False, True], ids=["realtime", "both families"])
async def test_forecast_and_polling_agree(vendor: FakeAdapter, wall: WallClock, load: float, windows: bool) -> None:
    script = vendor["a"].many(TARGETS)
    families = BOTH if windows else (Family.REALTIME,)
    wanted = 60 * sum(TARGETS / EVERY[family] for family in families)
    pace = Limit(wanted, 60.0).pace().rate * 60 / wanted  # what of a limit of that size can be spent
    limit = wanted / load / pace / 0.9
    settings = config(
        "a", every=poll(realtime_every=10, window_every=60), families=families, credential="x", limit=limit
    )

    async with Monitor(settings, clock=wall):
        await asyncio.sleep(HOUR + SETTLED)

    options = settings.sources["a"]
    assert isinstance(options, FakeOptions)
    targets = tuple(Target(source="a", vendor="fake", kind=Kind.QUEUE, id=f"q{n}") for n in range(TARGETS))
    want = Want(targets=targets, families=frozenset(families), windows=settings.poll.windows)
    planned = [
        Planned("a", replace(batch, limit=Limit(limit, 60.0)), EVERY[batch.family], Limits())
        for batch in vendor.plan(options, want, None)
    ]
    (expected,) = forecast(planned)
    for family in expected.families:
        starts = script.by_target(family.family).values()
        intervals = [one for reads in starts for one in _ages([at for at in reads if at > SETTLED], HOUR + SETTLED)]
        assert family.p95_age == pytest.approx(percentile(intervals, PERCENTILE), rel=0.1), family.family


def test_what_fits_the_budget_is_as_fresh_as_its_period() -> None:
    assert percentile([(1, 10.0)], 0.95) == pytest.approx(9.5)
    assert percentile([(1, 10.0), (1, 20.0)], 0.5) == pytest.approx(20 / 3)
