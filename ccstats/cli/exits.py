"""What the exit code says."""

from __future__ import annotations

from enum import IntEnum

from ccstats.model import Result, SourceStatus


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    BUG = 1
    CONFIG = 2
    SOME_FAILED = 3
    NOTHING_READ = 4
    INTERRUPTED = 130


def judged(result: Result) -> Exit:
    """The exit code for what was read."""
    statuses = [report.status for report in result.sources]
    if statuses and all(status is SourceStatus.FAILED for status in statuses):
        return Exit.NOTHING_READ
    return Exit.OK if all(status is SourceStatus.OK for status in statuses) else Exit.SOME_FAILED
