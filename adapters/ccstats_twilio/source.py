"""One Twilio account, open: the only file here that reads statistics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ccstats import lenient
from ccstats.adapter import Batch, Discovery, Finding, Reading, Toolbox, read_seen, unseen
from ccstats.errors import NotPermittedError, VendorError
from ccstats.http import Answer, HttpClient, Traffic
from ccstats.model import ActivityDuration, Family, Gap, GapReason, Kind, Target, Window
from ccstats_twilio import discovery, probe
from ccstats_twilio.api import endpoints, wire
from ccstats_twilio.api.dialect import MISSING_PERMISSION
from ccstats_twilio.config import TwilioOptions
from ccstats_twilio.events import Events
from ccstats_twilio.parse import WorkspaceFacts, activity_durations, worker
from ccstats_twilio.plan import NOTHING, Learned
from ccstats_twilio.readings import (
    CAPPED,
    WORKER_CAP,
    Readings,
    capped,
    with_channels,
    with_durations,
    with_handle_time,
)
from ccstats_twilio.wires import Wires

NO_DURATIONS = Gap(
    reason=GapReason.NOT_REQUESTED, detail="set activity_durations = true: one more request per queue and window"
)
NOT_IN_LISTS = Gap(
    reason=GapReason.NOT_REQUESTED, detail="the list of queue statistics has no time per activity: set detail = 'full'"
)


class TwilioSource:
    """Reads the statistics of one account. `discover` comes first: what it did not see is never asked for."""

    def __init__(self, name: str, options: TwilioOptions, toolbox: Toolbox, client: HttpClient) -> None:
        self._name = name
        self._options = options
        self._client = client
        self._wires = Wires(options, toolbox, client)
        self._facts: dict[str, WorkspaceFacts] = {}
        self._known: frozenset[str] = frozenset()
        self._make = Readings(options, self._facts, toolbox.keep_raw)
        self._learned = NOTHING
        self._events = Events(self._wires, self._channel())
        self._many: dict[str, Callable[[Batch], Awaitable[list[Reading]]]] = {
            "queues.bulk": self._bulk,
            "queues.list": self._list,
            "workers.list": self._workers,
        }

    @property
    def name(self) -> str:
        """The source's name in the configuration."""
        return self._name

    @property
    def traffic(self) -> Traffic:
        """What it has sent and received so far."""
        return self._client.traffic

    @property
    def learned(self) -> Learned:
        """Which workspaces refuse worker statistics."""
        return self._learned

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how this account is read."""
        return tuple(f"workspace {sid}: {WORKER_CAP}" for sid in sorted(self._learned.no_worker_statistics))

    def now(self) -> datetime:
        """Twilio's time."""
        return self._client.clock.now()

    async def discover(self) -> Discovery:
        """Every workspace, queue, workflow (and, where wanted, worker) of the account."""
        found, facts = await discovery.discover(self._name, self._options, self._wires)
        self._facts.clear()
        self._facts.update(facts)
        self._known = frozenset(target.key for target in found.targets)
        apart = ((sid, len(one.channels)) for sid, one in facts.items())
        self._learned = Learned(channels=tuple(apart)) if self._options.by_channel else NOTHING
        self._events.forget()
        return found

    async def probe(self) -> list[Finding]:
        """Settle what Twilio's documents leave open, within the toolbox's allowance."""
        return await probe.probe(self._wires, self._options)

    async def read(self, batch: Batch) -> list[Reading]:
        """One reading per target and family that the operation answers for.

        A SID that discovery did not see is refused here: the bulk endpoint would answer zeros for it
        (https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics).
        """
        return await read_seen(self, batch, self._known, self._read)

    async def _read(self, batch: Batch) -> list[Reading]:
        readings = await self._many.get(batch.operation, self._single)(batch)
        if self._options.handle_time != "events" or batch.window is None:
            return readings
        return [await self._with_handle_time(reading) for reading in readings]

    async def _with_handle_time(self, reading: Reading) -> Reading:
        """Handle time over the period that Twilio says it has counted; a capped or failed reading stays as it is."""
        values = reading.values
        if not isinstance(values, Window) or "" in reading.gaps or values.start is None or values.end is None:
            return reading
        found = await self._events.times(reading.target, reading.window or "", values.start, values.end)
        return with_handle_time(reading, found)

    async def _bulk(self, batch: Batch) -> list[Reading]:
        workspace = batch.targets[0].scope or ""
        body = endpoints.bulk_body([target.id for target in batch.targets])
        answer = await self._wires.post(batch.operation, endpoints.QUEUES_BULK, workspace=workspace, body=body)
        found = lenient.decode(answer.body, wire.Bulk).task_queue_data or []
        rows = {lenient.text(row.task_queue_sid): row for row in found}
        raws = self._make.raw_rows(answer, "task_queue_data")
        return [self._make.now(target, rows.get(target.id), answer, raws.get(target.id)) for target in batch.targets]

    async def _list(self, batch: Batch) -> list[Reading]:
        workspace = batch.targets[0].scope or ""
        rows: dict[Any, tuple[wire.Combined, Answer]] = {}
        raws: dict[str, Any] = {}
        async for page, answer in self._wires.pages(
            batch.operation,
            endpoints.QUEUES_LIST,
            wire.QueueStatisticsPage,
            workspace=workspace,
            **self._parameters(batch, splits=True),
        ):
            self._wires.keep(
                rows, ((lenient.text(row.task_queue_sid), (row, answer)) for row in page.task_queues_statistics)
            )
            raws |= self._make.raw_rows(answer, "task_queues_statistics")
        readings = []
        for target in batch.targets:
            row, origin = rows.get(target.id, (wire.Combined(), answer))
            readings += self._make.both(batch, target, row, origin, raws.get(target.id))
        gap = NOT_IN_LISTS if self._options.activity_durations else NO_DURATIONS
        return [with_durations(reading, None, gap) for reading in readings]

    async def _workers(self, batch: Batch) -> list[Reading]:
        workspace = batch.targets[0].scope or ""
        found: dict[str, tuple[wire.Worker, Answer]] = {}
        async for page, answer in self._wires.pages(
            batch.operation, endpoints.WORKERS, wire.WorkerPage, workspace=workspace
        ):
            self._wires.keep(found, ((row.sid, (row, answer)) for row in page.workers))
        readings = []
        for target in batch.targets:
            if target.id not in found:
                readings.append(unseen(self, batch, target))
                continue
            row, answer = found[target.id]
            values, gaps = worker(row, self._facts[workspace], answer.at)
            readings.append(Reading(target, Family.REALTIME, answer.at, values=values, gaps=gaps))
        return readings

    async def _single(self, batch: Batch) -> list[Reading]:
        target = batch.targets[0]
        if target.kind is Kind.AGENT and not self._worker_statistics(target.scope or ""):
            return capped(batch, target, self.now())
        endpoint = endpoints.STATISTICS[batch.operation]
        now = batch.operation.endswith(".realtime")
        splits = "SplitByWaitTime" in endpoint.parameters
        parameters = self._channel() if now else self._parameters(batch, splits=splits)
        workspace = target.scope or ""
        try:
            answer = await self._wires.get(batch.operation, endpoint, workspace=workspace, sid=target.id, **parameters)
        except VendorError as error:
            if target.kind not in (Kind.WORKFLOW, Kind.AGENT) or not _capped(error):
                raise
            if target.kind is Kind.AGENT:
                self._learn(error, workspace)
            return capped(batch, target, self.now())
        raw = self._make.raw(answer)
        if now:
            row = await self._with_activities(lenient.decode(answer.body, wire.RealTime), target)
            return await self._with_channels(batch, [self._make.now(target, row, answer, raw)], parameters)
        if batch.operation.endswith(".cumulative"):
            part = lenient.decode(answer.body, wire.Cumulative)
            readings = [self._make.window(batch, target, part, answer, raw)]
            readings = await self._with_channels(batch, readings, parameters)
        else:
            readings = self._make.both(batch, target, lenient.decode(answer.body, wire.Combined), answer, raw)
        return await self._with_durations(batch, readings)

    async def _with_channels(
        self, batch: Batch, readings: list[Reading], parameters: Mapping[str, Any]
    ) -> list[Reading]:
        """The same request once more per task channel that is read apart; a refusal costs the channels only."""
        target, workspace = batch.targets[0], batch.targets[0].scope or ""
        if not self._options.by_channel or target.kind is Kind.AGENT:
            return readings
        endpoint, parts = endpoints.STATISTICS[batch.operation], []
        try:
            for word in self._facts[workspace].channels:
                given = {**parameters, "TaskChannel": word}
                answer = await self._wires.get(batch.operation, endpoint, workspace=workspace, sid=target.id, **given)
                parts.append((word, self._make.part(batch, target, answer)))
        except VendorError as error:
            return [with_channels(reading, _refused(error), {}) for reading in readings]
        return [with_channels(reading, parts, self._options.channel_names) for reading in readings]

    async def _with_activities(self, row: wire.RealTime, target: Target) -> wire.RealTime:
        """A workspace that leaves its activities out has them in the statistics of all its workers."""
        workspace = target.scope or ""
        if target.kind is Kind.WORKSPACE and row.activity_statistics is None and self._worker_statistics(workspace):
            endpoint = endpoints.WORKERS_REALTIME
            try:
                answer = await self._wires.get("workers.realtime", endpoint, workspace=workspace, **self._channel())
            except VendorError as error:
                self._learn(error, workspace)
                return row
            row.activity_statistics = lenient.decode(answer.body, wire.RealTime).activity_statistics
        return row

    async def _with_durations(self, batch: Batch, readings: list[Reading]) -> list[Reading]:
        """The time per activity comes from the statistics of workers, not from those of queues or workspaces."""
        target = batch.targets[0]
        if target.kind in (Kind.WORKFLOW, Kind.AGENT):
            return readings
        if target.kind is Kind.QUEUE and not self._options.activity_durations:
            return [with_durations(reading, None, NO_DURATIONS) for reading in readings]
        durations, gap = await self._durations(batch, target)
        return [with_durations(reading, durations, gap) for reading in readings]

    async def _durations(self, batch: Batch, target: Target) -> tuple[tuple[ActivityDuration, ...] | None, Gap | None]:
        workspace = target.scope or ""
        if not self._worker_statistics(workspace):
            return None, CAPPED
        parameters = self._parameters(batch, splits=False)
        combined = target.kind is Kind.QUEUE or batch.operation.endswith(".combined")
        operation = "workers.combined" if combined else "workers.cumulative"
        if target.kind is Kind.QUEUE:
            parameters["TaskQueueSid"] = target.id
        endpoint = endpoints.STATISTICS[operation]
        try:
            answer = await self._wires.get(operation, endpoint, workspace=workspace, **parameters)
        except VendorError as error:
            return None, self._learn(error, workspace)
        if combined:
            part = lenient.decode(answer.body, wire.Combined).cumulative or wire.Cumulative()
        else:
            part = lenient.decode(answer.body, wire.Cumulative)
        return activity_durations(part.activity_durations), None

    def _worker_statistics(self, workspace: str) -> bool:
        return workspace not in self._learned.no_worker_statistics

    def _learn(self, error: VendorError, workspace: str) -> Gap:
        """What a refused side request means: it never fails the read that it belongs to."""
        if _capped(error):
            refused = self._learned.no_worker_statistics | {workspace}
            self._learned = replace(self._learned, no_worker_statistics=refused)
            return CAPPED
        return _refused(error)

    def _channel(self) -> dict[str, Any]:
        return {"TaskChannel": self._options.channel} if self._options.channel is not None else {}

    def _parameters(self, batch: Batch, *, splits: bool) -> dict[str, Any]:
        given = self._channel()
        if self._options.minutes is not None:
            given["Minutes"] = self._options.minutes
        elif batch.window is not None:
            start, end = batch.window.bounds(self.now())
            given |= {"StartDate": endpoints.date(start), "EndDate": endpoints.date(end)}
        thresholds = self._options.splits(batch.targets[0]) if splits else ()
        if thresholds:
            given["SplitByWaitTime"] = ",".join(map(str, thresholds))
        return given


def _refused(error: VendorError) -> Gap:
    reason = GapReason.NOT_PERMITTED if isinstance(error, NotPermittedError) else GapReason.FAILED
    return Gap(reason=reason, detail=error.message)


def _capped(error: VendorError) -> bool:
    """How the cap of 100 workers is answered is documented nowhere: any refusal but the usual ones is taken for it."""
    status, code = error.origin.status or 0, error.origin.code
    return 400 <= status < 500 and status not in (401, 404, 429) and code != str(MISSING_PERMISSION)
