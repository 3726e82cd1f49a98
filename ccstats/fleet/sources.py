"""How the sources of a shared table are doing: what their workers say, and what a reader has to add to that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ccstats.errors import CoordinatorError
from ccstats.fleet.about import FOREIGN, About, about
from ccstats.fleet.clock import SharedClock
from ccstats.monitor import SourceState, SourceStats

SILENT = 15.0
"""Seconds without a word about a source, after which nobody polls it."""
TABLE = "shared-table"
"""What stands in the place of sources while none is known."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was last said about a source, and when, on the reader's own clock; no `about` where it cannot be read."""

    text: bytes
    about: About | None
    at: float


class Sources:
    """Every source that was heard of."""

    def __init__(self) -> None:
        self._heard: dict[str, Heard] = {}

    @property
    def ready(self) -> bool:
        """Whether there is a source, and everything of each was tried once."""
        heard = self._heard.values()
        return bool(heard) and all(one.about is None or one.about.ready for one in heard)

    def hear(self, told: Mapping[str, bytes], clock: SharedClock, now: float) -> None:
        """Take in what is said now: what is not said any more is dropped."""
        self._heard = {name: self._one(name, text, clock, now) for name, text in sorted(told.items())}

    def told(self) -> dict[str, bytes]:
        """What was last said, by source."""
        return {name: one.text for name, one in self._heard.items()}

    def _one(self, name: str, text: bytes, clock: SharedClock, now: float) -> Heard:
        known = self._heard.get(name)
        if known is not None and known.text == text:
            return known
        try:
            found = about(text)
        except CoordinatorError:
            return Heard(text, None, now)
        return Heard(text, found, min(clock.here(found.at), now))

    def stats(
        self, now: float, *, lost: str | None, unreadable: Callable[[str], int], clock: SharedClock
    ) -> tuple[SourceStats, ...]:
        """Every source; `lost` says why the table cannot be read, where it cannot."""
        if not self._heard:
            state = SourceState.STARTING if lost is None else SourceState.FAILING
            return (_unknown(TABLE, state, lost or "no worker has said anything in the shared table yet"),)
        found = []
        for name, one in self._heard.items():
            error = lost or _trouble(one, now, unreadable(name), clock)
            stats = one.about.stats if one.about is not None else _unknown(name, SourceState.FAILING, FOREIGN)
            found.append(replace(stats, state=SourceState.FAILING, error=error) if error is not None else stats)
        return tuple(found)


def _trouble(one: Heard, now: float, unreadable: int, clock: SharedClock) -> str | None:
    if now - one.at > SILENT:
        return f"nobody polls this source since {said_at(clock.date(one.at))}"
    if unreadable and one.about is not None:
        return f"{unreadable} of its rows cannot be read; are they written by another version?"
    return None


def said_at(moment: datetime) -> str:
    """A moment as it is written in errors."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _unknown(name: str, state: SourceState, error: str) -> SourceStats:
    return SourceStats(
        source=name,
        vendor="",
        state=state,
        targets=0,
        polls=0,
        failed_polls=0,
        skipped=0,
        lateness_p99=0.0,
        lateness_max=0.0,
        budget=1.0,
        waiting=0,
        requests=0,
        retries=0,
        rate_limited=0,
        bytes=0,
        error=error,
    )
