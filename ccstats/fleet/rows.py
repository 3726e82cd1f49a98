"""One row of the shared table: a snapshot, when each of its families was last read well, and how often they are read.

A row is three lines of JSON: the times, the snapshot without its gaps, the gaps. Most queues lack the same metrics, so
that the gaps of thousands of rows are few lines again and again: each is read once, and the snapshots share the table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, TypeAdapter

from ccstats.errors import CoordinatorError
from ccstats.model import Definitions, Family, Gap, Snapshot, definitions_of

DEFINITIONS = "definitions:"
"""What the names of rows begin with that hold no snapshot but what its numbers mean; the id follows."""
FOREIGN = "a row of the shared table cannot be read; is it written by another version?"
REMEMBERED = 1000
"""Tables of gaps that are kept to be shared."""


@dataclass(frozen=True, slots=True)
class Row:
    """Times are the coordinator's, in seconds; `good` is by path (`realtime`, `windows.30m`), `periods` by family."""

    snapshot: Snapshot
    good: Mapping[str, float]
    periods: Mapping[Family, float]

    def encoded(self) -> bytes:
        """As it is kept."""
        head = json.dumps({"v": 1, "good": self.good, "periods": self.periods}, separators=(",", ":"))
        body = self.snapshot.model_dump_json(exclude={"raw", "gaps"})
        return b"\n".join((head.encode(), body.encode(), GAPS.dump_json(self.snapshot.gaps)))

    def period(self, path: str) -> float:
        """How often a family is read, in seconds."""
        return self.periods[Family.REALTIME if path == Family.REALTIME else Family.WINDOW]


@dataclass(frozen=True, slots=True)
class Head:
    """The first line."""

    v: Literal[1]
    good: dict[str, FiniteFloat]
    periods: dict[Family, Annotated[FiniteFloat, Field(gt=0)]]


HEAD = TypeAdapter(Head)
GAPS = TypeAdapter(dict[str, Gap])


def decoded(row: bytes) -> Row:
    """A row as it was kept; `CoordinatorError` where somebody else has written something else there."""
    try:
        first, second, third = row.split(b"\n")
        head = HEAD.validate_json(first)
        snapshot = _compact(Snapshot.model_validate_json(second), _gaps(third))
        return Row(snapshot, head.good, head.periods)
    except (ValueError, RecursionError):
        pass  # the cause would quote the row
    raise CoordinatorError(FOREIGN)


def of_targets(rows: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of these rows that hold snapshots."""
    return {name: row for name, row in rows.items() if not name.startswith(DEFINITIONS)}


@lru_cache(maxsize=REMEMBERED)
def _gaps(text: bytes) -> dict[str, Gap]:
    return {path: gap.but() for path, gap in GAPS.validate_json(text).items()}


def _compact(snapshot: Snapshot, gaps: dict[str, Gap]) -> Snapshot:
    """The same, as a parser would have made it: validation gives every model a table and a set of names of its own."""
    realtime = snapshot.realtime.but() if snapshot.realtime is not None else None
    windows = {name: window.but() for name, window in snapshot.windows.items()}
    return snapshot.but(target=snapshot.target.but(), realtime=realtime, windows=windows, gaps=gaps)


def meaning(ident: str) -> tuple[str, bytes] | None:
    """The row that says what the numbers under this id mean: its name and its bytes; None where nobody knows."""
    found = definitions_of(ident)
    return (DEFINITIONS + ident, found.model_dump_json().encode()) if found is not None else None


def learn(name: str, row: bytes) -> None:
    """Make `definitions_of` find what such a row says; `CoordinatorError` where it says something else."""
    ident = name.removeprefix(DEFINITIONS)
    if definitions_of(ident) is not None:
        return  # an id is made of what it stands for
    try:
        found = Definitions.model_validate_json(row)
    except (ValueError, RecursionError):
        raise CoordinatorError(FOREIGN) from None
    if found.id != ident:
        raise CoordinatorError(FOREIGN)
    found.remember()
