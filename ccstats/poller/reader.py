"""One open source: discover, select, plan, read every batch, report."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import anyio

from ccstats.adapter import Adapter, Batch, Reading, Source, Want, defined
from ccstats.config import Poll, SourceOptions
from ccstats.deadline import Deadline
from ccstats.errors import BrokenAnswerError, ConfigError, UnavailableError, VendorError
from ccstats.model import ErrorInfo, Family, GapReason, Realtime, Snapshot, SourceReport, SourceStatus, Target, Window
from ccstats.poller.merge import Merger

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with a source's name, how many batches are done, and how many there are."""
Only = Callable[[Target], bool]
"""Which of the selected targets are wanted."""

Report = Callable[[str, str, Exception], None]
"""Called with a source's name, what it was doing, and what a bug in its adapter raised."""

OF_FAMILY: Mapping[Family, type[Realtime | Window]] = {Family.REALTIME: Realtime, Family.WINDOW: Window}
READERS = 32
"""Batches of one source under way at once; budgets and slots hold them to less where a vendor wants it."""


@dataclass(frozen=True, slots=True)
class Job:
    """One source to be read, and how."""

    name: str
    adapter: Adapter[SourceOptions]
    options: SourceOptions
    poll: Poll
    only: Only | None = None

    def chosen(self, found: Sequence[Target]) -> tuple[Target, ...]:
        """Those of the discovered targets that are to be read."""
        select, only = self.options.select, self.only
        wanted = [target for target in found if select.wants(target.kind, target.name, target.id)]
        return tuple(target for target in wanted if only is None or only(target))


class Reader:
    """Reads one source as often as it is asked to; vendor errors end up in its report, not in the caller."""

    def __init__(self, job: Job, source: Source) -> None:
        self.job = job
        self.source = source
        self._targets: tuple[Target, ...] | None = None
        self._notes: tuple[str, ...] = ()
        self._error: VendorError | None = None
        self._merger = Merger(job.adapter.abilities, [window.name for window in job.poll.windows])

    async def read(self, families: frozenset[Family], progress: Progress | None = None) -> None:
        """Read all that is wanted of `families` once; the first time, find out what there is."""
        try:
            targets = await self._discovered()
            want = Want(targets=targets, families=families, windows=self.job.poll.windows)
            batches = list(self.job.adapter.plan(self.job.options, want, self.source.learned))
        except ConfigError:
            raise
        except Exception as error:
            self._error = as_vendor_error(error, self.source, "discovery or planning")
            return
        self._error = None
        await self._read_all(batches, progress)
        self._define()

    def snapshots(self) -> list[Snapshot]:
        """The latest of every target."""
        return self._merger.snapshots() if self._error is None else []

    def report(self) -> SourceReport:
        """How the source did."""
        snapshots = self.snapshots()
        failed = [snapshot for snapshot in snapshots if errors(snapshot)]
        nothing = bool(snapshots) and not any(readable(snapshot) for snapshot in snapshots)
        error = ErrorInfo.of(self._error) if self._error is not None else None
        if error is None and nothing:
            error = errors(failed[0])[0] if failed else None
        if self._error is not None or (nothing and failed):
            status = SourceStatus.FAILED
        else:
            status = SourceStatus.PARTIAL if failed else SourceStatus.OK
        return SourceReport(
            source=self.job.name,
            vendor=self.job.adapter.name,
            status=status,
            error=error,
            targets=len(snapshots),
            failed_targets=len(failed),
            requests=self.source.traffic.requests,
            notes=(*self._notes, *self.source.notes),
        )

    def _define(self) -> None:
        """What the numbers mean, by what reading has taught: a vendor's other API has other definitions."""
        try:
            self._merger.define(defined(self.job.adapter, self.job.options, self.source.learned))
        except Exception as error:  # a bug in an adapter's definitions costs the definitions
            log_bug(self.source.name, "definitions", error)

    async def _discovered(self) -> tuple[Target, ...]:
        if self._targets is None:
            found = await self.source.discover()
            self._targets = self.job.chosen(found.targets)
            self._notes = found.notes
            self._merger.expect(self._targets)
        return self._targets

    async def _read_all(self, batches: list[Batch], progress: Progress | None) -> None:
        todo = iter(batches)
        done = 0

        async def work() -> None:
            nonlocal done
            for batch in todo:
                for reading in await read_batch(self.source, batch):
                    self._merger.add(reading)
                done += 1
                if progress is not None:
                    progress(self.source.name, done, len(batches))

        async with anyio.create_task_group() as group:
            for _ in range(min(READERS, len(batches))):
                group.start_soon(work)


async def read_batch(
    source: Source, batch: Batch, *, deadline: Deadline | None = None, report: Report | None = None
) -> list[Reading]:
    """The readings of `batch`; whatever is raised becomes one failed reading per target.

    What is not there at the deadline has failed. A target of which the adapter says nothing has failed, too. A
    `ConfigError` is raised: it is the caller's own mistake.
    """
    try:
        with deadline or nullcontext():
            readings = await source.read(batch)
        return _complete(source, batch, readings)
    except ConfigError:
        raise
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # Something inside was cancelled (a shared token fetch), not this read.
        failure = UnavailableError("the read was cancelled from within").located(source=source.name)
    except Exception as error:
        if isinstance(error, TimeoutError) and deadline is not None and deadline.expired:  # no bug of the adapter
            error = UnavailableError(f"not read within {deadline.seconds:g} s")
        failure = as_vendor_error(error, source, batch.operation, report)
    return [unread(source, batch, target, failure) for target in batch.targets]


def _complete(source: Source, batch: Batch, readings: object) -> list[Reading]:
    if not isinstance(readings, list) or not all(isinstance(one, Reading) for one in readings):
        raise TypeError(f"read() returned {type(readings).__name__}, not a list of readings")
    for one in readings:
        values, expected = one.values, OF_FAMILY[one.family]
        # Identity first: an instance check of a pydantic model costs as much as parsing a field.
        if values is not None and values.__class__ is not expected and not isinstance(values, expected):
            raise TypeError(f"read() returned {type(one.values).__name__} as values of the family {one.family}")
        if one.family is Family.WINDOW and not one.window:
            raise TypeError("read() returned values of a window without its name")
    known = {reading.target.key for reading in readings}
    missing = [target for target in batch.targets if target.key not in known]
    if not missing:
        return readings
    silent = BrokenAnswerError(f"the adapter returned no reading in {batch.operation}").located(source=source.name)
    return readings + [unread(source, batch, target, silent) for target in missing]


def unread(source: Source, batch: Batch, target: Target, error: VendorError) -> Reading:
    """The failed reading of one target of a batch."""
    window = batch.window.name if batch.window is not None and batch.family is Family.WINDOW else None
    return Reading(target, batch.family, source.now(), window=window, error=error)


def log_bug(source: str, doing: str, error: Exception) -> None:
    """A plugin's bug, with its traceback."""
    logger.error("source %s: %s raised", source, doing, exc_info=error)


def as_vendor_error(error: Exception, source: Source, doing: str, report: Report | None = None) -> VendorError:
    """`error` with its source named; a bug in an adapter is reported, and fails what it was doing and nothing else."""
    if not isinstance(error, VendorError):
        (report or log_bug)(source.name, doing, error)
        error = VendorError(f"the adapter raised {type(error).__name__} in {doing}")
    return error.located(source=source.name)


def errors(snapshot: Snapshot) -> list[ErrorInfo]:
    """What failed of a snapshot: families, and single metrics whose own request failed."""
    families = [snapshot.realtime, *snapshot.windows.values()]
    found = [family.error for family in families if family is not None and family.error is not None]
    if found:
        return found
    failed = {gap.detail for gap in snapshot.gaps.values() if gap.reason is GapReason.FAILED}
    return [ErrorInfo(type="VendorError", message=detail) for detail in sorted(failed)]


def readable(snapshot: Snapshot) -> bool:
    """Whether any family of a snapshot was read."""
    families = [snapshot.realtime, *snapshot.windows.values()]
    return any(family is not None and family.error is None for family in families)
