"""Slots and the order of starts by themselves, without a loop."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccstats.adapter import Batch
from ccstats.model import Family, Kind, Target
from ccstats.monitor.entry import Entry
from ccstats.monitor.order import Order
from ccstats.monitor.schedule import Schedule

PERIOD = 10.0
START = 1000.0
WALL = datetime(2026, 1, 1, tzinfo=UTC)


def batch(ident: str, family: Family = Family.REALTIME) -> Batch:
    """One queue."""
    return Batch(family.value, (Target(source="a", vendor="fake", kind=Kind.QUEUE, id=ident),), family)


def entry(ident: str, family: Family, period: float, started: float | None, ready: float = 0.0) -> Entry:
    """A batch that waits for its start."""
    return Entry(batch(ident, family), period, due=0.0, born=0.0, ready_since=ready, started=started)


def test_the_most_overdue_is_first() -> None:
    """Age over cadence, not age: 25 s of 10 are more than 40 of 60; what was never read comes before both."""
    fast = entry("fast", Family.REALTIME, 10.0, started=75.0)
    slow = entry("slow", Family.WINDOW, 60.0, started=60.0)
    new = entry("new", Family.WINDOW, 60.0, started=None)
    ready, order, chosen = [slow, fast, new], Order(), []

    while ready:
        chosen.append(order.pick(ready, 100.0))
        ready.remove(chosen[-1])

    assert chosen == [new, fast, slow]


def test_equally_overdue_in_the_order_of_their_slots() -> None:
    """The same every time, whatever the order of the list."""
    first = entry("q1", Family.REALTIME, 10.0, started=80.0, ready=91.0)
    second = entry("q2", Family.REALTIME, 10.0, started=80.0, ready=92.0)

    assert Order().pick([first, second], 100.0) is Order().pick([second, first], 100.0) is first


@pytest.mark.parametrize("rare", list(Family))
def test_any_twenty_starts_hold_four_of_each_family(rare: Family) -> None:
    """However much more overdue the other family is, for as long as both have something due."""
    common = next(family for family in Family if family is not rare)
    late = [entry(f"late{number}", common, 1.0, started=0.0) for number in range(5)]
    early = [entry(f"early{number}", rare, 1000.0, started=99.0) for number in range(5)]
    order = Order()

    families = [order.pick([*late, *early], 100.0).batch.family for _ in range(500)]

    counts = [families[first : first + 20].count(rare) for first in range(20, 480)]
    assert min(counts) >= 4, "a fifth"
    assert max(counts) <= 5, "and no more than that"


def test_a_family_with_nothing_due_takes_nothing() -> None:
    """Its share is not kept free, and is not owed to it in a burst afterwards."""
    order = Order()
    late = [entry("late", Family.REALTIME, 1.0, started=0.0)]
    early = [entry("early", Family.WINDOW, 1000.0, started=99.0)]
    for _ in range(100):
        order.pick(late, 100.0)

    families = [order.pick([*late, *early], 100.0).batch.family for _ in range(20)]

    assert 4 <= families.count(Family.WINDOW) <= 5


moments = st.lists(st.floats(min_value=0.0, max_value=200.0), max_size=30)


@settings(max_examples=200, deadline=None)
@example(count=1, replans=[50.0], looks=[], exactly=False)
@given(count=st.integers(1, 7), replans=moments, looks=moments, exactly=st.booleans())
def test_a_plan_made_again_moves_no_slot(count: int, replans: list[float], looks: list[float], exactly: bool) -> None:
    """Whenever the same batches are planned again, every slot is started once or counted as skipped."""
    schedule = Schedule("a")
    batches = [(batch(f"q{index}"), PERIOD) for index in range(count)]
    schedule.replan(batches, START, WALL)
    firsts = {key: found.due for key, found in schedule.entries.items()}
    if exactly:  # at the very moment of a slot
        replans = [round(at / PERIOD) * PERIOD + next(iter(firsts.values())) - START for at in replans]
    starts: dict[str, list[float]] = {key: [] for key in firsts}
    skipped = 0

    events = [(START + at, True) for at in replans] + [(START + at, False) for at in [*looks, 230.0]]
    for now, again in sorted(events):
        if again:
            schedule.replan(batches, now, WALL + timedelta(seconds=now - START))
        skipped += schedule.tick(now).skipped
        for ready in list(schedule.waiting):
            starts[ready.batch.key].append(now)
            schedule.start(ready, now)
            ready.running = False

    last = max(now for now, _ in events)
    slots = sum(int((last - first) // PERIOD + 1e-9) + 1 for first in firsts.values())
    assert sum(map(len, starts.values())) + skipped == slots


@given(name=st.text("abcdef-_", min_size=1), count=st.integers(1, 200), started=st.floats(0, 1e6))
def test_slots_are_spread_evenly_and_follow_from_the_name(name: str, count: int, started: float) -> None:
    """n batches stand at i/n of the period on the wall clock's grid, whenever the process was started."""

    def offsets(start: float) -> list[float]:
        schedule = Schedule(name)
        wall = WALL + timedelta(seconds=start)
        schedule.replan([(batch(f"q{index}"), PERIOD) for index in range(count)], start, wall)
        return [(WALL.timestamp() + found.due) % PERIOD for found in schedule.entries.values()]

    first, second = offsets(0.0), offsets(started)
    distances = [min((one - other) % PERIOD, (other - one) % PERIOD) for one, other in zip(first, second, strict=True)]
    assert max(distances) < 0.001
    ordered = sorted(first)
    between = [(later - earlier) % PERIOD for earlier, later in zip(ordered, ordered[1:] + ordered[:1], strict=True)]
    assert count == 1 or max(between) - min(between) < 0.001
