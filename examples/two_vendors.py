"""The queues of several vendors in one list: python examples/two_vendors.py CONFIG.toml

Without an account: `ccstats simulate > sim.toml` in one terminal, this with sim.toml in another.
"""

import asyncio
import sys

import ccstats


async def main(path: str) -> None:
    result = await ccstats.fetch(path, only=lambda target: target.kind is ccstats.Kind.QUEUE)
    for queue in result.snapshots:
        now, last = queue.realtime, next(iter(queue.windows.values()), None)
        print(f"{queue.target.source:8} {queue.target.name}")
        print(f"    waiting      {now.waiting if now else None}")
        print(f"    handle time  {last.handle.average if last and last.handle else explain(queue, 'handle')}")
    for source in result.sources:
        print(f"{source.source}: {source.status}, {source.requests} requests")


def explain(queue: ccstats.Snapshot, metric: str) -> str:
    gap = queue.gap(f"windows.{next(iter(queue.windows), '')}.{metric}")
    return f"none: {gap.reason}, {gap.detail}" if gap else "none"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/two_vendors.py CONFIG.toml")
    asyncio.run(main(sys.argv[1]))
