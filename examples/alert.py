"""Says when a group's longest wait passes a threshold, and when it is below again.

python examples/alert.py CONFIG.toml SECONDS NAME=GLOB[,GLOB...] ...

A group is made of the queues whose key or name matches one of its globs, whoever their vendor is:
python examples/alert.py ccstats.toml 60 billing='us:*Billing*,emea:*Billing*' all='*'
"""

import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase

import ccstats


def belongs(target: ccstats.Target, globs: Sequence[str]) -> bool:
    """Whether a queue is in a group."""
    names = (target.key, target.name or "", f"{target.source}:{target.name}")
    return target.kind is ccstats.Kind.QUEUE and any(fnmatchcase(name, glob) for name in names for glob in globs)


def longest(snapshots: Iterable[ccstats.Snapshot], globs: Sequence[str]) -> timedelta | None:
    """The longest wait of a group; None where nobody waits, or nobody knows."""
    queues = [one.realtime for one in snapshots if belongs(one.target, globs)]
    waits = [now.longest_wait for now in queues if now is not None and now.longest_wait is not None]
    return max(waits, default=None)


async def watch(config: str, limit: timedelta, groups: Mapping[str, Sequence[str]]) -> None:
    """Print one line per crossing, until interrupted."""
    late: set[str] = set()
    async with ccstats.Monitor(config) as monitor, monitor.subscribe() as changes:
        async for _ in changes:
            for name, globs in groups.items():
                wait = longest(monitor.latest().values(), globs)
                if wait is not None and wait > limit and name not in late:
                    late.add(name)
                    print(f"{name}: somebody has waited for {wait.total_seconds():.0f} s", flush=True)
                elif name in late and (wait is None or wait <= limit):
                    late.remove(name)
                    print(f"{name}: below {limit.total_seconds():.0f} s again", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 4 or not all("=" in word for word in sys.argv[3:]):
        sys.exit(__doc__)
    named = {name: globs.split(",") for name, _, globs in (word.partition("=") for word in sys.argv[3:])}
    asyncio.run(watch(sys.argv[1], timedelta(seconds=float(sys.argv[2])), named))
