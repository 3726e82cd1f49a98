"""Reading one source once: discover, select, plan, read every batch."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

from ccstats.adapter import Adapter, Batch, Reading, Source, Toolbox, Want
from ccstats.config import Poll, SourceOptions
from ccstats.errors import VendorError
from ccstats.model import ErrorInfo, Family, Snapshot, SourceReport, SourceStatus, Target
from ccstats.poller.merge import Merger

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with a source's name, how many batches are done, and how many there are."""

READERS = 32
"""Batches of one source that are under way at once; budgets and slots hold them to less where a vendor wants it."""


@dataclass(slots=True)
class SourceResult:
    """What one source yielded."""

    report: SourceReport
    snapshots: list[Snapshot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Job:
    """One source to be read, and how."""

    name: str
    adapter: Adapter[SourceOptions]
    options: SourceOptions
    poll: Poll
    families: frozenset[Family]


async def discover(source: Source, options: SourceOptions) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """The targets of `source` that its `select` wants, and what discovery had to say."""
    found = await source.discover()
    select = options.select
    chosen = tuple(target for target in found.targets if select.wants(target.kind, target.name, target.id))
    return chosen, found.notes


async def read_source(job: Job, toolbox: Toolbox, progress: Progress | None = None) -> SourceResult:
    """Everything that `job` wants, read once. Vendor errors end up in the result, not in the caller."""
    async with job.adapter.open(job.name, job.options, toolbox) as source:
        try:
            targets, notes = await discover(source, job.options)
        except Exception as error:
            return _unreadable(job, source, as_vendor_error(error, source, "discovery"))
        want = Want(targets=targets, families=job.families, windows=job.poll.windows)
        batches = job.adapter.plan(job.options, want, source.learned)
        merger = Merger(job.adapter.abilities)
        merger.expect(targets)
        await _read_all(source, batches, merger, progress)
        return _report(job, source, merger.snapshots(), notes)


async def read_batch(source: Source, batch: Batch) -> list[Reading]:
    """The readings of `batch`; whatever is raised becomes one failed reading per target."""
    try:
        return await source.read(batch)
    except Exception as error:
        failure = as_vendor_error(error, source, batch.operation)
    window = batch.window.name if batch.window is not None else None
    return [Reading(target, batch.family, source.now(), window=window, error=failure) for target in batch.targets]


def as_vendor_error(error: Exception, source: Source, doing: str) -> VendorError:
    """`error` with its source named; a bug in an adapter is logged, and fails what it was doing and nothing else."""
    if not isinstance(error, VendorError):
        logger.error("source %s: %s raised", source.name, doing, exc_info=error)
        error = VendorError(f"the adapter raised {type(error).__name__} in {doing}")
    return error.located(source=source.name)


async def _read_all(source: Source, batches: list[Batch], merger: Merger, progress: Progress | None) -> None:
    todo = iter(batches)
    done = 0

    async def work() -> None:
        nonlocal done
        for batch in todo:
            for reading in await read_batch(source, batch):
                merger.add(reading)
            done += 1
            if progress is not None:
                progress(source.name, done, len(batches))

    async with anyio.create_task_group() as group:
        for _ in range(min(READERS, len(batches))):
            group.start_soon(work)


def _unreadable(job: Job, source: Source, error: VendorError) -> SourceResult:
    report = SourceReport(
        source=job.name,
        vendor=job.adapter.name,
        status=SourceStatus.FAILED,
        error=ErrorInfo.of(error),
        requests=source.traffic.requests,
        notes=source.notes,
    )
    return SourceResult(report)


def _report(job: Job, source: Source, snapshots: list[Snapshot], notes: tuple[str, ...]) -> SourceResult:
    failed = [snapshot for snapshot in snapshots if errors(snapshot)]
    status = SourceStatus.OK
    if failed:
        nothing = all(not readable(snapshot) for snapshot in snapshots)
        status = SourceStatus.FAILED if nothing else SourceStatus.PARTIAL
    report = SourceReport(
        source=job.name,
        vendor=job.adapter.name,
        status=status,
        error=errors(failed[0])[0] if status is SourceStatus.FAILED else None,
        targets=len(snapshots),
        failed_targets=len(failed),
        requests=source.traffic.requests,
        notes=(*notes, *source.notes),
    )
    return SourceResult(report, snapshots)


def errors(snapshot: Snapshot) -> list[ErrorInfo]:
    """What failed of a snapshot, family by family."""
    families = [snapshot.realtime, *snapshot.windows.values()]
    return [family.error for family in families if family is not None and family.error is not None]


def readable(snapshot: Snapshot) -> bool:
    """Whether any family of a snapshot was read."""
    families = [snapshot.realtime, *snapshot.windows.values()]
    return any(family is not None and family.error is None for family in families)
