"""Who should poll what: the same for everybody who looks at the same state, so that nobody has to ask.

A free shard goes to the worker with the least to do. A shard that is held stays where it is (its holder has a token,
open connections and a full table), unless moving it makes the largest load smaller; then it is given back, one at a
time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ccstats.coordination import Lease


@dataclass(frozen=True, slots=True)
class Share:
    """What one worker should do now: shards to take, and at most one to give back."""

    take: tuple[str, ...] = ()
    give: str | None = None


def share(me: str, workers: Collection[str], leases: Mapping[str, Lease], abandoned: Collection[str] = ()) -> Share:
    """What `me` should do. `abandoned` are free shards that nobody has taken for a while: whoever sees them, may."""
    loads = dict.fromkeys(sorted(workers), 0)
    for lease in leases.values():
        if lease.worker in loads:
            loads[lease.worker] += max(lease.weight, 1)
    if me not in loads:
        return Share()  # leaving, or not known yet
    free = [name for name, lease in leases.items() if lease.worker is None]
    if free:
        return Share(take=tuple(_taken(me, free, leases, loads, abandoned)))
    if not all(lease.weight for lease in leases.values()):
        return Share()  # somebody is still finding out how much work a shard is
    return Share(give=_given(me, leases, loads))


def _taken(
    me: str, free: Collection[str], leases: Mapping[str, Lease], loads: dict[str, int], abandoned: Collection[str]
) -> list[str]:
    """The heaviest first, each to the least loaded: with that, loads end up within one shard of each other."""
    taken = []
    for name in sorted(free, key=lambda name: (-leases[name].weight, name)):
        chosen = min(loads, key=lambda worker: (loads[worker], worker))
        loads[chosen] += max(leases[name].weight, 1)
        if chosen == me or name in abandoned:
            taken.append(name)
    return taken


def _given(me: str, leases: Mapping[str, Lease], loads: Mapping[str, int]) -> str | None:
    """The shard whose move evens things out best, where this worker is the one with the most to do."""
    most = max(loads, key=lambda worker: (loads[worker], worker))
    least = min(loads, key=lambda worker: (loads[worker], worker))
    if me != most:
        return None
    apart = loads[most] - loads[least]
    mine = [(lease.weight, name) for name, lease in leases.items() if lease.worker == me and lease.weight < apart]
    return min(mine, key=lambda one: (abs(apart - 2 * one[0]), one[1]))[1] if mine else None
