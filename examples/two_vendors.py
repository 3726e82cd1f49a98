"""The queues of several vendors in one table: python examples/two_vendors.py CONFIG.toml"""

import asyncio
import sys

import ccstats

result = asyncio.run(ccstats.fetch(sys.argv[1], only=lambda target: target.kind is ccstats.Kind.QUEUE))
print(f"{'source':10} {'queue':24} {'waiting':>7} {'longest':>9}  handle time")
for queue in result.snapshots:
    target, now, last = queue.target, queue.realtime, next(iter(queue.windows.values()), None)
    waiting, longest = (now.waiting, now.longest_wait) if now else (None, None)
    handle = last.handle.average if last and last.handle else None
    gap = handle is None and queue.gap(f"windows.{next(iter(queue.windows), '')}.handle")
    said = f"none ({gap.reason}: {gap.detail})" if gap else str(handle)
    print(f"{target.source:10} {target.name!s:24} {waiting!s:>7} {longest!s:>9}  {said}")
