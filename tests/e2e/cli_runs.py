"""Command lines, run in this process or in one of their own, and simulated vendors for them to read."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from ccstats.cli.app import run
from ccstats.simulator.clock import ManualClock
from ccstats.simulator.face import Face
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.server import Running
from ccstats.simulator.spec import CenterSpec
from ccstats.simulator.stage import Settings, stage
from ccstats_genesys.face import GenesysFace
from ccstats_twilio.face import TwilioFace

COMMAND: Final = (sys.executable, "-P", "-m", "ccstats")
OPENED: Final = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
"""Today: command lines have the clock of this machine, and believe no vendor that is a day away."""
NOW: Final = OPENED + timedelta(minutes=95)
CENTER: Final = generate_spec(1, queues=3, agents=8)
BOUND_S: Final = 20.0
"""No command of these tests takes as long."""
NO_OPTIONS: Final[Mapping[str, Mapping[str, object]]] = {}
SHELL: Final = frozenset({"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"})


@dataclass(frozen=True)
class Ran:
    """What a command line has left behind. Its repr is short: what is looked for in it may be a secret."""

    code: int
    out: str = field(repr=False)
    err: str = field(repr=False)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON lines of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    def of(self, line: str, /, **target: str) -> list[dict[str, Any]]:
        """The JSON lines of one type, of the targets that fit."""
        rows = [row for row in self.rows if row["type"] == line]
        return [row for row in rows if all((row.get("target") or row)[key] == wanted for key, wanted in target.items())]

    @property
    def cells(self) -> list[list[str]]:
        """The rows of a table, cell by cell, without its headings."""
        lines = (line for line in self.out.splitlines() if line.startswith("│"))
        return [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]


@dataclass(frozen=True)
class Vendors:
    """Two simulated vendors being served, and the file of the configuration that reads them."""

    file: str
    twilio: Running
    genesys: Running


class CommandLine:
    """Runs `ccstats` and keeps what it prints."""

    bound = BOUND_S

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def here(self, *arguments: str) -> Ran:
        """Run one command line in this process."""
        self._capsys.readouterr()
        code = run(arguments)
        return Ran(code, *self._capsys.readouterr())

    async def beside(self, *arguments: str) -> Ran:
        """Run one command line in a thread with an event loop of its own, while this one serves the vendors."""
        return await asyncio.to_thread(self.here, *arguments)

    def apart(self, *arguments: str, command: tuple[str, ...] = COMMAND, **more: str) -> Ran:
        """Run one command line in a process of its own, with `more` in its environment."""
        with self.start(*arguments, command=command, **more) as process:
            return self.finish(process)

    def start(
        self, *arguments: str, stdout: Any = subprocess.PIPE, command: tuple[str, ...] = COMMAND, **more: str
    ) -> subprocess.Popen[bytes]:
        """Start one command line in a process of its own, in the folder of this test."""
        return subprocess.Popen(  # the interpreter that runs this test
            [*command, *arguments], cwd=self.folder, env=environment(**more), stdout=stdout, stderr=subprocess.PIPE
        )

    def finish(self, process: subprocess.Popen[bytes]) -> Ran:
        """Wait for the end of a process, within bounds, and read what is left of its output."""
        try:
            out, err = process.communicate(timeout=BOUND_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return Ran(process.returncode, (out or b"").decode(), err.decode())

    def write(self, text: str, name: str = "ccstats.toml") -> str:
        """Write a file and return where it is."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def configure(self, sources: Mapping[str, Mapping[str, object]], **tables: Mapping[str, object]) -> str:
        """Write a configuration and return where it is."""
        parts = {**tables, **{f"sources.{name}": table for name, table in sources.items()}}
        blocks = ["\n".join([f"[{name}]", *_lines(table)]) for name, table in parts.items()]
        return self.write("\n\n".join(blocks) + "\n")

    @asynccontextmanager
    async def vendors(
        self,
        spec: CenterSpec = CENTER,
        *,
        settings: Settings | None = None,
        options: Mapping[str, Mapping[str, object]] = NO_OPTIONS,
        **tables: Mapping[str, object],
    ) -> AsyncGenerator[Vendors]:
        """Serve both vendors with the clock standing still; `options` of a source are by its name."""
        faces: list[Face] = [TwilioFace(), GenesysFace()]
        async with stage(faces, spec, OPENED, clock=ManualClock(NOW), settings=settings) as running:
            sources = {one.face.name: {**one.source(), **options.get(one.face.name, {})} for one in running}
            yield Vendors(self.configure(sources, **tables), *running)


def environment(**more: str) -> dict[str, str]:
    """The environment without what would change a command line."""
    kept = {name: value for name, value in os.environ.items() if name not in SHELL}
    ours = {name: value for name, value in kept.items() if not name.startswith(("CCSTATS_", "PYTEST_", "COV_"))}
    return {**ours, "PYTHONUTF8": "1", **more}


def _lines(table: Mapping[str, object]) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in table.items()]


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_lines(value)) + " }"
    return json.dumps(value, ensure_ascii=False)
