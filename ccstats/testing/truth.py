"""What is true of a queue in a simulated center, and where a snapshot says something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from ccstats.model import Snapshot, TimeStat
from ccstats.simulator.kit import Center, agents_now, queue_now, queue_window
from ccstats.testing.honesty import Leaf, leaves, path

SECOND: Final = timedelta(seconds=1)
"""What whole seconds at a vendor may hide of one contact's time."""
# Not agents.busy: whether an agent whose phone rings is busy is every vendor's own definition.
COUNTS: Final = (
    "realtime.waiting",
    "realtime.offering",
    "realtime.agents.available",
    "window.offered",
    "window.answered",
    "window.abandoned",
    "window.handled",
)
TIMES: Final = ("speed_of_answer", "abandon_wait", "handle", "talk", "hold", "after_call_work")

Truth = Mapping[str, int | timedelta | Sequence[float] | None]
"""By metric path: a count, a time, or the seconds of every contact."""


def queue_truth(center: Center, name: str, window: tuple[float, float]) -> Truth:
    """What is true of the queue `name` now and in a window (seconds since the center's start)."""
    number = next(index for index, queue in enumerate(center.spec.queues) if queue.name == name)
    at = center.seconds(center.now)
    now, agents, over = (
        queue_now(center, [number], at),
        agents_now(center, [number], at),
        queue_window(center, [number], *window),
    )
    longest = now.longest_wait
    return {
        "realtime.waiting": len(now.waiting),
        "realtime.offering": len(now.ringing),
        "realtime.longest_wait": None if longest is None else timedelta(seconds=longest),
        "realtime.agents.available": agents.available,
        "window.offered": over.offered,
        "window.answered": over.answered,
        "window.abandoned": over.abandoned,
        "window.handled": len(over.completed),
        "window.speed_of_answer": over.answer_waits,
        "window.abandon_wait": over.abandon_waits,
        "window.handle": [one.handle for one in over.completed],
        "window.talk": [one.talk for one in over.completed],
        "window.hold": [one.held for one in over.completed],
        "window.after_call_work": [one.wrap for one in over.completed],
    }


def untruths(snapshot: Snapshot, truth: Truth, window: str) -> dict[str, str]:
    """Where a snapshot contradicts the truth, by metric path; what it does not know contradicts nothing."""
    found: dict[str, str] = {}
    said = dict(leaf for leaf in _by_path(snapshot, window).items())
    for metric in COUNTS:
        if said.get(metric) is not None and said[metric] != truth[metric]:
            found[metric] = f"{said[metric]}, and it is {truth[metric]}"
    now = snapshot.realtime
    longest, true = now.longest_wait if now is not None else None, truth["realtime.longest_wait"]
    if longest is not None and not (isinstance(true, timedelta) and abs(longest - true) <= SECOND):
        found["realtime.longest_wait"] = f"{longest}, and it is {true}"
    over = snapshot.windows.get(window)
    for name in TIMES if over is not None else ():
        stat, waits = getattr(over, name), truth[f"window.{name}"]
        if stat is not None and isinstance(waits, Sequence) and (wrong := _wrong(stat, waits)):
            found[f"window.{name}"] = wrong
    return found


def _wrong(stat: TimeStat, true: Sequence[float]) -> str:
    total, number = timedelta(seconds=sum(true)), len(true)
    if stat.sum is not None:  # its average may be over something else than contacts: over holds, for example
        near = abs(stat.sum - total) <= max(number, 1) * SECOND
        return "" if near else f"{stat.sum} in all, and it is {total} over {number}"
    if stat.average is not None and (not number or abs(stat.average - total / number) > SECOND):
        return f"{stat.average} on average, and it is {total} over {number}"
    return ""


def _by_path(snapshot: Snapshot, window: str) -> dict[str, Leaf]:
    return {path(way).replace(f"windows.{window}.", "window.", 1): value for way, value in leaves(snapshot).items()}


def disagreements(one: Snapshot, other: Snapshot, window: str) -> dict[str, str]:
    """Where two vendors' snapshots of the same queue differ by more than their units explain, where both know."""
    found: dict[str, str] = {}
    first, second = _by_path(one, window), _by_path(other, window)
    for metric in COUNTS:
        pair = (first.get(metric), second.get(metric))
        if None not in pair and pair[0] != pair[1]:
            found[metric] = f"{pair[0]} and {pair[1]}"
    for metric, allowed in (("realtime.longest_wait", 1.0), *((f"window.{name}.average", 1.0) for name in TIMES)):
        here, there = first.get(metric), second.get(metric)
        if isinstance(here, float) and isinstance(there, float) and abs(here - there) > allowed:
            found[metric] = f"{here} and {there}"
    return found
