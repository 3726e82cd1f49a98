"""The scripted vendor of `ccstats.testing`, and what the tests of the monitor need beside it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ccstats.config import Config, Http, Poll
from ccstats.config.settings import Cadence, SourcePoll
from ccstats.model import Family
from ccstats.testing import FakeAdapter, FakeOptions, FakeSource, Script
from ccstats.testing.fake import Answer, Read, loop_time

__all__ = ["Answer", "FakeAdapter", "FakeOptions", "FakeSource", "Read", "Script"]

NOW = (Family.REALTIME,)
BOTH = (Family.REALTIME, Family.WINDOW)


def suspend(seconds: float) -> None:
    """The process was not running for a while: timers that came due in between fire late, and all at once."""
    loop: Any = asyncio.get_running_loop()
    loop.setup_looptime(start=loop.time() + seconds, noop_cycles=0)


class WallClock:
    """The wall clock of a machine, which somebody may set."""

    def __init__(self) -> None:
        self.start = datetime(2026, 1, 1, tzinfo=UTC)
        self.shift = 0.0

    def __call__(self) -> datetime:
        return self.start + timedelta(seconds=loop_time() + self.shift)


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> FakeAdapter:
    """A scripted vendor, installed under the name `fake`."""
    adapter = FakeAdapter()
    monkeypatch.setattr("ccstats.registry.load_adapter", {"fake": adapter}.__getitem__)
    return adapter


@pytest.fixture
def wall() -> WallClock:
    """The machine's wall clock."""
    return WallClock()


def config(
    *names: str,
    every: Poll | None = None,
    http: Http | None = None,
    own: dict[str, dict[str, Any]] | None = None,
    **options: Any,
) -> Config:
    """Sources of these names with the same options, but for what is a source's `own`; once a minute unless told."""
    sources = {name: FakeOptions(adapter="fake", **(options | (own or {}).get(name, {}))) for name in names}
    return Config(poll=every or poll(), http=http or Http(), sources=sources)


def poll(**periods: Any) -> Poll:
    """Periods in seconds; a day between discoveries unless told."""
    return Poll(**{"realtime_every": 60, "window_every": 60, "discovery_every": 86400} | periods)


def source_poll(*, match: dict[str, dict[str, float]] | None = None, **periods: Any) -> SourcePoll:
    """The cadence of one source and, by glob, of some of its targets. Seconds."""
    return SourcePoll(match={glob: Cadence(**one) for glob, one in (match or {}).items()}, **periods)  # type: ignore[arg-type]  # seconds


def most_in_any(times: Sequence[float], window: float) -> int:
    """The most events in any period of `window` seconds, wherever it begins."""
    ordered = sorted(times)
    most = first = 0
    for last, time in enumerate(ordered):
        while time - ordered[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most
