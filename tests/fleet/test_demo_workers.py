"""`ccstats demo --workers 2`: one command, two workers, three readers, and one worker too few."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from fleet_processes import until

from ccstats.cli.app import run
from ccstats.cli.troupe import SERVERS

pytestmark = pytest.mark.redis

DEMO = (sys.executable, "-P", "-m", "ccstats", "demo", "--workers", "2", "--listen", "127.0.0.1:0")
SOURCES = ("twilio", "genesys")


class Show:
    """What the command says, line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self.said: list[str] = []

    async def listen(self, stream: asyncio.StreamReader, into: list[str]) -> None:
        async for line in stream:
            into.append(line.decode().rstrip())

    async def told(self, pattern: str) -> str:
        """The first group of the first line on stderr that looks like this."""

        async def found() -> bool:
            return any(re.search(pattern, line) for line in self.said)

        await until(found)
        return next(match[1] for line in self.said if (match := re.search(pattern, line)))

    async def shows(self, after: int) -> None:
        """Wait until this reader has seen a change of every source since then."""

        async def both() -> bool:
            return all(any(f" {source}:queue" in line for line in self.lines[after:]) for source in SOURCES)

        await until(both)


@asynccontextmanager
async def playing(*words: str) -> AsyncIterator[Show]:
    """The command, running."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*DEMO, *words, stdout=pipe, stderr=pipe)
    show = Show(process)
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.TaskGroup() as group:
        group.create_task(show.listen(process.stdout, show.lines))
        group.create_task(show.listen(process.stderr, show.said))
        try:
            yield show
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def test_two_workers_and_three_readers_survive_the_kill_of_one(redis_server: object) -> None:
    """The lines, the wallboard and the log of changes show both vendors before and after."""
    async with playing() as show:
        first = int(await show.told(r"worker-1 is process (\d+)"))
        board = await show.told(r"serving at (http://\S+)")
        changes = Path(await show.told(r"a line for every change: (\S+)"))
        await show.shows(after=0)
        os.kill(first, signal.SIGKILL)
        assert await show.told(r"worker-1 has ended: (.*)") == "killed by SIGKILL"
        lost = await show.told(r"worker-1: polls \S+ \((\w+)\)")
        assert await show.told(rf"worker-2: polls \S+ \(({lost})\)") == lost
        await show.shows(after=len(show.lines))
        logged = len(logged_in(changes))

        async def log_goes_on() -> bool:
            return all(any(f" {source}:queue" in line for line in logged_in(changes)[logged:]) for source in SOURCES)

        await until(log_goes_on)
        async with aiohttp.ClientSession() as session:

            async def well() -> bool:
                async with session.get(f"{board}/api/v1/sources") as answer:
                    found = {one["source"]: one["state"] for one in (await answer.json())["sources"]}
                return found == dict.fromkeys(SOURCES, "ok")

            await until(well)
        pids = pids_of(show)
        show.process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(show.process.wait(), 15) == 0
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not folder_of(changes)


@pytest.mark.parametrize(
    ("words", "signals", "code"),
    [
        ((), (signal.SIGINT, signal.SIGINT), 130),
        ((), (signal.SIGHUP,), 0),
        (("--once",), (signal.SIGTERM,), 130),
    ],
    ids=["told twice", "its terminal is gone", "told before it could print"],
)
async def test_nothing_that_was_started_outlives_the_command(
    redis_server: object, words: tuple[str, ...], signals: tuple[signal.Signals, ...], code: int
) -> None:
    """However it ends: also where a worker hangs and would end late, or never."""
    async with playing(*words) as show:
        changes = Path(await show.told(r"a line for every change: (\S+)"))
        pids = pids_of(show)
        assert len(pids) == 4
        if len(signals) > 1:
            os.kill(pids[0], signal.SIGSTOP)
        for number in signals:
            show.process.send_signal(number)
            await asyncio.sleep(0.3)
        assert await asyncio.wait_for(show.process.wait(), 15) == code
        redis = changes.parent / "redis.sock"

        async def gone() -> bool:
            return not any(map(alive, pids)) and not redis.exists() and not folder_of(changes)

        await until(gone)
    listed = await asyncio.create_subprocess_exec("pgrep", "-f", str(redis), stdout=asyncio.subprocess.DEVNULL)
    assert await listed.wait() == 1


def pids_of(show: Show) -> list[int]:
    """The processes that were said to be started."""
    return [int(match[1]) for line in show.said if (match := re.search(r"is process (\d+)", line))]


def alive(pid: int) -> bool:
    """Whether a process has not ended; one whose end nobody has asked for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def folder_of(file: Path) -> bool:
    """Whether the folder of a file is still there."""
    return file.parent.exists()


def logged_in(file: Path) -> list[str]:
    """The lines of a file."""
    return file.read_text().splitlines()


def test_without_a_server_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or where else workers could meet."""
    monkeypatch.setattr("shutil.which", lambda name: None if name in SERVERS else name)
    assert run(["demo", "--workers", "2", "--once"]) == 2
    assert "install redis-server" in capsys.readouterr().err
