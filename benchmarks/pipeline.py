"""A whole poll of ccstats, the way the monitor does it: credential, budget, request, parse, model, publish."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from benchmarks import bodies
from ccstats.adapter import Batch, Source, Toolbox, Want
from ccstats.budget import Budget, Limit
from ccstats.config import Limits, validate
from ccstats.deadline import Deadlines
from ccstats.model import Family, Kind
from ccstats.monitor.stream import Streams
from ccstats.monitor.table import Table
from ccstats.poller import read_batch
from ccstats.registry import load_adapter

DEADLINE = 10.0
PLENTY = Limit(6e9, 60.0)
REALTIME = frozenset({Family.REALTIME})


class Unmetered(Toolbox):
    """Budgets are kept and spent as ever, but are never empty: the cost of polling is measured, not a vendor's
    limit.
    """

    def budget(self, key: str, limit: Limit, limits: Limits) -> Budget:
        """The budget `key`, with a limit that no loopback reaches."""
        return super().budget(key, PLENTY, limits)


class Pipeline:
    """One open source with its table and one reader of its changes."""

    def __init__(self, source: Source, batches: list[Batch], table: Table) -> None:
        self.batches = batches
        self._source = source
        self._table = table
        self._deadlines = Deadlines()
        self._streams = Streams()
        self._changes = self._streams.open(None)

    async def poll(self, batch: Batch) -> None:
        """What `ccstats.monitor.runner` does with a batch that is due."""
        readings = await read_batch(self._source, batch, deadline=self._deadlines.within(DEADLINE))
        now = asyncio.get_running_loop().time()
        for reading in readings:
            if reading.error is not None:
                raise reading.error
            snapshot = self._table.apply(reading, now)
            if snapshot is not None:
                self._streams.publish(snapshot)


def twilio(base: str, queues: int, *, bulk: bool) -> dict[str, Any]:
    """A Twilio source that reads `queues` queues, in bulk or one by one."""
    return {
        "adapter": "twilio",
        "account_sid": bodies.ACCOUNT,
        "auth_token": "benchmark",
        "base_url": f"{base}/n{queues}",
        "workspaces": [bodies.WORKSPACE],
        "longest_wait": "since_creation" if bulk else "since_queue_entry",
        "limits": {"concurrency": 16},
        "select": {"kinds": ["queue"]},
    }


def genesys(base: str, queues: int, *, client: str = "benchmark") -> dict[str, Any]:
    """A Genesys source that reads `queues` queues, a hundred in a query."""
    return {
        "adapter": "genesys",
        "client_id": client,
        "client_secret": "benchmark",
        "base_url": f"{base}/n{queues}",
        "login_url": f"{base}/n{queues}",
        "api": "observations",
        "select": {"kinds": ["queue"]},
    }


@asynccontextmanager
async def pipeline(table: Mapping[str, Any], *, toolbox: Toolbox | None = None) -> AsyncIterator[Pipeline]:
    """An open source that has discovered its queues and planned how to read their real time."""
    adapter = load_adapter(str(table["adapter"]))
    options = validate(adapter.options, dict(table), key="sources.bench")
    toolbox = toolbox or Unmetered()
    async with adapter.open("bench", options, toolbox) as source:
        targets = tuple(target for target in (await source.discover()).targets if target.kind is Kind.QUEUE)
        rows = Table(adapter.abilities)
        rows.expect(targets)
        want = Want(targets=targets, families=REALTIME, windows=())
        yield Pipeline(source, adapter.plan(options, want, source.learned), rows)
    await toolbox.close()
