"""What was read before: an SQLite file, or memory, behind one thread that both writes and reads.

A file survives the end of the process however it comes: https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from ccstats.config import Serve
from ccstats.errors import ConfigError
from ccstats.model import Group, Snapshot, Status
from ccstats.monitor.view import View
from ccstats.serve.feed import GROUP, Feed

logger = logging.getLogger(__name__)

IN_MEMORY = timedelta(minutes=35)
"""How long readings are kept where there is no file: what a sparkline shows."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS target (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS reading (
    target INTEGER NOT NULL, at INTEGER NOT NULL, waiting INTEGER, longest_wait REAL, available INTEGER, busy INTEGER,
    PRIMARY KEY (target, at)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reading_at ON reading (at);
"""
APPLICATION = 0x63637374
"""In the file's header: it is one of ours."""

T = TypeVar("T")
Reading = tuple[str, int, int | None, float | None, int | None, int | None]
"""Key, milliseconds since 1970, waiting, longest wait in seconds, available, busy."""
Point = tuple[float, int | None, float | None, int | None, int | None]
"""Seconds since 1970, waiting, longest wait in seconds, available, busy."""


class History:
    """Readings by target and time. Every method runs in the one thread that has the file."""

    def __init__(self, path: Path | None) -> None:
        self._database = sqlite3.connect(path if path is not None else ":memory:", isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self._database.close()
            raise

    def _prepare(self) -> None:
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")  # with WAL, a killed process loses nothing committed
        (application,) = self._database.execute("PRAGMA application_id").fetchone()
        (tables,) = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != APPLICATION:
            raise sqlite3.DatabaseError("it is another program's database")
        self._database.execute(f"PRAGMA application_id = {APPLICATION}")
        self._database.executescript(SCHEMA)

    def put(self, readings: Sequence[Reading], oldest: int) -> None:
        """Keep these, and forget what is older than `oldest` (milliseconds)."""
        database = self._database
        database.execute("BEGIN")
        try:
            database.executemany("INSERT OR IGNORE INTO target (key) VALUES (?)", ((one[0],) for one in readings))
            database.executemany(
                "INSERT OR IGNORE INTO reading SELECT id, ?, ?, ?, ?, ? FROM target WHERE key = ?",
                ((*one[1:], one[0]) for one in readings),
            )
            database.execute("DELETE FROM reading WHERE at < ?", (oldest,))
            database.execute("COMMIT")
        except sqlite3.Error:
            database.execute("ROLLBACK")
            raise

    def points(self, keys: Sequence[str], since: int, step: int) -> dict[str, list[Point]]:
        """The last reading of every `step` milliseconds since then, by key."""
        found = {}
        for key in keys:
            rows = self._database.execute(
                "SELECT max(at), waiting, longest_wait, available, busy FROM reading"
                " WHERE target = (SELECT id FROM target WHERE key = ?) AND at >= ? GROUP BY (at - ?) / ? ORDER BY at",
                (key, since, since, step),
            )
            found[key] = [(at / 1000, *values) for at, *values in rows]
        return found

    def close(self) -> None:
        """Let go of the file."""
        with closing(self._database):
            pass


class Recorder:
    """Writes down what the monitor knows every so often, and reads it back."""

    def __init__(self, monitor: View, feed: Feed, serve: Serve) -> None:
        self._monitor = monitor
        self._feed = feed
        self._every = serve.history_every.total_seconds()
        self._keep = serve.history_for if serve.history is not None else IN_MEMORY
        self._seen: dict[str, int] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="history")
        self._history: History | None = None

    async def open(self, path: Path | None) -> None:
        """Open the file; `ConfigError` where it cannot be used."""
        try:
            self._history = await self._run(lambda: History(path))
        except sqlite3.Error as error:
            raise ConfigError(f"{path} cannot be used: {error}", key="serve.history") from None

    async def run(self) -> None:
        """Write until cancelled. A disk that is full costs readings, and nothing else."""
        failing = False
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.write()
            except sqlite3.Error as error:
                if not failing:
                    logger.error("readings are not kept: %s", error)  # noqa: TRY400 - one line for a person
                failing = True
            else:
                failing = False

    async def write(self) -> None:
        """Keep what was read since the last time."""
        found: list[Snapshot | Group] = [*self._monitor.latest().values(), *await self._feed.groups()]
        fresh = [one for one in _readings(found) if self._seen.get(one[0]) != one[1]]
        self._seen = {one[0]: one[1] for one in _readings(found)}
        oldest = _milliseconds(self._monitor.now() - self._keep)
        history = self._opened()
        await self._run(lambda: history.put(fresh, oldest))

    async def points(self, keys: Sequence[str], since: datetime, step: timedelta) -> dict[str, list[Point]]:
        """The last reading of every `step` since then, by key."""
        width = step // timedelta(milliseconds=1) + 1  # the next whole one: so many of them reach until now
        history = self._opened()
        return await self._run(lambda: history.points(keys, _milliseconds(since), width))

    async def close(self) -> None:
        """Write what is under way, and let go of the file."""
        if self._history is not None:
            await self._run(self._history.close)
        self._thread.shutdown()

    def _opened(self) -> History:
        if self._history is None:
            raise RuntimeError("the history is not open")
        return self._history

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@asynccontextmanager
async def recording(monitor: View, feed: Feed, serve: Serve) -> AsyncGenerator[Recorder]:
    """Keep readings while the context lasts; what was read last is written at its end."""
    recorder = Recorder(monitor, feed, serve)
    try:
        await recorder.open(serve.history)
        writing = asyncio.create_task(recorder.run(), name="history")
        try:
            yield recorder
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            with suppress(sqlite3.Error):
                await recorder.write()
    finally:
        await recorder.close()


def _readings(found: Iterable[Snapshot | Group]) -> Iterable[Reading]:
    """What is true now, as it is kept; what is stale or failed is not written down again."""
    for one in found:
        now = one.realtime
        if now is None or now.status is not Status.FRESH or now.observed_at is None:
            continue
        key = GROUP + one.name if isinstance(one, Group) else one.target.key
        longest = now.longest_wait.total_seconds() if now.longest_wait is not None else None
        yield key, _milliseconds(now.observed_at), now.waiting, longest, now.agents.available, now.agents.busy


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
