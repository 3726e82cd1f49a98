"""Roll-ups: order and grouping do not matter, one alone is itself, and what is refused never shows a number."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ccstats.adapter import GapFiller
from ccstats.metrics import CATALOG, Additivity
from ccstats.model import (
    Agents,
    ChannelRealtime,
    ChannelWindow,
    Gap,
    GapReason,
    Kind,
    Realtime,
    Reservations,
    ServiceLevel,
    Snapshot,
    Target,
    TimeStat,
    Window,
)
from ccstats.rollup import RollUp, as_group, roll_up

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
END = NOW - timedelta(seconds=30)
KEYED = {"by_channel", "waiting_by_priority"}
FAMILIES = ("realtime", "windows.30m", "windows.today")
NOTHING = Gap(reason=GapReason.NO_DATA, detail="nobody is waiting")

counts = st.none() | st.integers(0, 50)
seconds = st.integers(0, 900).map(lambda number: timedelta(seconds=number))


@st.composite
def times(draw: st.DrawFn) -> TimeStat | None:
    waits = draw(st.none() | st.lists(seconds, max_size=4))
    if waits is None:
        return None
    if waits and draw(st.integers(0, 7)) == 0:
        return TimeStat(average=waits[0])
    total = sum(waits, timedelta(0))
    extremes = draw(st.booleans())
    low, high = (min(waits), max(waits)) if waits and extremes else (None, None)
    return TimeStat(count=len(waits), sum=total, min=low, max=high)


levels = st.none() | st.lists(
    st.builds(
        ServiceLevel,
        threshold=st.sampled_from([None, *[timedelta(seconds=number) for number in (20, 20, 30)]]),
        met=counts,
        missed=counts,
        vendor_ratio=st.none() | st.floats(0, 1),
    ),
    max_size=1,
).map(tuple)
realtimes = st.builds(
    Realtime,
    observed_at=st.just(END) | st.just(END - timedelta(seconds=12)),
    waiting=counts,
    offering=counts,
    longest_wait=st.none() | seconds,
    waiting_by_priority=st.none() | st.dictionaries(st.integers(0, 2), st.integers(0, 9), max_size=2),
    agents=st.builds(Agents, total=counts, available=counts),
    by_channel=st.none()
    | st.dictionaries(
        st.sampled_from(["voice", "chat"]), st.builds(ChannelRealtime, waiting=counts, longest_wait=seconds), max_size=2
    ),
)
windows = st.builds(
    Window,
    observed_at=st.just(END),
    start=st.sampled_from([END - timedelta(minutes=30)] * 5 + [END - timedelta(minutes=60), None]),
    end=st.sampled_from([END] * 5 + [END - timedelta(minutes=1)]),
    offered=counts,
    answered=counts,
    handle=times(),
    speed_of_answer=times(),
    service_levels=levels,
    reservations=st.none() | st.builds(Reservations, created=counts, accepted=counts),
    by_channel=st.none()
    | st.dictionaries(
        st.sampled_from(["voice", "chat"]),
        st.builds(ChannelWindow, offered=counts, handle=times(), service_levels=levels),
        max_size=2,
    ),
)


@st.composite
def snapshots(draw: st.DrawFn, number: int) -> Snapshot:
    target = Target(source="us", vendor="acme", kind=Kind.QUEUE, id=f"Q{number}", name=f"Queue {number}")
    now = draw(st.none() | realtimes)
    over = draw(st.dictionaries(st.sampled_from(["30m", "today"]), windows, max_size=2))
    gaps: dict[str, Gap] = {}
    if now is None:
        gaps["realtime"] = Gap(reason=GapReason.NOT_REQUESTED, detail="not read")
    else:
        given_gaps = {"longest_wait": NOTHING} if now.longest_wait is None and now.waiting == 0 else {}
        found = GapFiller({}).fill(now, "realtime", given_gaps)
        gaps |= {f"realtime.{path}": gap for path, gap in found.items()}
    for name, window in over.items():
        gaps |= {f"windows.{name}.{path}": gap for path, gap in GapFiller({}).fill(window, "window", {}).items()}
    return Snapshot(target=target, realtime=now, windows=over, gaps=gaps)


sets = st.integers(1, 5).flatmap(lambda number: st.tuples(*(snapshots(index) for index in range(number))))


def said(found: RollUp) -> Any:
    """Everything that a roll-up says, as it leaves the process."""
    return json.loads(as_group("all", found).model_dump_json())


def nulls(value: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    if value is None:
        yield ".".join(path)
    elif isinstance(value, list):
        for item in value:
            yield from nulls(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            below = (*path, key)
            for part in item.values() if key in KEYED and item is not None else [item]:
                yield from nulls(part, below)


def at(value: Any, path: list[str]) -> Iterator[Any]:
    """Every value at a path, over the indexes of lists and the keys of tables."""
    if isinstance(value, list):
        for item in value:
            yield from at(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict):
        for item in [value[path[0]]] if path[0] in value else list(value.values()):
            yield from at(item, path[1:] if path[0] in value else path)


@settings(max_examples=150, deadline=None)
@given(sets, st.randoms(use_true_random=False))
def test_order_and_grouping_do_not_matter(members: tuple[Snapshot, ...], random: Any) -> None:
    flat = roll_up(members, now=NOW)
    parts: list[Snapshot | RollUp] = list(members)
    random.shuffle(parts)
    assert said(roll_up(parts, now=NOW)) == said(flat)
    while len(parts) > 1:
        size = random.randint(2, len(parts))
        parts = [*parts[size:], roll_up(parts[:size])]
        random.shuffle(parts)
    assert said(roll_up(parts, now=NOW)) == said(flat)


@settings(max_examples=100, deadline=None)
@given(snapshots(0))
def test_a_roll_up_of_one_is_itself(one: Snapshot) -> None:
    found = roll_up([one])
    assert (found.realtime, found.windows, found.gaps) == (one.realtime, one.windows, one.gaps)
    assert said(roll_up([found])) == said(found) == said(roll_up([one, one]))
    assert found.coverage.targets == 1


@settings(max_examples=150, deadline=None)
@given(sets)
def test_a_refused_metric_never_shows_a_number_and_every_null_has_a_reason(members: tuple[Snapshot, ...]) -> None:
    group = as_group("all", roll_up(members, now=NOW))
    told = said(roll_up(members, now=NOW))
    for path, gap in group.gaps.items():
        if gap.reason is GapReason.REFUSED:
            family = next(name for name in FAMILIES if path.startswith(name))
            below = [part for part in path.removeprefix(family).split(".") if part]
            assert all(_empty(value) for value in at(_family(told, family), below)), path
    for family in FAMILIES:
        holes = nulls(_family(told, family), tuple(family.split(".")))
        missing = {hole for hole in holes if hole.rpartition(".")[2] not in {"error", "observed_at"}}
        assert {hole for hole in missing if group.gap(hole) is None} <= {"windows.30m", "windows.today"}


def _family(told: Any, family: str) -> Any:
    head, _, name = family.partition(".")
    return told[head] if not name else told[head].get(name)


def _empty(value: Any) -> bool:
    """Whether nothing in it is a number: null, or a part with nothing but nulls in it."""
    if isinstance(value, dict):
        return all(_empty(one) for name, one in value.items() if name != "status")
    return value is None or value in ([], ())


@settings(max_examples=100, deadline=None)
@given(st.tuples(snapshots(0), snapshots(1), snapshots(2)))
def test_what_never_adds_is_never_there_for_several(members: tuple[Snapshot, ...]) -> None:
    told = said(roll_up(members))
    for name, metric in CATALOG.items():
        if metric.additivity is Additivity.NEVER:
            found = [told["realtime"]] if metric.family == "realtime" else list(told["windows"].values())
            assert all(value is None for family in found for value in at(family, metric.path.split("."))), name


@settings(max_examples=150, deadline=None)
@given(st.tuples(*(windows for _ in range(3))))
def test_sums_averages_and_maxima_are_those_of_all_contacts(parts: tuple[Window, ...]) -> None:
    start, end = END - timedelta(minutes=30), END
    alike = [part.model_copy(update={"start": start, "end": end}) for part in parts]
    members = [
        Snapshot(
            target=Target(source="us", vendor="acme", kind=Kind.QUEUE, id=f"Q{number}"),
            windows={"30m": part},
            gaps={f"windows.30m.{path}": gap for path, gap in GapFiller({}).fill(part, "window", {}).items()},
        )
        for number, part in enumerate(alike)
    ]
    whole = roll_up(members).windows["30m"]
    known = [part.offered for part in alike if part.offered is not None]
    assert whole.offered == (sum(known) if known else None)
    stats = [part.handle for part in alike if part.handle is not None]
    if stats and all(stat.count is not None for stat in stats):
        assert whole.handle is not None
        assert whole.handle.count == sum(stat.count or 0 for stat in stats)
        assert whole.handle.sum == sum((stat.sum or timedelta(0) for stat in stats), timedelta(0))
        longest = [stat.max for stat in stats if stat.count]
        assert whole.handle.max == (max(longest) if longest and None not in longest else None)
        if whole.handle.count:
            assert whole.handle.average == whole.handle.sum / whole.handle.count
    else:
        assert whole.handle is None
