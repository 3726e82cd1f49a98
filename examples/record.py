"""Writes a line of CSV per change of a queue: python examples/record.py CONFIG.toml > queues.csv

What is not known is an empty cell, and never a 0. Times are seconds.
"""

import asyncio
import csv
import os
import sys
from datetime import timedelta

import ccstats

COLUMNS = ("observed_at", "key", "name", "status", "waiting", "longest_wait", "agents_available", "agents_busy")


def row(target: ccstats.Target, now: ccstats.Realtime) -> list[object]:
    """One line; None becomes an empty cell."""
    at = now.observed_at.isoformat() if now.observed_at is not None else None
    seconds = now.longest_wait / timedelta(seconds=1) if now.longest_wait is not None else None
    numbers = (now.waiting, seconds, now.agents.available, now.agents.busy)
    return [at, target.key, target.name, now.status.value, *numbers]


async def record(config: str) -> None:
    """Write until interrupted."""
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    async with ccstats.Monitor(config) as monitor, monitor.subscribe() as changes:
        async for snapshot in changes:
            if snapshot.target.kind is ccstats.Kind.QUEUE and snapshot.realtime is not None:
                writer.writerow(row(snapshot.target, snapshot.realtime))
                sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/record.py CONFIG.toml")
    try:
        asyncio.run(record(sys.argv[1]))
    except BrokenPipeError:  # whoever read the lines has seen enough: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
