"""One row of the shared table: a snapshot, when each of its families was last read well, and how often they are read.

A row is a line of JSON with the times, and a line with the snapshot as `ccstats snapshot --json` prints it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from ccstats.errors import CoordinatorError
from ccstats.model import Family, Snapshot


@dataclass(frozen=True, slots=True)
class Row:
    """Times are the coordinator's, in seconds; `good` is by path (`realtime`, `windows.30m`), `periods` by family."""

    snapshot: Snapshot
    good: Mapping[str, float]
    periods: Mapping[Family, float]

    def encoded(self) -> bytes:
        """As it is kept."""
        head = json.dumps({"v": 1, "good": self.good, "periods": self.periods}, separators=(",", ":"))
        return head.encode() + b"\n" + self.snapshot.model_dump_json(exclude={"raw"}).encode()

    def period(self, path: str) -> float:
        """How often a family is read, in seconds."""
        return self.periods[Family.REALTIME if path == Family.REALTIME else Family.WINDOW]


GOOD = TypeAdapter(dict[str, float])
PERIODS = TypeAdapter(dict[Family, float])


def decoded(row: bytes) -> Row:
    """A row as it was kept; `CoordinatorError` where somebody else has written something else there."""
    head, _, body = row.partition(b"\n")
    try:
        times = json.loads(head)
        good, periods = GOOD.validate_python(times["good"]), PERIODS.validate_python(times["periods"])
        return Row(Snapshot.model_validate_json(body), good, periods)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass  # the cause would quote the row
    raise CoordinatorError("a row of the shared table cannot be read; is it written by another version?")
