"""Snapshots: what they write they read back, and every None can be asked for its reason."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccstats.model import (
    Activity,
    ActivityDuration,
    ActivityState,
    Agents,
    ChannelRealtime,
    ChannelWindow,
    Comparator,
    ErrorInfo,
    Gap,
    GapReason,
    Kind,
    Realtime,
    Reservations,
    Result,
    ServiceLevel,
    Snapshot,
    SourceReport,
    SourceStatus,
    Status,
    Target,
    TimeStat,
    Window,
)
from ccstats.model.part import fields_of
from ccstats.model.values import MAX_COUNT, MAX_TOTAL, MAX_WAIT

TARGET = Target(source="us", vendor="acme", kind=Kind.QUEUE, id="Q1")


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
counts = maybe(st.integers(0, MAX_COUNT))
waits = maybe(st.timedeltas(timedelta(0), MAX_WAIT))
totals = maybe(st.timedeltas(timedelta(0), MAX_TOTAL))
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = maybe(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC) | zones)  # noqa: DTZ001 - hypothesis adds the zone
)
ratios = maybe(st.floats(0, 1))
errors = maybe(
    st.builds(
        ErrorInfo,
        type=text,
        message=text,
        endpoint=maybe(text),
        status=maybe(st.integers(100, 599)),
        code=maybe(text),
        request_id=maybe(text),
        retry_after=maybe(st.floats(0, 1e9)),
    )
)
times = maybe(st.builds(TimeStat, count=counts, sum=totals, min=waits, max=waits, average=waits))
levels = maybe(
    st.lists(
        st.builds(
            ServiceLevel,
            threshold=waits,
            comparator=st.sampled_from(Comparator),
            met=counts,
            missed=counts,
            abandoned_within=counts,
            abandoned_beyond=counts,
            vendor_ratio=ratios,
        ),
        max_size=2,
    ).map(tuple)
)


def fields(model: type, names: str, strategy: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return dict.fromkeys(names.split(), strategy)


channels = st.builds(
    ChannelRealtime, **fields(ChannelRealtime, "waiting offering in_progress", counts), longest_wait=waits
)
activities = st.builds(Activity, id=text, name=maybe(text), agents=counts, state=st.sampled_from(ActivityState))
realtimes = st.builds(
    Realtime,
    observed_at=moments,
    status=st.sampled_from(Status),
    error=errors,
    longest_wait=waits,
    **fields(Realtime, "waiting offering in_progress after_call_work", counts),
    waiting_by_priority=maybe(st.dictionaries(st.integers(-9, 99), st.integers(0, MAX_COUNT), max_size=2)),
    by_channel=maybe(st.dictionaries(text, channels, max_size=2)),
    agents=st.builds(Agents, **fields(Agents, " ".join(fields_of(Agents)), counts)),
    activities=maybe(st.lists(activities, max_size=2).map(tuple)),
)
durations = st.builds(
    ActivityDuration, id=text, name=maybe(text), total=totals, **fields(ActivityDuration, "average min max", waits)
)
window_channels = st.builds(
    ChannelWindow,
    **fields(ChannelWindow, "offered answered abandoned handled", counts),
    **fields(ChannelWindow, "speed_of_answer abandon_wait handle", times),
    service_levels=levels,
)
windows = st.builds(
    Window,
    status=st.sampled_from(Status),
    error=errors,
    **fields(Window, "observed_at start end complete_until", moments),
    **fields(Window, "offered answered abandoned short_abandoned handled transferred flowed_out", counts),
    **fields(Window, "wait speed_of_answer abandon_wait handle talk hold after_call_work", times),
    service_levels=levels,
    activity_durations=maybe(st.lists(durations, max_size=2).map(tuple)),
    reservations=maybe(st.builds(Reservations, **fields(Reservations, " ".join(fields_of(Reservations)), counts))),
    by_channel=maybe(st.dictionaries(text, window_channels, max_size=2)),
)
raws = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
snapshots = st.builds(
    Snapshot,
    target=st.builds(
        Target, source=text, vendor=text, kind=st.sampled_from(Kind), scope=maybe(text), id=text, name=maybe(text)
    ),
    realtime=maybe(realtimes),
    windows=st.dictionaries(text, windows, max_size=1),
    gaps=st.dictionaries(text, st.builds(Gap, reason=st.sampled_from(GapReason), detail=text), max_size=2),
    raw=maybe(st.dictionaries(text, raws, max_size=2)),
)


@settings(max_examples=100, deadline=None)
@given(snapshots)
def test_any_snapshot_reads_back_the_json_it_writes_equal(snapshot: Snapshot) -> None:
    written = snapshot.model_dump_json()
    assert Snapshot.model_validate_json(written) == snapshot
    assert Snapshot.model_validate(json.loads(written)) == snapshot
    assert Snapshot.model_validate_json(written).model_dump_json() == written


@settings(max_examples=100, deadline=None)
@given(times.filter(bool))
def test_any_time_statistic_reads_back_the_json_it_writes_equal(stat: TimeStat) -> None:
    assert TimeStat.model_validate_json(stat.model_dump_json()) == stat


@pytest.mark.parametrize(
    "stat",
    [
        TimeStat(count=1, sum=timedelta(days=5000)),
        TimeStat(sum=MAX_TOTAL - timedelta(days=1) + timedelta(microseconds=1)),
    ],
    ids=["an average longer than any wait", "a sum finer than a float"],
)
def test_extreme_time_statistics_read_back_equal(stat: TimeStat) -> None:
    assert TimeStat.model_validate_json(stat.model_dump_json()) == stat


def test_a_snapshot_of_a_newer_version_is_read_without_its_news() -> None:
    body = {
        "target": {**TARGET.model_dump(mode="json"), "colour": "red"},
        "realtime": {"waiting": 3, "mood": {"happy": 1}, "agents": {"total": 2, "robots": 9}},
        "windows": {"30m": {"offered": 4, "handle": {"count": 1, "p99": 12.0}}},
        "gaps": {"realtime.offering": {"reason": "unsupported", "detail": "", "since": 2031}},
        "novelty": True,
    }
    snapshot = Snapshot.model_validate_json(json.dumps(body))
    assert snapshot.realtime == Realtime(waiting=3, agents=Agents(total=2))
    assert snapshot.windows == {"30m": Window(offered=4, handle=TimeStat(count=1))}
    assert snapshot.target == TARGET
    assert "novelty" not in snapshot.model_dump()


def test_the_json_names_of_a_snapshot_are_an_interface() -> None:
    written = json.loads(
        Snapshot(target=TARGET, realtime=Realtime(longest_wait=timedelta(seconds=95))).model_dump_json()
    )
    assert (written["type"], written["v"]) == ("snapshot", 1)
    assert written["target"]["key"] == "us:queue:Q1"
    assert written["realtime"]["longest_wait"] == 95.0
    assert set(written) == {"type", "v", "target", "realtime", "windows", "gaps", "definitions", "raw"}
    report = SourceReport(source="us", vendor="acme", status=SourceStatus.OK)
    assert (json.loads(report.model_dump_json())["type"], report.v) == ("source", 1)


@settings(max_examples=20, deadline=None)
@given(st.lists(snapshots, max_size=2).map(tuple))
def test_a_whole_result_reads_back_equal(found: tuple[Snapshot, ...]) -> None:
    result = Result(snapshots=found, sources=(SourceReport(source="us", vendor="acme", status=SourceStatus.PARTIAL),))
    assert Result.model_validate_json(result.model_dump_json()) == result


FAR, NEAR, EXACT = (Gap(reason=GapReason.UNKNOWN, detail=name) for name in ("far", "near", "exact"))
GAPPED = Snapshot(
    target=TARGET,
    gaps={"windows.1.5h": FAR, "windows.1.5h.handle": NEAR, "windows.1.5h.handle.max": EXACT, "realtime": FAR},
)


@pytest.mark.parametrize(
    ("path", "gap"),
    [
        ("windows.1.5h.handle.max", EXACT),
        ("windows.1.5h.handle.min", NEAR),
        ("windows.1.5h.handle", NEAR),
        ("windows.1.5h.handled", FAR),
        ("windows.1.5h", FAR),
        ("windows.1.5", None),
        ("windows", None),
        ("realtime.agents.busy", FAR),
        ("realtimes.agents", None),
        ("", None),
    ],
)
def test_the_reason_of_a_none_is_the_gap_of_the_nearest_path_above_it(path: str, gap: Gap | None) -> None:
    assert GAPPED.gap(path) == gap
