"""Says when a group's longest wait passes a threshold, and when it is below again.

python examples/alert.py CONFIG.toml SECONDS

The groups are those of the configuration, whoever the vendors of their queues are:

[groups.billing]
match = ["us:Billing*", "emea:Billing*"]
"""

import asyncio
import sys
from datetime import timedelta

import ccstats

PATH = "realtime.longest_wait"


def longest(group: ccstats.Group) -> timedelta | None:
    """How long the contact that waits longest has waited."""
    return group.realtime.longest_wait if group.realtime is not None else None


def is_late(group: ccstats.Group, limit: timedelta) -> bool | None:
    """Whether somebody waits for longer than `limit`; None where that depends on a queue that cannot be read."""
    wait = longest(group)
    if wait is not None and wait > limit:
        return True
    gap, coverage = group.gap(PATH), group.coverage
    nobody_waits = wait is None and gap is not None and gap.reason is ccstats.GapReason.NO_DATA
    whole = coverage.read == coverage.targets and coverage.partial.keys().isdisjoint({"realtime", PATH})
    return False if whole and (wait is not None or nobody_waits) else None


async def watch(config: str, limit: timedelta) -> None:
    """Print one line per crossing, until interrupted."""
    late: set[str] = set()
    async with ccstats.Monitor(config) as monitor, monitor.subscribe() as changes:
        if not monitor.groups():
            print(f"{config} has no [groups.NAME]: there is nothing to watch")
            return
        async for _ in changes:
            for name, group in monitor.groups().items():
                passed = is_late(group, limit)
                if passed is not None and passed != (name in late):
                    late ^= {name}
                    where = "above" if passed else "no longer above"
                    print(f"{name}: {where} {limit}: longest wait {longest(group)}, {group.coverage}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    asyncio.run(watch(sys.argv[1], timedelta(seconds=float(sys.argv[2]))))
