"""Gaps: every None of a reading gets exactly one reason, from the read itself or from the adapter's table."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccstats.adapter import Ability, GapFiller, Support
from ccstats.model import (
    Activity,
    ActivityDuration,
    Agents,
    ChannelRealtime,
    ChannelWindow,
    Gap,
    GapReason,
    Realtime,
    Reservations,
    ServiceLevel,
    TimeStat,
    Window,
)

KEYED = {"by_channel", "waiting_by_priority"}
UNSUPPORTED = Ability(Support.UNSUPPORTED, note="no such number")
FULL = Ability(Support.FULL, origin="cumulative.handle")

counts = st.none() | st.integers(0, 9)
times = st.none() | st.timedeltas(timedelta(0), timedelta(seconds=9))
stats = st.none() | st.builds(TimeStat, count=counts, sum=times, min=times, max=times, average=times)
levels = st.none() | st.lists(st.builds(ServiceLevel, met=counts, missed=counts), max_size=2).map(tuple)
realtimes = st.builds(
    Realtime,
    waiting=counts,
    longest_wait=times,
    waiting_by_priority=st.none() | st.dictionaries(st.integers(0, 3), st.integers(0, 9), max_size=2),
    agents=st.builds(Agents, total=counts, busy=counts),
    activities=st.none() | st.lists(st.builds(Activity, id=st.just("A"), agents=counts), max_size=2).map(tuple),
    by_channel=st.none()
    | st.dictionaries(st.sampled_from(["voice", "chat.web"]), st.builds(ChannelRealtime, waiting=counts), max_size=2),
)
windows = st.builds(
    Window,
    offered=counts,
    handle=stats,
    wait=stats,
    service_levels=levels,
    reservations=st.none() | st.builds(Reservations, created=counts),
    activity_durations=st.none()
    | st.lists(st.builds(ActivityDuration, id=st.just("A"), total=times), max_size=2).map(tuple),
    by_channel=st.none()
    | st.dictionaries(
        st.sampled_from(["voice", "chat.web"]),
        st.builds(ChannelWindow, handle=stats, service_levels=levels),
        max_size=2,
    ),
)
paths = st.sampled_from(
    [
        "waiting",
        "agents",
        "agents.busy",
        "handle",
        "handle.max",
        "by_channel",
        "by_channel.handle",
        "service_levels",
        "offered",
    ]
)
prefixes = st.sampled_from(["", "realtime", "windows.30m"])
gaps = st.dictionaries(paths, st.builds(Gap, reason=st.sampled_from(GapReason), detail=st.just("given")), max_size=3)
tables = st.dictionaries(
    st.tuples(st.sampled_from(["realtime", "window"]), paths).map(".".join),
    st.builds(Ability, st.sampled_from(Support), origin=st.just("o"), note=st.just("n")),
    max_size=6,
)


def nulls(value: Any, path: tuple[str, ...] = ()) -> list[str]:
    """The paths of every null in JSON, without list indexes and without the keys of by_channel and its like."""
    if value is None:
        return [".".join(path)]
    if isinstance(value, list):
        return [found for item in value for found in nulls(item, path)]
    if isinstance(value, dict):
        below = [((*path, key), item) for key, item in value.items()]
        return [
            found
            for place, item in below
            for part in (item.values() if place[-1] in KEYED and item is not None else [item])
            for found in nulls(part, place)
        ]
    return []


def covered(path: str, gaps: dict[str, Gap]) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:length]) in gaps for length in range(len(parts) + 1))


@settings(max_examples=150, deadline=None)
@given(realtimes | windows, gaps, tables)
def test_every_null_is_covered_by_a_gap_at_its_path_or_above(values: Any, given_gaps: Any, table: Any) -> None:
    family = "realtime" if isinstance(values, Realtime) else "window"
    found = GapFiller(table).fill(values, family, given_gaps)
    missing = [path for path in nulls(json.loads(values.model_dump_json())) if not covered(path, found)]
    assert set(missing) <= {"observed_at", "error"}


@settings(max_examples=150, deadline=None)
@given(realtimes | windows, gaps, tables)
def test_what_the_read_knows_itself_is_kept_and_nothing_below_it_is_added(
    values: Any, given_gaps: Any, table: Any
) -> None:
    family = "realtime" if isinstance(values, Realtime) else "window"
    found = GapFiller(table).fill(values, family, given_gaps)
    assert {path: found[path] for path in given_gaps} == given_gaps
    for path in set(found) - set(given_gaps):
        assert not any(path.startswith(f"{above}.") for above in given_gaps)


@settings(max_examples=100, deadline=None)
@given(realtimes | windows, tables)
def test_no_gap_is_made_up_where_there_is_no_null(values: Any, table: Any) -> None:
    family = "realtime" if isinstance(values, Realtime) else "window"
    found = GapFiller(table).fill(values, family, {})
    assert set(found) <= set(nulls(json.loads(values.model_dump_json())))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(realtimes | windows, gaps, st.sampled_from(["", "realtime", "windows.30m"])), max_size=6), tables
)
def test_what_a_filler_remembers_of_one_reading_is_right_for_every_other(readings: Any, table: Any) -> None:
    filler = GapFiller(table)
    for values, given_gaps, under in readings * 2:
        family = "realtime" if isinstance(values, Realtime) else "window"
        fresh = GapFiller(table).fill(values, family, given_gaps)
        expected = {f"{under}.{path}" if under else path: gap for path, gap in fresh.items()}
        assert filler.fill(values, family, given_gaps, under=under) == expected


def test_readings_that_lack_the_same_share_one_table_of_gaps() -> None:
    filler = GapFiller({"window.handle": FULL})
    first, second = Window(offered=1), Window(offered=2)
    assert filler.fill(first, "window", {}) is filler.fill(second, "window", {})


@pytest.mark.parametrize(
    ("table", "reason", "detail"),
    [
        ({"window.handle": UNSUPPORTED}, GapReason.UNSUPPORTED, "no such number"),
        ({"window.handle": Ability(Support.UNSUPPORTED)}, GapReason.UNSUPPORTED, "the vendor has no such number"),
        (
            {"window.handle": Ability(Support.NOT_IMPLEMENTED)},
            GapReason.NOT_IMPLEMENTED,
            "the adapter does not read it",
        ),
        ({"window.handle": FULL}, GapReason.UNKNOWN, "absent or unusable in the answer: cumulative.handle"),
        (
            {"window.handle": Ability(Support.DERIVED, "a - b")},
            GapReason.UNKNOWN,
            "absent or unusable in the answer: a - b",
        ),
        ({"realtime.handle": FULL}, GapReason.NOT_IMPLEMENTED, "the adapter does not read it"),
        ({}, GapReason.NOT_IMPLEMENTED, "the adapter does not read it"),
    ],
)
def test_the_reason_is_what_the_table_declares(table: dict[str, Ability], reason: GapReason, detail: str) -> None:
    assert GapFiller(table).fill(Window(), "window", {})["handle"] == Gap(reason=reason, detail=detail)


def test_a_declaration_stands_for_everything_below_it() -> None:
    filler = GapFiller({"window.handle": FULL, "window.by_channel": UNSUPPORTED, "window.by_channel.handle": FULL})
    values = Window(handle=TimeStat(average=timedelta(seconds=3)), by_channel={"voice": ChannelWindow()})
    found = filler.fill(values, "window", {})
    assert found["handle.count"].reason is GapReason.UNKNOWN
    assert found["by_channel.handle"].reason is GapReason.UNKNOWN
    assert found["by_channel.offered"].reason is GapReason.UNSUPPORTED


def test_the_times_of_nothing_are_no_data_and_not_unknown() -> None:
    filler = GapFiller({"window.handle": FULL})
    found = filler.fill(Window(handle=TimeStat(count=0, sum=timedelta(0))), "window", {})
    assert {path: gap.reason for path, gap in found.items() if path.startswith("handle.")} == {
        "handle.min": GapReason.NO_DATA,
        "handle.max": GapReason.NO_DATA,
        "handle.average": GapReason.NO_DATA,
    }


def test_a_gap_over_everything_silences_the_table() -> None:
    failed = Gap(reason=GapReason.FAILED)
    assert GapFiller({"window.handle": FULL}).fill(Window(), "window", {"": failed}) == {"": failed}


def test_what_is_below_a_number_that_was_requested_is_unknown_and_not_unrequested() -> None:
    filler = GapFiller({"window.by_channel": Ability(Support.ON_REQUEST, note="set by_channel")})
    assert filler.fill(Window(), "window", {})["by_channel"].reason is GapReason.NOT_REQUESTED
    found = filler.fill(Window(by_channel={"voice": ChannelWindow()}), "window", {})
    assert found["by_channel.offered"].reason is GapReason.UNKNOWN
