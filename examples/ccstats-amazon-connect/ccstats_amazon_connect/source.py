"""One Amazon Connect instance, open: the only file here that awaits answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec
from ccstats import lenient
from ccstats.adapter import Batch, Discovery, HttpSource, Reading
from ccstats.auth import strict_query
from ccstats.http import Request
from ccstats.model import Gap, Kind, Realtime, Target
from yarl import URL

from ccstats_amazon_connect import api, parse
from ccstats_amazon_connect.config import ConnectOptions

TOO_MANY: Final = f"the instance as a whole cannot be read: it has more than {api.QUEUES} queues"
Rows = tuple[list[Any], datetime]


class ConnectSource(HttpSource[ConnectOptions]):
    """Reads one instance."""

    _queues: Mapping[str, str | None] = MappingProxyType({})
    _statuses: parse.Statuses = MappingProxyType({})

    async def discover(self) -> Discovery:
        """The standard queues, and the instance as a whole where one request can ask for all of them."""
        instance = self.options.part("instance")
        rows, _ = await self._rows(
            "ListQueues", f"/queues-summary/{instance}", queueTypes="STANDARD", maxResults="1000"
        )
        queues = self._queues = parse.listed(rows)
        rows, _ = await self._rows("ListAgentStatuses", f"/agent-status/{instance}", maxResults="1000")
        self._statuses = parse.statuses(rows)
        self.learned = len(self._statuses) or None
        targets = [self.target(Kind.QUEUE, ident, name) for ident, name in queues.items()]
        if 0 < len(queues) <= api.QUEUES:
            targets.append(self.target(Kind.WORKSPACE, instance, None))
        return self.found(targets, *([TOO_MANY] if len(queues) > api.QUEUES else []))

    async def read_seen(self, batch: Batch) -> list[Reading]:
        """Queues in groups, or (the instance) all queues together in one row without a group."""
        grouped = batch.targets[0].kind is Kind.QUEUE
        asked = [target.id for target in batch.targets] if grouped else list(self._queues)
        if batch.window is not None:
            return await self._history(batch, batch.window.bounds(self.now()), asked, ["QUEUE"] if grouped else [])
        rows, at = await self._current(api.NOW, asked, ["QUEUE"] if grouped else [])
        active = None
        if grouped and self.options.agent_statuses:
            by_status, _ = await self._current([api.ONLINE], asked, ["QUEUE", "AGENT_STATUS"])
            active = parse.activities(by_status, self._statuses)

        def read(target: Target, row: object) -> tuple[Realtime, dict[str, Gap]]:
            statuses = None if active is None else active.get(target.id, ())
            return parse.realtime(row, at, statuses, grouped=grouped)

        return self.readings(batch, at, self._by_target(rows, "Queue", "Id"), read)

    async def _history(self, batch: Batch, period: api.Period, asked: api.Words, groups: list[str]) -> list[Reading]:
        options, levels = self.options, self.options.thresholds
        body = api.history(options.instance_arn, period, levels, groups, asked, options.channels)
        rows, at = await self._rows("GetMetricDataV2", "/metrics/data", body)
        by_target = self._by_target(rows, "QUEUE")
        return self.readings(batch, at, by_target, lambda _, row: parse.window(row, period, levels, at))

    def _by_target(self, rows: Sequence[object], *way: str) -> dict[str, object]:
        return {parse.dimension(row, *way) or self.options.part("instance"): row for row in rows}

    async def _current(self, metrics: api.Words, asked: api.Words, groups: list[str]) -> Rows:
        body = api.current(metrics, groups, asked, self.options.channels)
        return await self._rows("GetCurrentMetricData", f"/metrics/current/{self.options.part('instance')}", body)

    async def _rows(self, operation: str, path: str, body: api.Body | None = None, **query: str) -> Rows:
        """The rows of all pages, and when they were true: by DataSnapshotTime, or else by the answer's own date."""
        label = path.replace(self.options.part("instance"), "{InstanceId}")
        root = str(self.options.root).rstrip("/")
        budgets = self.budgets(self.options.budget(operation), api.RATES.get(operation, api.LISTS))

        def request(token: str | None) -> Request:
            if body is None:
                url = URL(f"{root}{path}?{strict_query(nextToken=token, **query)}", encoded=True)
                return Request("GET", url, f"GET {label}", budgets=budgets)
            content = msgspec.json.encode({**body, "NextToken": token} if token else body)
            return Request("POST", URL(f"{root}{path}"), f"POST {label}", body=content, budgets=budgets)

        pages = await self.pages(request, api.Page)
        first, answer = pages[0]
        return [row for page, _ in pages for row in page.rows], lenient.epoch(first.data_snapshot_time) or answer.at
