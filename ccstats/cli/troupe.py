"""Processes that `demo` starts around a simulated center: a Redis of its own, workers, and readers."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

from ccstats.errors import ConfigError

SERVERS = ("redis-server", "valkey-server")
STARTING = 10.0
"""Seconds until a server of our own answers."""
ENDING = 9.0
"""Seconds that a process has to end in: a second more than every command promises."""

Tell = Callable[[str], None]


class Troupe:
    """The processes; what they say on stderr is told on, with the name of each, and so is their unexpected end."""

    def __init__(self, tell: Tell, at_once: ExitStack) -> None:
        self._tell = tell
        self._at_once = at_once
        self._ending = False
        self._players: dict[str, tuple[Process, asyncio.Task[None]]] = {}

    async def start(self, name: str, *words: str, stdout: Path | None = None) -> None:
        """Start `ccstats WORDS` under a name."""
        command = (sys.executable, "-P", "-m", "ccstats", *words)
        out = stdout.open("wb") if stdout is not None else None
        try:
            # A session of its own: ctrl-c reaches us, and we tell everybody in order.
            process = await asyncio.create_subprocess_exec(
                *command, stdin=DEVNULL, stdout=out or DEVNULL, stderr=PIPE, start_new_session=True
            )
        finally:
            if out is not None:
                out.close()
        self._at_once.callback(_kill, process)
        self._tell(f"{name} is process {process.pid}")
        self._players[name] = process, asyncio.create_task(self._follow(name, process))

    async def end(self) -> None:
        """Tell everybody to end, and wait for it."""
        self._ending = True
        for process, _ in self._players.values():
            with suppress(ProcessLookupError):
                process.terminate()
        for process, following in self._players.values():
            try:
                await asyncio.wait_for(process.wait(), ENDING)
            except TimeoutError:
                process.kill()
            await following

    async def _follow(self, name: str, process: Process) -> None:
        assert process.stderr is not None  # noqa: S101 - it was asked for
        async for line in process.stderr:
            said = line.decode(errors="replace").rstrip()
            self._tell(said if name in said else f"{name}: {said}")
        code = await process.wait()
        if not self._ending:
            self._tell(f"{name} has ended: {_ended(code)}")


def _ended(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()


@asynccontextmanager
async def troupe(tell: Tell, at_once: ExitStack) -> AsyncGenerator[Troupe]:
    """Processes that end when the context does; `at_once`, where it is closed before, kills them."""
    players = Troupe(tell, at_once)
    try:
        yield players
    finally:
        await players.end()


@asynccontextmanager
async def own_redis(folder: Path, at_once: ExitStack) -> AsyncGenerator[str]:
    """A Redis that only this user can reach, by a socket in `folder`, and that keeps nothing; its URL. Where `at_once`
    is closed before the context ends, it is killed.

    Raises `ConfigError` where none is installed.
    """
    program = next(filter(None, map(shutil.which, SERVERS)), None)
    if program is None:
        message = "workers meet on a Redis server: install redis-server (or valkey-server), or name one by --redis URL"
        raise ConfigError(message, key="--workers")
    socket = folder / "redis.sock"
    private = ("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700")
    forgetful = ("--save", "", "--appendonly", "no")
    process = await asyncio.create_subprocess_exec(
        program, *private, *forgetful, cwd=folder, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
    )
    at_once.callback(_kill, process)
    try:
        await _listening(socket, process)
        yield f"unix://{socket}"
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _listening(socket: Path, process: Process) -> None:
    """Wait until somebody listens at a socket; no process rings a bell when it does."""
    for _ in range(int(STARTING / 0.05)):
        if process.returncode is not None:
            break
        with suppress(OSError):
            _, writer = await asyncio.open_unix_connection(socket)
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(0.05)
    raise ConfigError(
        "the Redis server that was started does not answer; name another one by --redis URL", key="--workers"
    )
