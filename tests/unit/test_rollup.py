"""Roll-ups and groups by example: coverage, refusals with their reasons, and who belongs to a group."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from ccstats import ConfigError
from ccstats.config import Config, GroupOptions, Poll, parse_config
from ccstats.model import (
    Agents,
    ErrorInfo,
    Gap,
    GapReason,
    Kind,
    Realtime,
    ServiceLevel,
    Snapshot,
    Status,
    Target,
    TimeStat,
    Window,
)
from ccstats.rollup import groups, roll_up

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def queue(number: int, *, source: str = "us", age: int = 3, kind: Kind = Kind.QUEUE, **families: Any) -> Snapshot:
    target = Target(source=source, vendor="acme", kind=kind, id=f"Q{number}", name=f"Billing {number}")
    now = families.pop("realtime", Realtime(waiting=number, agents=Agents(total=5)))
    seen = now.model_copy(update={"observed_at": NOW - age * SECOND})
    return Snapshot(target=target, realtime=seen, **families)


def over(minutes: int = 30, late: int = 0, **values: Any) -> Window:
    end = NOW - timedelta(minutes=late)
    return Window(start=end - timedelta(minutes=minutes), end=end, **values)


def test_coverage_says_how_many_and_how_old() -> None:
    down = Realtime(status=Status.FAILED, error=ErrorInfo(type="UnavailableError", message="down"))
    found = roll_up([queue(1), queue(2, age=12), queue(3), queue(4, age=99, realtime=down)], now=NOW)
    assert str(found.coverage) == "3 of 4 queues, oldest 12 s"
    assert found.realtime is not None
    assert found.realtime.waiting == 6


def test_a_queue_that_is_gone_is_not_counted_on() -> None:
    gone = Realtime(waiting=40, status=Status.GONE)
    found = roll_up([queue(1), queue(2, realtime=gone)])
    assert (found.coverage.read, found.coverage.targets) == (1, 2)
    assert found.realtime is not None
    assert found.realtime.waiting == 1


def test_a_stale_member_makes_the_whole_stale() -> None:
    found = roll_up([queue(1), queue(2, realtime=Realtime(waiting=2, status=Status.STALE))])
    assert found.realtime is not None
    assert (found.realtime.status, found.realtime.waiting) == (Status.STALE, 3)


def test_a_number_that_one_member_lacks_is_marked_as_partial() -> None:
    why = Gap(reason=GapReason.UNSUPPORTED, detail="no such number")
    mute = queue(2, realtime=Realtime(), gaps={"realtime.waiting": why})
    found = roll_up([queue(1), mute])
    assert found.realtime is not None
    assert found.realtime.waiting == 1
    assert found.coverage.partial["realtime.waiting"] == 1


def test_where_no_member_has_a_number_their_reason_is_the_reason() -> None:
    why = Gap(reason=GapReason.NOT_PERMITTED, detail="needs a permission")
    found = roll_up([queue(number, realtime=Realtime(), gaps={"realtime.waiting": why}) for number in (1, 2)])
    assert found.gaps["realtime.waiting"] == why


def test_agents_over_queues_are_refused_with_the_reason() -> None:
    found = roll_up([queue(1), queue(2)])
    assert found.realtime is not None
    assert found.realtime.agents == Agents()
    assert found.gaps["realtime.agents"].reason is GapReason.REFUSED
    assert "counted in each" in found.gaps["realtime.agents"].detail


def test_unlike_windows_are_refused_and_those_a_minute_apart_are_not() -> None:
    unlike = roll_up([queue(1, windows={"30m": over(30)}), queue(2, windows={"30m": over(60)})])
    assert unlike.gaps["windows.30m"].reason is GapReason.REFUSED
    assert unlike.windows["30m"] == Window()
    near = roll_up([queue(1, windows={"30m": over(offered=1)}), queue(2, windows={"30m": over(late=1, offered=2)})])
    assert near.windows["30m"].offered == 3
    assert near.coverage.apart == timedelta(minutes=1)
    assert (near.windows["30m"].start, near.windows["30m"].end) == (NOW - timedelta(minutes=31), NOW)


def test_a_window_of_unknown_period_is_refused_beside_another() -> None:
    found = roll_up([queue(1, windows={"vendor": Window(offered=1)}), queue(2, windows={"vendor": Window(offered=1)})])
    assert found.gaps["windows.vendor"].reason is GapReason.REFUSED


def test_a_bare_average_is_refused_and_averages_are_not_averaged() -> None:
    one, other = TimeStat(count=1, sum=10 * SECOND), TimeStat(count=9, sum=900 * SECOND)
    both = roll_up([queue(1, windows={"30m": over(handle=one)}), queue(2, windows={"30m": over(handle=other)})])
    assert both.windows["30m"].handle is not None
    assert both.windows["30m"].handle.average == 91 * SECOND
    bare = TimeStat(average=10 * SECOND)
    found = roll_up([queue(1, windows={"30m": over(handle=bare)}), queue(2, windows={"30m": over(handle=other)})])
    assert found.windows["30m"].handle is None
    assert found.gaps["windows.30m.handle"].reason is GapReason.REFUSED


def test_service_levels_add_at_one_threshold_and_never_as_percentages() -> None:
    level = ServiceLevel(threshold=20 * SECOND, met=8, missed=2, vendor_ratio=0.8)
    other = ServiceLevel(threshold=20 * SECOND, met=1, missed=9, vendor_ratio=0.1)
    third = ServiceLevel(threshold=30 * SECOND, met=5, missed=0)
    members = [
        queue(number, windows={"30m": over(service_levels=(one,))}) for number, one in enumerate((level, other, third))
    ]
    found = roll_up(members)
    levels = found.windows["30m"].service_levels
    assert levels is not None
    assert [(one.threshold, one.met, one.missed, one.vendor_ratio) for one in levels] == [
        (20 * SECOND, 9, 11, None),
        (30 * SECOND, 5, 0, None),
    ]
    assert found.gaps["windows.30m.service_levels.vendor_ratio"].reason is GapReason.REFUSED
    assert found.coverage.partial == {
        "windows.30m.service_levels": 1,
        "windows.30m.service_levels[20]": 2,
        "windows.30m.service_levels[30]": 1,
    }


def test_a_count_that_one_member_lacks_is_lacking_in_the_service_level() -> None:
    whole = ServiceLevel(threshold=20 * SECOND, met=8, missed=2, abandoned_within=1, abandoned_beyond=0)
    part = ServiceLevel(threshold=20 * SECOND, met=8, missed=2)
    gap = Gap(reason=GapReason.UNSUPPORTED, detail="not counted at the threshold")
    gaps = {f"windows.30m.service_levels.{name}": gap for name in ("abandoned_within", "abandoned_beyond")}
    one = queue(1, windows={"30m": over(service_levels=(whole,))})
    other = queue(2, windows={"30m": over(service_levels=(part,))}, gaps=gaps)
    levels = roll_up([one, other]).windows["30m"].service_levels
    assert levels is not None
    assert (levels[0].met, levels[0].abandoned_within) == (16, None)
    assert roll_up([one, other]).gaps["windows.30m.service_levels.abandoned_within"] == gap


def test_targets_of_different_kinds_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="queue and workspace"):
        roll_up([queue(1), queue(2, kind=Kind.WORKSPACE)])


def test_sums_that_no_count_can_hold_are_gaps() -> None:
    most = TimeStat(count=10_000_000, sum=10 * SECOND)
    level = ServiceLevel(threshold=20 * SECOND, met=10_000_000, missed=1)
    crowd = Realtime(waiting=10_000_000, offering=1, waiting_by_priority={0: 10_000_000})
    window = over(offered=10_000_000, handle=most, service_levels=(level,))
    found = roll_up([queue(number, realtime=crowd, windows={"30m": window}) for number in (1, 2)])
    assert found.realtime is not None
    assert (found.realtime.waiting, found.realtime.offering, found.realtime.waiting_by_priority) == (None, 2, None)
    whole = found.windows["30m"]
    assert (whole.offered, whole.handle) == (None, None)
    assert whole.service_levels is not None
    assert (whole.service_levels[0].met, whole.service_levels[0].missed) == (None, 2)
    for path in ("realtime.waiting", "windows.30m.offered", "windows.30m.handle", "windows.30m.service_levels.met"):
        assert "larger" in found.gaps[path].detail


def test_a_roll_up_of_nothing_says_so() -> None:
    found = roll_up([])
    assert (found.realtime, found.coverage.targets) == (None, 0)
    assert found.gaps["realtime"].reason is GapReason.NO_DATA


@pytest.mark.parametrize(
    ("match", "wanted"),
    [
        (["us:Billing*"], {"us:1", "us:2"}),
        (["us:Billing*", "emea:Billing*"], {"us:1", "us:2", "emea:1"}),
        (["*:Billing 1"], {"us:1", "emea:1"}),
        (["us:Q2"], {"us:2"}),
        (["*:*", "!us:*"], {"emea:1"}),
        (["!us:Billing 1"], {"us:2", "emea:1"}),
    ],
)
def test_a_group_is_made_of_the_queues_that_its_patterns_match(match: list[str], wanted: set[str]) -> None:
    group = GroupOptions(match=tuple(match))
    everything = [queue(1), queue(2), queue(1, source="emea"), queue(1, kind=Kind.WORKSPACE)]
    found = {f"{one.target.source}:{one.target.id[1:]}" for one in everything if group.wants(one.target)}
    assert found == wanted


@pytest.mark.parametrize("pattern", ["Billing*", ":Billing", "us:", "", "!us"])
def test_a_pattern_without_source_and_glob_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="SOURCE:GLOB"):
        GroupOptions(match=(pattern,))


def test_a_group_that_names_an_unknown_source_is_a_mistake_in_the_file() -> None:
    with pytest.raises(ConfigError, match="'emea'; there are: us"):
        parse_config({"sources": {"us": {"adapter": "twilio"}}, "groups": {"billing": {"match": ["emea:*"]}}})


def test_windows_of_a_group_may_stand_apart_by_as_much_as_they_are_read_apart() -> None:
    members = [queue(1, windows={"30m": over(offered=1)}), queue(2, windows={"30m": over(late=9, offered=2)})]
    of_all = {"billing": GroupOptions(match=("*:*",))}
    (seldom,) = groups(Config(groups=of_all, poll=Poll(window_every=timedelta(minutes=10))), members, NOW)
    assert seldom.windows["30m"].offered == 3
    assert seldom.coverage.apart == timedelta(minutes=9)
    (often,) = groups(Config(groups=of_all), members, NOW)
    assert often.windows["30m"].offered is None
    assert often.gaps["windows.30m"].reason is GapReason.REFUSED


def test_groups_come_in_their_order_and_ask_for_nothing() -> None:
    config = Config(groups={name: GroupOptions(match=("*:*",)) for name in ("sales", "billing")})
    found = groups(config, [queue(1), queue(2, source="emea")], NOW)
    assert [group.name for group in found] == ["sales", "billing"]
    assert found[0].members == ("emea:queue:Q2", "us:queue:Q1")
    assert found[0].realtime is not None
    assert found[0].realtime.waiting == 3
    assert found[0].coverage.oldest == 3 * SECOND
