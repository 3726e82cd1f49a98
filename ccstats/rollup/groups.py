"""The groups of a configuration, computed from the latest snapshots: no request is ever made for a group."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ccstats.config import Config
from ccstats.model import Group, Snapshot
from ccstats.rollup.rollup import APART, RollUp, roll_up

MINUTE = timedelta(minutes=1)


def groups(config: Config, snapshots: Iterable[Snapshot], now: datetime) -> tuple[Group, ...]:
    """Every group of `config`, in its order, out of the snapshots that belong to it."""
    if not config.groups:
        return ()
    known = list(snapshots)
    # Windows are read every so often, and end on the last whole minute by then.
    apart = max(APART, config.poll.window_every + MINUTE)
    return tuple(
        as_group(name, roll_up((one for one in known if group.wants(one.target)), now=now, apart=apart))
        for name, group in config.groups.items()
    )


def as_group(name: str, found: RollUp) -> Group:
    """A roll-up under a name, as it leaves the process."""
    return Group(
        name=name,
        members=tuple(one.target.key for one in found.members),
        coverage=found.coverage,
        realtime=found.realtime,
        windows=dict(found.windows),
        gaps=dict(found.gaps),
        comparability=dict(found.comparability),
    )
