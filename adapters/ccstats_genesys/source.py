"""One Genesys Cloud organization, open: the only file here that reads statistics."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ccstats import lenient
from ccstats.adapter import Batch, Discovery, Finding, Reading, Toolbox, read_seen
from ccstats.errors import NotPermittedError, VendorError
from ccstats.http import Answer, Traffic
from ccstats.model import Family, Gap, GapReason, Realtime, Target, Window
from ccstats_genesys import discovery, probe
from ccstats_genesys.api import queries, wire
from ccstats_genesys.config import GenesysOptions
from ccstats_genesys.discovery import Facts
from ccstats_genesys.divide import TOO_MANY, Divided, Targets, divided
from ccstats_genesys.parse import aggregates, observations, stats
from ccstats_genesys.parse.levels import with_wanted
from ccstats_genesys.plan import NOTHING, Learned
from ccstats_genesys.wires import Wires

logger = logging.getLogger(__name__)

NOT_THERE = frozenset({404, 405, 501})
MISSING = Gap(reason=GapReason.UNKNOWN, detail="the queue is missing from the answer")
NOT_IN_STATS = Gap(reason=GapReason.UNSUPPORTED, detail=f"{queries.STATS} knows queues only")
NOT_READ = "this queue's division is not permitted to the client (found out earlier; tried again at the next discovery)"


class GenesysSource:
    """Reads the statistics of one organization. `discover` comes first."""

    def __init__(self, name: str, options: GenesysOptions, toolbox: Toolbox, wires: Wires) -> None:
        self._name = name
        self._options = options
        self._keep_raw = toolbox.keep_raw
        self._wires = wires
        self._facts = Facts()
        self._known: frozenset[str] = frozenset()
        self._learned = NOTHING
        self._said = False

    @property
    def name(self) -> str:
        """The source's name in the configuration."""
        return self._name

    @property
    def traffic(self) -> Traffic:
        """What it has sent and received so far, tokens included."""
        return self._wires.client.traffic

    @property
    def learned(self) -> Learned:
        """What reads have taught since the last discovery."""
        return self._learned

    @property
    def notes(self) -> tuple[str, ...]:
        """Which API answers, and what is closed for want of a permission."""
        by_stats = self._options.api == "stats" or self._learned.stats
        api = queries.STATS if by_stats else "observations and aggregates queries"
        closed = tuple(f"{operation}: {detail}" for operation, detail in sorted(self._learned.denied))
        return (f"read through {api}", *closed)

    def now(self) -> datetime:
        """Genesys Cloud's time."""
        return self._wires.client.clock.now()

    async def discover(self) -> Discovery:
        """Every queue that the client may see, and the organization as a whole."""
        found, self._facts = await discovery.discover(self._name, self._options, self._wires)
        self._known = frozenset(target.key for target in found.targets)
        self._learned = NOTHING
        return found

    async def probe(self) -> list[Finding]:
        """Settle what the documents leave open, within the toolbox's allowance."""
        return await probe.probe(self._wires)

    async def read(self, batch: Batch) -> list[Reading]:
        """One reading per target; through /analytics/stats/queues two, of which one is the vendor's own window."""
        readers: dict[str, Callable[[Batch], Awaitable[list[Reading]]]] = {
            "observations": self._observations,
            "organization": self._organization,
            "aggregates": self._aggregates,
            "aggregates.all": self._aggregates,
            "stats": self._stats,
            "forbidden": self._forbidden,
            "unsupported": self._unsupported,
        }
        try:
            read = readers[batch.operation]
            if batch.operation == "stats":  # which says 404 by itself
                return await read(batch)
            # A queue that Genesys does not know has no group in an answer, and would read as one without contacts.
            return await read_seen(self, batch, self._known, read)
        except VendorError as error:
            if self._options.api != "auto" or error.origin.status not in NOT_THERE or batch.operation == "stats":
                raise
            return await self._instead(batch, error)

    async def _instead(self, batch: Batch, error: VendorError) -> list[Reading]:
        """A published query is not there. For want of observations the other API answers, for queues only."""
        if batch.window is not None:
            at, gap = self.now(), Gap(reason=GapReason.UNSUPPORTED, detail=f"{queries.AGGREGATES} is not there")
            return [_window(batch, target, at, Window(observed_at=at), {"": gap}) for target in batch.targets]
        self._learn(stats=True)
        if not self._said:
            self._said = True
            missing = error.origin.endpoint
            logger.info("source %s: %s is not there, reading through %s", self._name, missing, queries.STATS)
        if batch.operation == "organization":
            return await self._unsupported(batch)
        readings: list[Reading] = []
        for target in batch.targets:
            single = replace(batch, operation="stats", targets=(target,))
            try:
                readings += await self._stats(single)
            except VendorError as failure:
                readings.append(_failed(batch, target, self.now(), failure))
        return readings

    async def _observations(self, batch: Batch) -> list[Reading]:
        result = await divided(
            batch.targets,
            lambda part: self._wires.post(queries.OBSERVATIONS, queries.observations([target.id for target in part])),
        )
        readings = self._failures(batch, result)
        for part, answer in result.answers:
            readings += self._observed(part, answer)
        return readings

    def _observed(self, part: Targets, answer: Answer) -> list[Reading]:
        decoded = lenient.decode(answer.body, wire.Observations)
        groups, roster = observations.grouped(decoded), observations.roster(decoded, self._facts.meanings)
        raws = self._raw_by_queue(answer)
        readings = []
        for target in part:
            gaps: Mapping[str, Gap]
            if target.id in groups:
                channels = self._options.select.channels
                values, gaps = observations.realtime(groups[target.id], roster, channels, answer.at)
            else:
                values, gaps = Realtime(observed_at=answer.at), {"": MISSING}
            raw = raws.get(target.id)
            readings.append(Reading(target, Family.REALTIME, answer.at, values=values, gaps=gaps, raw=raw))
        return readings

    async def _organization(self, batch: Batch) -> list[Reading]:
        target, channels = batch.targets[0], self._options.select.channels
        answer = await self._wires.post(queries.ACTIVITY, queries.activity(channels))
        values, gaps = observations.activity(lenient.decode(answer.body, wire.Activity), answer.at)
        closed = self._closed("agents")
        if closed is None:
            try:
                counted = await self._wires.post(queries.AGENT_COUNTS, {}, groupBy=queries.AGENT_GROUPINGS)
            except VendorError as error:
                closed = self._close("agents", error)
        if closed is not None:
            gaps |= {"agents": closed, "activities": closed}
        else:
            decoded = lenient.decode(counted.body, wire.AgentCounts)
            agents, activities = observations.agent_counts(decoded, self._facts.meanings)
            values = values.but(agents=agents, activities=activities)
        raw = self._raw(answer)
        return [Reading(target, Family.REALTIME, answer.at, values=values, gaps=gaps, raw=raw)]

    async def _aggregates(self, batch: Batch) -> list[Reading]:
        assert batch.window is not None  # noqa: S101 - a window batch without a window is a bug in plan()
        period = batch.window.bounds(self.now())
        whole = batch.operation == "aggregates.all"
        channels = self._options.select.channels

        async def ask(part: Targets) -> Answer:
            queues = None if whole else [target.id for target in part]
            return await self._wires.post(queries.AGGREGATES, queries.aggregates(queues, channels, *period))

        closed = self._closed("aggregates")
        if closed is None:
            try:
                result = await divided(batch.targets, ask)
            except NotPermittedError as error:
                closed = self._close("aggregates", error)
        if closed is not None:
            at = self.now()
            return [_window(batch, target, at, Window(observed_at=at), {"": closed}) for target in batch.targets]
        readings = self._failures(batch, result)
        for part, answer in result.answers:
            readings += self._aggregated(batch, part, answer, period, whole=whole)
        return readings

    def _aggregated(
        self, batch: Batch, part: Targets, answer: Answer, period: tuple[datetime, datetime], *, whole: bool
    ) -> list[Reading]:
        decoded = lenient.decode(answer.body, wire.Aggregates)
        found, period = aggregates.by_queue(decoded), aggregates.used(decoded, period)
        raws = self._raw_by_queue(answer)
        readings = []
        for target in part:
            # A queue in the filter that has no group is one where nothing happened, and that is a number.
            media = found.get(None if whole else target.id, {})
            limits: Mapping[str, timedelta] = self._facts.thresholds.get(target.id, {})
            values, gaps = aggregates.window(media, period, limits, answer.at)
            wanted = self._options.wanted_levels(target) if self._options.service_levels else None
            if wanted is not None:
                values, gaps = with_wanted(values, gaps, wanted)
            readings.append(_window(batch, target, answer.at, values, gaps, raws.get(target.id)))
        return readings

    async def _stats(self, batch: Batch) -> list[Reading]:
        result = await divided(
            batch.targets,
            lambda part: self._wires.post(queries.STATS, queries.stats([target.id for target in part])),
            statuses=TOO_MANY | {404},
        )
        readings = self._failures(batch, result)
        for part, answer in result.answers:
            rows = stats.rows(lenient.decode(answer.body, wire.QueueStats))
            if stats.identified(rows) and not self._learned.identified:
                self._learn(identified=True)
            readings += [reading for target in part for reading in self._stat(target, rows, answer, batch)]
        return readings

    def _stat(self, target: Target, rows: list[wire.StatsQueue], answer: Answer, batch: Batch) -> list[Reading]:
        row = stats.row_of(rows, target.id)
        values, gaps = stats.realtime(row, answer.at) if row else (Realtime(observed_at=answer.at), {"": MISSING})
        over, lacks = stats.window(row, answer.at) if row else (Window(observed_at=answer.at), {"": MISSING})
        raw = self._raw(answer)
        window = Reading(target, Family.WINDOW, answer.at, stats.WINDOW, over, lacks, raw=raw)
        if batch.family is Family.WINDOW:
            return [window]
        return [Reading(target, Family.REALTIME, answer.at, values=values, gaps=gaps, raw=raw), window]

    async def _forbidden(self, batch: Batch) -> list[Reading]:
        return [_failed(batch, target, self.now(), NotPermittedError(NOT_READ)) for target in batch.targets]

    async def _unsupported(self, batch: Batch) -> list[Reading]:
        at = self.now()
        return [
            Reading(target, Family.REALTIME, at, values=Realtime(observed_at=at), gaps={"": NOT_IN_STATS})
            for target in batch.targets
        ]

    def _failures(self, batch: Batch, result: Divided) -> list[Reading]:
        if result.size is not None or result.forbidden:
            self._learn(size=result.size or self._learned.size, forbidden=self._learned.forbidden | result.forbidden)
        return [
            _failed(batch, target, self.now(), error.located(source=self._name))
            for part, error in result.failures
            for target in part
        ]

    def _close(self, operation: str, error: VendorError) -> Gap:
        """A side request was refused: for want of a permission for good, otherwise for this once."""
        if not isinstance(error, NotPermittedError):
            return Gap(reason=GapReason.FAILED, detail=error.message)
        detail = f"needs {error.permission}" if error.permission else error.message
        self._learn(denied=self._learned.denied | {(operation, detail)})
        return Gap(reason=GapReason.NOT_PERMITTED, detail=detail)

    def _closed(self, operation: str) -> Gap | None:
        denial = self._learned.denial(operation)
        return Gap(reason=GapReason.NOT_PERMITTED, detail=denial) if denial is not None else None

    def _learn(self, **changes: Any) -> None:
        self._learned = replace(self._learned, **changes)

    def _raw(self, answer: Answer) -> Any:
        return json.loads(answer.body) if self._keep_raw else None

    def _raw_by_queue(self, answer: Answer) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for group in (json.loads(answer.body).get("results") or []) if self._keep_raw else []:
            found.setdefault(group["group"].get("queueId", discovery.ORGANIZATION), []).append(group)
        return found


def _window(
    batch: Batch, target: Target, at: datetime, values: Window, gaps: Mapping[str, Gap], raw: Any = None
) -> Reading:
    name = batch.window.name if batch.window is not None else None
    return Reading(target, Family.WINDOW, at, window=name, values=values, gaps=gaps, raw=raw)


def _failed(batch: Batch, target: Target, at: datetime, error: VendorError) -> Reading:
    name = batch.window.name if batch.window is not None else None
    if batch.operation == "stats" and batch.family is Family.WINDOW:
        name = stats.WINDOW
    return Reading(target, batch.family, at, window=name, error=error)
