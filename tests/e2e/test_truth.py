"""The numbers against the center's own event log: per queue, per group and per window, through both vendors.

Genesys Cloud gives sums in milliseconds, and they are equal; TaskRouter rounds each wait down to whole seconds, and
the sums are equal to those of the rounded waits. Twilio's handle time comes from events with milliseconds, and is
equal.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import ccstats
from ccstats import GapReason, Group, Kind, Result, ServiceLevelRule, Snapshot, TimeStat, Window
from ccstats.config import parse_config
from ccstats.simulator import truth
from ccstats.simulator.center import Center
from ccstats.simulator.clock import ManualClock
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.spec import CenterSpec
from ccstats.simulator.stage import stage
from ccstats_genesys.face import GenesysFace
from ccstats_twilio.face import TwilioFace

OPENED = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
FIXED = "2026-11-20T08:30:00+00:00/2026-11-20T09:10:00+00:00"
WINDOWS = ("30m", "today@Europe/Berlin", FIXED)
RULES = (ServiceLevelRule.ABANDONED_IGNORED, ServiceLevelRule.ABANDONED_MISS)
SHORT_S = 5.0


def wait_stat(waits: Iterable[float], vendor: str) -> TimeStat:
    """Waits as a vendor is able to say them."""
    told = [timedelta(seconds=int(wait) if vendor == "twilio" else wait) for wait in waits]
    return TimeStat(
        count=len(told), sum=sum(told, timedelta(0)), min=min(told, default=None), max=max(told, default=None)
    )


def exact(seconds: Iterable[float]) -> TimeStat:
    return wait_stat(seconds, "genesys")


def together(stats: Sequence[TimeStat]) -> TimeStat:
    """Several times as one, by hand."""
    filled = [stat for stat in stats if stat.count]
    return TimeStat(
        count=sum(stat.count or 0 for stat in filled),
        sum=sum((stat.sum or timedelta(0) for stat in filled), timedelta(0)),
        min=min((stat.min for stat in filled if stat.min is not None), default=None),
        max=max((stat.max for stat in filled if stat.max is not None), default=None),
    )


Part = tuple[str, int]
"""A vendor, and a queue of the center that is read through it."""
Shares = dict[ServiceLevelRule, float | None]


def expected(center: Center, parts: Sequence[Part], window: Window) -> dict[str, Any]:
    """What the center's log says of these queues in the window that the vendors have used."""
    assert window.start is not None
    assert window.end is not None
    start, end = center.seconds(window.start), center.seconds(window.end)
    seen = [(vendor, number, truth.queue_window(center, [number], start, end)) for vendor, number in parts]
    return {
        "offered": sum(one.offered for _, _, one in seen),
        "answered": sum(one.answered for _, _, one in seen),
        "abandoned": sum(one.abandoned for _, _, one in seen),
        "short_abandoned": sum(wait <= SHORT_S for _, _, one in seen for wait in one.abandon_waits),
        "speed_of_answer": together([wait_stat(one.answer_waits, vendor) for vendor, _, one in seen]),
        "abandon_wait": together([wait_stat(one.abandon_waits, vendor) for vendor, _, one in seen]),
        "wait": together([wait_stat((*one.answer_waits, *one.abandon_waits), vendor) for vendor, _, one in seen]),
        "handle": together([exact(each.handle for each in one.completed) for _, _, one in seen]),
        "after_call_work": together([exact(each.wrap for each in one.completed) for _, _, one in seen]),
    }


def told(window: Window) -> dict[str, Any]:
    names = ("offered", "answered", "abandoned", "short_abandoned", "speed_of_answer", "abandon_wait", "wait", "handle")
    return {name: getattr(window, name) for name in (*names, "after_call_work")}


def shares(center: Center, parts: Sequence[Part], window: Window, threshold: float) -> Shares:
    """The service levels that the log gives at one threshold."""
    assert window.start is not None
    assert window.end is not None
    start, end = center.seconds(window.start), center.seconds(window.end)
    seen = truth.queue_window(center, [number for _, number in parts], start, end)
    met = sum(wait <= threshold for wait in seen.answer_waits)
    both = seen.answered + seen.abandoned
    return {
        ServiceLevelRule.ABANDONED_IGNORED: met / seen.answered if seen.answered else None,
        ServiceLevelRule.ABANDONED_MISS: met / both if both else None,
    }


def alternate(spec: CenterSpec) -> list[Part]:
    """Every queue of the center once, through the two vendors in turns."""
    return [(("twilio", "genesys")[number % 2], number) for number in range(len(spec.queues))]


async def read(
    spec: CenterSpec, now: datetime, opened: datetime = OPENED, windows: Any = WINDOWS
) -> tuple[Result, Center]:
    """Both vendors' readings of a center, with groups of queues that each are read through one of them."""
    levels = {queue.name: [int(queue.service_level_s)] for queue in spec.queues}
    clock = ManualClock(now)
    async with stage([TwilioFace(), GenesysFace()], spec, opened, clock=clock) as running:
        sources: dict[str, dict[str, object]] = {one.face.name: {**one.source()} for one in running}
        sources["twilio"] |= {"handle_time": "events", "service_levels": levels, "short_abandon": int(SHORT_S)}
        groups = {
            "mixed": {"match": [f"{vendor}:{spec.queues[number].name}" for vendor, number in alternate(spec)]},
            "twilio": {"match": ["twilio:*"]},
            "genesys": {"match": ["genesys:*"]},
        }
        config = parse_config({"poll": {"windows": windows}, "sources": sources, "groups": groups})
        result = await ccstats.fetch(config, clock=clock.now)
        running[0].world.now()
        return result, running[0].world.center


def queues(result: Result) -> list[Snapshot]:
    return [one for one in result.snapshots if one.target.kind is Kind.QUEUE]


def number_of(spec: CenterSpec, one: Snapshot) -> int:
    return next(number for number, queue in enumerate(spec.queues) if queue.name == one.target.name)


Read = tuple[CenterSpec, Result, Center]


@pytest.fixture(scope="module", params=[1, 5, 11, 20], ids="seed {}".format)
def whole(request: pytest.FixtureRequest) -> Read:
    """A center of four queues after a hundred minutes, read once."""
    spec = generate_spec(request.param, queues=4, agents=14)
    return spec, *asyncio.run(read(spec, OPENED + timedelta(minutes=100, seconds=17)))


def test_every_queue_reads_what_the_log_says_in_every_window(whole: Read) -> None:
    spec, result, center = whole
    seen = 0
    for one in queues(result):
        number = number_of(spec, one)
        part = [(one.target.vendor, number)]
        assert one.windows.keys() == set(WINDOWS)
        for name, window in one.windows.items():
            assert told(window) == expected(center, part, window), f"{one.target.key} {name}"
            for rule, share in shares(center, part, window, spec.queues[number].service_level_s).items():
                assert one.service_level(rule, name).ratio == share, f"{one.target.key} {name} {rule}"
            seen += window.answered or 0
    assert len(queues(result)) == 8
    assert seen > 200


def test_every_queue_waits_now_as_the_log_says(whole: Read) -> None:
    spec, result, center = whole
    for one in queues(result):
        now = truth.queue_now(center, [number_of(spec, one)], center.seconds(center.now))
        assert one.realtime is not None
        assert one.realtime.waiting == len(now.waiting)
        assert (one.realtime.longest_wait is None) == (now.longest_wait is None)
        if one.realtime.longest_wait is not None and now.longest_wait is not None:
            told_wait = one.realtime.longest_wait.total_seconds()
            assert told_wait == (int(now.longest_wait) if one.target.vendor == "twilio" else now.longest_wait)


def test_every_group_reads_what_the_log_says_in_every_window(whole: Read) -> None:
    spec, result, center = whole
    everything = range(len(spec.queues))
    parts = {
        "mixed": alternate(spec),
        "twilio": [("twilio", number) for number in everything],
        "genesys": [("genesys", number) for number in everything],
    }
    assert [group.name for group in result.groups] == list(parts)
    for group in result.groups:
        assert (group.coverage.read, group.coverage.targets) == (4, 4)
        for name, window in group.windows.items():
            assert told(window) == expected(center, parts[group.name], window), f"{group.name} {name}"
            check_levels(spec, center, group, name, parts[group.name])
        now = truth.queue_now(center, everything, center.seconds(center.now))
        assert group.realtime is not None
        assert group.realtime.waiting == len(now.waiting)


def test_the_whole_is_the_sum_of_its_queues(whole: Read) -> None:
    spec, result, center = whole
    wholes = [one for one in result.snapshots if one.target.kind is Kind.WORKSPACE]
    assert {one.target.vendor for one in wholes} == {"twilio", "genesys"}
    for one in wholes:
        parts = [(one.target.vendor, number) for number in range(len(spec.queues))]
        for window in one.windows.values():
            assert told(window) == expected(center, parts, window), one.target.key


def test_a_group_says_where_its_members_vendors_define_a_number_differently(whole: Read) -> None:
    mixed, twilio, genesys = whole[1].groups
    assert twilio.comparability == genesys.comparability == {}
    assert mixed.comparability["window.speed_of_answer"].verdict is ccstats.Comparability.APPROXIMATE
    assert "unit_of_count" in mixed.comparability["window.handle"].differing
    refused = mixed.gap("realtime.agents.available")
    assert refused is not None
    assert refused.reason is GapReason.REFUSED


def check_levels(spec: CenterSpec, center: Center, group: Group, name: str, parts: Sequence[Part]) -> None:
    """At every threshold that a queue has, the level of the group is that of the queues that have it."""
    window = group.windows[name]
    assert window.service_levels is not None
    for level in window.service_levels:
        assert level.threshold is not None
        seconds = level.threshold.total_seconds()
        having = [(vendor, number) for vendor, number in parts if spec.queues[number].service_level_s == seconds]
        wanted = shares(center, having, window, seconds)[ServiceLevelRule.ABANDONED_IGNORED]
        assert group.service_level(ServiceLevelRule.ABANDONED_IGNORED, name, level.threshold).ratio == wanted
        assert level.vendor_ratio is None


@pytest.mark.parametrize(
    ("opened", "now", "hours"),
    [
        ("2026-03-28T23:00:00+00:00", "2026-03-29T21:59:30+00:00", 22 + 59 / 60),
        ("2026-10-24T22:00:00+00:00", "2026-10-25T22:59:30+00:00", 24 + 59 / 60),
    ],
    ids=["23 hours", "25 hours"],
)
async def test_a_day_on_which_the_clocks_change_reads_what_the_log_says(opened: str, now: str, hours: float) -> None:
    spec = generate_spec(2, queues=2, agents=4)
    begun = datetime.fromisoformat(opened) - timedelta(hours=1)
    result, center = await read(spec, datetime.fromisoformat(now), begun, ("today@Europe/Berlin", "1h"))
    for one in queues(result):
        window = one.windows["today@Europe/Berlin"]
        assert window.start is not None
        assert window.end is not None
        assert window.start == datetime.fromisoformat(opened)
        assert window.end - window.start == timedelta(hours=hours)
        assert told(window) == expected(center, [(one.target.vendor, number_of(spec, one))], window)
        assert (window.answered or 0) > 100
